"""Metrics, events and traces to Application Insights, by Azure Monitor's OpenTelemetry exporter.

The caller only puts into memory; threads of OpenTelemetry's send. The exporter's own habits are off: usage statistics
to Microsoft, remote configuration, files in the temporary folder, retries.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from azure.monitor.opentelemetry.exporter import (
    AzureMonitorLogExporter,
    AzureMonitorMetricExporter,
    AzureMonitorTraceExporter,
)
from opentelemetry._logs import LogRecord
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared_backend.cloud.azure.credentials import needed
from shared_backend.cloud.azure.failures import PROVIDER
from shared_backend.cloud.azure.shipping import ShippedLogs, ShippedMetrics, ShippedSpans
from shared_backend.cloud.azure.transport import AzureTransport, client_options
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotConfigured, CloudUnavailable
from shared_backend.cloud.never_raising import never_raising
from shared_backend.config.backend_config import set_for_libraries
from shared_backend.config.cloud_azure import AzureSettings

SERVICE = "Azure Monitor"
_SCOPE = "intellicv"
_QUEUE = 10_000
_EVENT = "microsoft.custom_event.name"
# Characters that Application Insights takes of a name, of an attribute's name and of its value.
_MAX_NAME, _MAX_KEY, _MAX_VALUE = 512, 150, 8192
# What OpenTelemetry takes for an instrument's name.
_NAME = re.compile(r"[^-_./a-zA-Z0-9]")


class AzureMonitoring:
    """`contract.Monitoring` on one Application Insights resource."""

    provider = PROVIDER

    def __init__(self, settings: AzureSettings, transport: AzureTransport) -> None:
        needed(settings, "monitor_connection_string")
        assert settings.monitor_connection_string is not None
        set_for_libraries(
            APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL="true",
            APPLICATIONINSIGHTS_SDKSTATS_DISABLED="true",
            APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED="true",
            APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED="true",
        )
        options: dict[str, Any] = {
            **client_options(transport),
            "connection_string": settings.monitor_connection_string.get_secret_value(),
            "credential": None,
            "disable_offline_storage": True,
        }
        try:
            self._logs = ShippedLogs(AzureMonitorLogExporter(**options))
            self._spans = ShippedSpans(AzureMonitorTraceExporter(**options))
            self._metrics = ShippedMetrics(AzureMonitorMetricExporter(**options))
        except ValueError as error:
            raise CloudNotConfigured(
                "INTELLICV_AZURE_MONITOR_CONNECTION_STRING can't be read: copy it whole.", provider=PROVIDER
            ) from error
        resource = Resource({"service.name": "intellicv"})
        every_ms = settings.monitor_interval_s * 1000
        self._log_queue = BatchLogRecordProcessor(
            self._logs, schedule_delay_millis=every_ms, max_queue_size=_QUEUE, max_export_batch_size=512
        )
        self._span_queue = BatchSpanProcessor(
            self._spans, schedule_delay_millis=every_ms, max_queue_size=_QUEUE, max_export_batch_size=512
        )
        self._reader = PeriodicExportingMetricReader(self._metrics, export_interval_millis=every_ms)
        loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
        loggers.add_log_record_processor(self._log_queue)
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(self._span_queue)
        self._meters = MeterProvider(metric_readers=[self._reader], resource=resource, shutdown_on_exit=False)
        self._logger, self._tracer = loggers.get_logger(_SCOPE), tracers.get_tracer(_SCOPE)
        self._meter = self._meters.get_meter(_SCOPE)
        self._instruments: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def metric(self, name: str, value: float, *, unit: str, attributes: Mapping[str, str]) -> None:
        """As in the contract. Measurements of one interval arrive as count, sum, least and greatest."""
        with never_raising("metric"):
            self._instrument(name, unit).record(float(value), _plain(attributes))

    def _instrument(self, name: str, unit: str) -> Any:
        found = self._instruments.get((name, unit))
        if found is None:
            with self._lock:
                safe = _NAME.sub("_", name)[:255]
                safe = safe if safe[:1].isalpha() else f"m{safe}"[:255]
                found = self._meter.create_histogram(safe, unit=unit.encode("ascii", "ignore").decode()[:63])
                self._instruments[name, unit] = found
        return found

    def event(self, name: str, attributes: Mapping[str, str]) -> None:
        """As in the contract."""
        with never_raising("event"):
            self._logger.emit(
                LogRecord(body=name, attributes={**_plain(attributes), _EVENT: name[:_MAX_NAME] or "event"})
            )

    @contextlib.contextmanager
    def trace(self, name: str, attributes: Mapping[str, str]) -> Iterator[None]:
        """As in the contract. What is raised inside goes on, and the trace says that it failed."""
        with self._tracer.start_as_current_span(name[:_MAX_NAME], attributes=_plain(attributes)):
            yield

    def flush(self, *, deadline: Deadline) -> bool:
        """As in the contract. What has not left stays in memory for the next time."""
        left: list[bool] = []
        # OpenTelemetry's own flush has no time limit that holds.
        thread = threading.Thread(target=self._flush, args=(left,), name="azure-monitor-flush", daemon=True)
        thread.start()
        thread.join(deadline.left)
        return left == [True]

    def _flush(self, left: list[bool]) -> None:
        with never_raising("flush"):
            self._log_queue.force_flush()
            self._span_queue.force_flush()
            self._reader.force_flush()
            left.append(all([exporter.shipping.retry() for exporter in (self._logs, self._spans, self._metrics)]))

    def check(self, *, deadline: Deadline) -> str:
        """Sends an event. Answers what was found, in words; raises CloudUnavailable when it did not leave."""
        self.event("probe", {})
        if not self.flush(deadline=deadline):
            raise CloudUnavailable(f"{SERVICE} did not take an event in time.", provider=PROVIDER)
        return "an event was taken"

    def close(self) -> None:
        """Ends the threads. What has not left by then is given up."""
        with never_raising("close"):
            for queue in (self._log_queue, self._span_queue):
                queue.shutdown()
            self._reader.shutdown(timeout_millis=2000)


def _plain(attributes: Any) -> dict[str, str]:
    if not isinstance(attributes, Mapping):
        return {}
    return {str(key)[:_MAX_KEY]: str(value)[:_MAX_VALUE] for key, value in attributes.items()}
