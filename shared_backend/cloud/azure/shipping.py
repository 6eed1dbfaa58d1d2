"""Batches on their way to Application Insights: what could not be sent waits in memory, and is sent before the next."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from shared_backend.cloud import wire
from shared_backend.cloud.deadline import Deadline

# Batches kept while Azure is away, and how often one is tried before it is taken for one that is refused for good.
_KEPT = 64
_TRIES = 20
# Seconds for sending one batch.
_EXPORT_S = 10.0


class Shipping:
    """One kind's queue of batches. Threads may share it."""

    def __init__(self, send: Callable[[Any], bool]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._waiting: deque[list[Any]] = deque(maxlen=_KEPT)

    def ship(self, batch: Any) -> bool:
        """Sends what waits and then this batch, oldest first; answers whether all has left."""
        with self._lock:
            self._waiting.append([batch, 0])
            return self._send_waiting()

    def retry(self) -> bool:
        """Sends what waits; answers whether all has left."""
        with self._lock:
            return self._send_waiting()

    def _send_waiting(self) -> bool:
        while self._waiting:
            entry = self._waiting[0]
            entry[1] += 1
            with wire.within(Deadline(_EXPORT_S)):
                sent = self._send(entry[0])
            if not sent and entry[1] < _TRIES:
                return False
            self._waiting.popleft()
        return True


class ShippedSpans(SpanExporter):
    """A span exporter over `inner`."""

    def __init__(self, inner: Any) -> None:
        self.shipping = Shipping(lambda batch: inner.export(batch) is SpanExportResult.SUCCESS)

    def export(self, spans: Any) -> SpanExportResult:
        """Sends them, or keeps them for the next time."""
        return SpanExportResult.SUCCESS if self.shipping.ship(spans) else SpanExportResult.FAILURE


class ShippedLogs(LogRecordExporter):
    """A log exporter over `inner`."""

    def __init__(self, inner: Any) -> None:
        self.shipping = Shipping(lambda batch: inner.export(batch) is LogRecordExportResult.SUCCESS)

    def export(self, batch: Any) -> LogRecordExportResult:
        """Sends them, or keeps them for the next time."""
        return LogRecordExportResult.SUCCESS if self.shipping.ship(batch) else LogRecordExportResult.FAILURE

    def force_flush(self, timeout_millis: int = 10_000) -> bool:
        """Sends what waits."""
        return self.shipping.retry()

    def shutdown(self) -> None:
        """Nothing to close: the connections are the provider's."""


class ShippedMetrics(MetricExporter):
    """A metric exporter over `inner`."""

    def __init__(self, inner: Any) -> None:
        super().__init__(preferred_temporality=inner._preferred_temporality)
        self.shipping = Shipping(lambda batch: inner.export(batch) is MetricExportResult.SUCCESS)

    def export(self, metrics_data: Any, timeout_millis: float = 10_000, **_: Any) -> MetricExportResult:
        """Sends them, or keeps them for the next time."""
        return MetricExportResult.SUCCESS if self.shipping.ship(metrics_data) else MetricExportResult.FAILURE

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """Sends what waits."""
        return self.shipping.retry()

    def shutdown(self, timeout_millis: float = 30_000, **_: Any) -> None:
        """Nothing to close: the connections are the provider's."""
