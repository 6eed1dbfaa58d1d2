"""`/metrics`: every process's measurements in Prometheus' text format 0.0.4, for whoever may read them."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from shared_backend.config.backend_config import PREFIX, Settings
from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.services.process_reports import ProcessReport, ProcessReports
from shared_backend.services.system_health import SystemReport, system_report
from shared_backend.utils.clock import utc_now
from shared_backend.utils.exception_handler import PermissionDenied, SignInRequired
from shared_backend.utils.performance_monitor import BUCKETS_S, KINDS, Histogram

_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
# Not `instance` and `job`: Prometheus puts its own names there.
_LABELS = ("process", "host_pid")
_NAME_LABEL = {"request": "route", "page": "page", "job": "kind"}
_KIND_WORDS = {"request": "The gateway's calls", "page": "Runs of the portals' pages", "job": "Background jobs"}


def install_metrics(app: FastAPI, settings: Settings, database: Database, own: ProcessReports) -> None:
    """Adds the route. `own` is the gateway's reporter, whose figures are of the moment of the call."""

    # Not async: the look at the database happens in a thread.
    @app.get("/metrics", summary="Measurements in Prometheus' text format", tags=["health"])
    def metrics(request: Request) -> Response:
        check_may_read(request, settings.metrics_token.get_secret_value())
        report = system_report(database, actor=Actor.system("gateway"), now=utc_now(), own=own)
        return Response(exposition(report), media_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})


def check_may_read(request: Request, token: str) -> None:
    """With a token: who presents it. Without: who calls from this machine, under its own name and through no proxy,
    behind which everybody would seem to be here. Raises SignInRequired, PermissionDenied."""
    if token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
            raise SignInRequired("Present the token of the metrics as Authorization: Bearer …")
        return
    through_proxy = any(name in request.headers for name in _PROXY_HEADERS)
    called = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    here = _is_loopback(request.client.host if request.client else "") and _is_loopback(called)
    if through_proxy or not here:
        raise PermissionDenied(
            f"Only this machine may read the metrics. Set {PREFIX}METRICS_TOKEN to read them elsewhere."
        )


def exposition(report: SystemReport) -> bytes:
    """The whole text. prometheus_client writes it: HELP and TYPE lines, escaping, cumulative buckets are its trade."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(report))
    return bytes(generate_latest(registry))


class _Collected(Collector):
    """A report as metrics."""

    def __init__(self, report: SystemReport) -> None:
        self._report = report

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead of the collection: the names are known, the label values are not."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Prometheus' Collector."""
        processes = self._report.processes
        yield from (_durations(kind, processes) for kind in KINDS)
        yield from (_failures(kind, processes) for kind in KINDS)
        errors = CounterMetricFamily("intellicv_errors", "Errors that were shown, by code.", labels=(*_LABELS, "code"))
        for each in processes:
            for code, count in each.report.get("errors", {}).items():
                errors.add_metric((each.portal, each.instance, code), count)
        yield errors
        yield _gauge("intellicv_memory_bytes", "Resident memory.", processes, "rss")
        yield _gauge("intellicv_threads", "Threads.", processes, "threads")
        yield _gauge("intellicv_uptime_seconds", "Seconds since the process began to measure.", processes, "uptime_s")
        cpu = CounterMetricFamily("intellicv_cpu_seconds", "CPU time that the process has used.", labels=_LABELS)
        for each in processes:
            cpu.add_metric((each.portal, each.instance), each.report.get("cpu_s", 0))
        yield cpu
        age = GaugeMetricFamily("intellicv_report_age_seconds", "Age of the process's report.", labels=_LABELS)
        for each in processes:
            age.add_metric((each.portal, each.instance), max((self._report.at - each.at).total_seconds(), 0.0))
        yield age
        depth = GaugeMetricFamily("intellicv_queue_depth", "Entries that wait in a queue.", labels=("queue",))
        for queue in self._report.queues:
            depth.add_metric((queue.name,), queue.depth)
        yield depth


def _durations(kind: str, processes: Iterable[ProcessReport]) -> Metric:
    family = HistogramMetricFamily(
        f"intellicv_{kind}_duration_seconds",
        f"{_KIND_WORDS[kind]}: how long they took.",
        labels=(*_LABELS, _NAME_LABEL[kind]),
    )
    for each in processes:
        for name, told in each.report.get("series", {}).get(kind, {}).items():
            histogram, below = Histogram.of(told), 0
            buckets = []
            for bound, count in zip((*map(repr, BUCKETS_S), "+Inf"), histogram.counts, strict=True):
                below += count
                buckets.append((bound, below))
            family.add_metric((each.portal, each.instance, name), buckets, histogram.total_s)
    return family


def _failures(kind: str, processes: Iterable[ProcessReport]) -> Metric:
    family = CounterMetricFamily(
        f"intellicv_{kind}_failures", f"{_KIND_WORDS[kind]} that failed.", labels=(*_LABELS, _NAME_LABEL[kind])
    )
    for each in processes:
        for name, told in each.report.get("series", {}).get(kind, {}).items():
            family.add_metric((each.portal, each.instance, name), told["failed"])
    return family


def _gauge(name: str, what: str, processes: Iterable[ProcessReport], field: str) -> Metric:
    family = GaugeMetricFamily(name, what, labels=_LABELS)
    for each in processes:
        family.add_metric((each.portal, each.instance), each.report.get(field, 0))
    return family


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
