"""Metrics to Amazon CloudWatch, events and traces to its logs. The caller only puts into memory; a thread sends."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from shared_backend.cloud.aws.clients import AwsClients, needed
from shared_backend.cloud.aws.failures import PROVIDER
from shared_backend.cloud.aws.shipping import Measured, Said, Shipping, plain
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.cloud.never_raising import never_raising
from shared_backend.config.cloud_aws import AwsSettings

# Kept in memory while they wait; beyond it the oldest go.
_QUEUE = 20_000
# Seconds for one shipment.
_SHIP_S = 10.0
# What CloudWatch takes for a value.
_MAX_VALUE = 2.0**360
_UNITS: Mapping[str, str] = {
    "us": "Microseconds",
    "ms": "Milliseconds",
    "s": "Seconds",
    "b": "Bytes",
    "by": "Bytes",
    "bytes": "Bytes",
    "%": "Percent",
    "1": "Count",
    "count": "Count",
}


class CloudWatchMonitoring:
    """`contract.Monitoring` on one namespace and one log group."""

    provider = PROVIDER

    def __init__(self, settings: AwsSettings, clients: AwsClients) -> None:
        needed(settings, "region", "cloudwatch_namespace")
        self._shipping = Shipping(settings, clients)
        self._interval_s = settings.cloudwatch_interval_s
        self._measured: deque[Measured] = deque(maxlen=_QUEUE)
        self._said: deque[Said] = deque(maxlen=_QUEUE)
        self._ended = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="cloudwatch", daemon=True)
        self._thread.start()

    def metric(self, name: str, value: float, *, unit: str, attributes: Mapping[str, str]) -> None:
        """As in the contract. The attributes become dimensions; Amazon bills each combination of them."""
        with never_raising("metric"):
            number = float(value)
            if math.isfinite(number) and abs(number) <= _MAX_VALUE:
                # It takes times to the second, and a measurement of one's own a minute is what it shows.
                self._measured.append(
                    Measured(name, _UNITS.get(unit.lower(), "None"), plain(attributes), number, int(time.time()))
                )

    def event(self, name: str, attributes: Mapping[str, str]) -> None:
        """As in the contract: a line of JSON in the log group, `event` and `attributes`."""
        with never_raising("event"):
            self._said.append(Said({"event": name[:512] or "event", "attributes": dict(plain(attributes))}))

    @contextlib.contextmanager
    def trace(self, name: str, attributes: Mapping[str, str]) -> Iterator[None]:
        """As in the contract: a line of JSON in the log group, `trace`, `ms`, `failed` and `attributes`."""
        started, failed = time.perf_counter(), True
        try:
            yield
            failed = False
        finally:
            with never_raising("trace"):
                took = round((time.perf_counter() - started) * 1000, 3)
                line = {"trace": name[:512], "ms": took, "failed": failed, "attributes": dict(plain(attributes))}
                self._said.append(Said(line))

    def flush(self, *, deadline: Deadline) -> bool:
        """As in the contract. What has not left stays in memory for the next time."""
        with never_raising("flush"):
            if self._one_at_a_time.acquire(timeout=deadline.left):
                try:
                    return self._shipping.ship(_drained(self._measured), _drained(self._said), deadline)
                finally:
                    self._one_at_a_time.release()
        return False

    def _run(self) -> None:
        while not self._ended.wait(self._interval_s):
            self.flush(deadline=Deadline(_SHIP_S))

    def check(self, *, deadline: Deadline) -> str:
        """Sends an event. Answers what was found, in words; raises CloudUnavailable when it did not leave."""
        self.event("probe", {})
        if not self.flush(deadline=deadline):
            raise CloudUnavailable(
                f"CloudWatch did not take the {Capability.MONITORING.value} in time.", provider=PROVIDER
            )
        return "an event was taken"

    def close(self) -> None:
        """Ends the thread. What has not left by then is given up."""
        self._ended.set()
        self._thread.join(2)


def _drained(queue: deque[Any]) -> list[Any]:
    # Others go on putting in, so that it is emptied by what it had.
    return [queue.popleft() for _ in range(len(queue))]
