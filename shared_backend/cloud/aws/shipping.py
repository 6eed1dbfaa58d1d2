"""Measurements and lines on their way to CloudWatch: what could not be sent waits, and is sent before what is newer."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from botocore.exceptions import ClientError

from shared_backend.cloud.aws.clients import AwsClients
from shared_backend.cloud.aws.failures import calling, error_code
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudInvalid
from shared_backend.config.cloud_aws import AwsSettings

SERVICE = "Amazon CloudWatch"
# Requests kept while AWS is away, and how often one is tried before it is taken for one that is refused for good.
_KEPT, _TRIES = 64, 20
# What CloudWatch takes: different values in one entry, entries in a request, attributes of a metric.
_VALUES, _ENTRIES, _DIMENSIONS = 150, 500, 30
# What its logs take: lines in a request, and bytes, of which each line costs 26 more.
_LINES, _BYTES = 1_000, 900_000
_MAX_NAME, _MAX_VALUE, _MAX_LINE = 255, 1024, 200_000


@dataclass(frozen=True)
class Measured:
    """One measurement; `at` in whole seconds."""

    name: str
    unit: str
    attributes: tuple[tuple[str, str], ...]
    value: float
    at: int


@dataclass(frozen=True)
class Said:
    """One line of the log."""

    line: Mapping[str, Any]
    at_ms: int = field(default_factory=lambda: int(time.time() * 1000))


@dataclass
class _Request:
    operation: str
    arguments: dict[str, Any]
    tries: int = 0


class Shipping:
    """What waits to be sent, request by request. One thread at a time calls it."""

    def __init__(self, settings: AwsSettings, clients: AwsClients) -> None:
        self._metrics, self._logs = clients.get("cloudwatch"), clients.get("logs")
        self._namespace = settings.cloudwatch_namespace or ""
        host = "".join(c for c in socket.gethostname() if c.isalnum() or c in "-.")
        self._stream = {
            "logGroupName": settings.cloudwatch_log_group,
            "logStreamName": f"{host[:100]}-{os.getpid()}-{secrets.token_hex(4)}",
        }
        self._waiting: deque[_Request] = deque(maxlen=_KEPT)

    def ship(self, measured: Sequence[Measured], said: Sequence[Said], deadline: Deadline) -> bool:
        """Sends what waits and then these, oldest first; answers whether all has left. Never raises CloudError."""
        data = _entries(measured)
        for start in range(0, len(data), _ENTRIES):
            arguments = {"Namespace": self._namespace, "MetricData": data[start : start + _ENTRIES]}
            self._waiting.append(_Request("put_metric_data", arguments))
        for lines in _batches(said):
            self._waiting.append(_Request("put_log_events", {**self._stream, "logEvents": lines}))
        while self._waiting:
            request = self._waiting[0]
            try:
                with calling(SERVICE, deadline):
                    self._send(request)
            except CloudError as error:
                request.tries += 1
                if not isinstance(error, CloudInvalid) and request.tries < _TRIES:
                    return False
                structlog.get_logger(__name__).warning("monitoring given up", error=type(error).__name__)
            self._waiting.popleft()
        return True

    def _send(self, request: _Request) -> None:
        if request.operation == "put_metric_data":
            self._metrics.put_metric_data(**request.arguments)
            return
        try:
            self._logs.put_log_events(**request.arguments)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            self._make_stream()
            self._logs.put_log_events(**request.arguments)

    def _make_stream(self) -> None:
        group = {"logGroupName": self._stream["logGroupName"]}
        for make, arguments in ((self._logs.create_log_group, group), (self._logs.create_log_stream, self._stream)):
            try:
                make(**arguments)
            except ClientError as error:
                if error_code(error) != "ResourceAlreadyExistsException":
                    raise


def plain(attributes: Any) -> tuple[tuple[str, str], ...]:
    """Attributes as they are kept: sorted, of lengths that can be sent; nothing of what is no mapping."""
    if not isinstance(attributes, Mapping):
        return ()
    pairs = ((str(key)[:_MAX_NAME], str(value)[:_MAX_VALUE]) for key, value in attributes.items())
    return tuple(sorted(pairs))[:_DIMENSIONS]


def _entries(measured: Sequence[Measured]) -> list[dict[str, Any]]:
    """One entry for all values of the same name, unit, attributes and minute, so that percentiles can be told."""
    groups: defaultdict[tuple[Any, ...], Counter[float]] = defaultdict(Counter)
    for each in measured:
        groups[each.name, each.unit, each.attributes, each.at // 60][each.value] += 1
    entries = []
    for (name, unit, attributes, minute), counts in groups.items():
        values = list(counts.items())
        for start in range(0, len(values), _VALUES):
            part = values[start : start + _VALUES]
            entries.append(
                {
                    "MetricName": _ascii(name, _MAX_NAME) or "metric",
                    "Unit": unit,
                    "Dimensions": _dimensions(attributes),
                    "Timestamp": datetime.fromtimestamp(minute * 60, UTC),
                    "Values": [value for value, _ in part],
                    "Counts": [float(count) for _, count in part],
                }
            )
    return entries


def _dimensions(attributes: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    named = {_ascii(key, _MAX_NAME).lstrip(":"): _ascii(value, _MAX_VALUE) for key, value in attributes}
    return [{"Name": key, "Value": value} for key, value in named.items() if key and value]


def _ascii(text: str, most: int) -> str:
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text[:most]).strip()


def _batches(said: Sequence[Said]) -> list[list[dict[str, Any]]]:
    batches: list[list[dict[str, Any]]] = []
    size = 0
    for each in sorted(said, key=lambda one: one.at_ms):
        message = json.dumps(each.line)[:_MAX_LINE]
        cost = len(message) + 26
        if not batches or len(batches[-1]) == _LINES or size + cost > _BYTES:
            batches.append([])
            size = 0
        batches[-1].append({"timestamp": each.at_ms, "message": message})
        size += cost
    return batches
