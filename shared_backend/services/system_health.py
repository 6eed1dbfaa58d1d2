"""How the product does as a whole: every process's report, and what waits in the queues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared_backend.cloud import journal
from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.jobs import reads as jobs
from shared_backend.lockstep.consumers import consumers
from shared_backend.services.process_reports import SILENT_S, ProcessReport, ProcessReports, reports
from shared_backend.utils.performance_monitor import KINDS, Histogram


@dataclass(frozen=True)
class Queue:
    """Work that waits. `depth` counts its entries; `what` says in words what they are."""

    name: str
    what: str
    depth: int


@dataclass(frozen=True)
class SystemReport:
    """Every process and every queue, as of `at`. `silent` are the instances that have stopped reporting."""

    at: datetime
    processes: tuple[ProcessReport, ...]
    queues: tuple[Queue, ...]
    silent: frozenset[str]

    def histograms(self, kind: str) -> dict[str, Histogram]:
        """Those of all processes by name, most observations first."""
        parts: dict[str, list[Histogram]] = {}
        for process in self.processes:
            for name, told in process.report.get("series", {}).get(kind, {}).items():
                parts.setdefault(name, []).append(Histogram.of(told))
        found = {name: Histogram.sum(each) for name, each in parts.items()}
        return dict(sorted(found.items(), key=lambda item: (-item[1].count, item[0])))

    def errors(self) -> dict[str, int]:
        """Errors that people and programs were shown, by code, most first."""
        found: dict[str, int] = {}
        for process in self.processes:
            for code, count in process.report.get("errors", {}).items():
                found[code] = found.get(code, 0) + int(count)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def failed(self) -> int:
        """Requests, pages and jobs that failed."""
        return sum(each.failed for kind in KINDS for each in self.histograms(kind).values())


def system_report(
    database: Database, *, actor: Actor, now: datetime, own: ProcessReports | None = None
) -> SystemReport:
    """All that is known. `own`: this process's, whose report is then of this moment. Raises PermissionDenied."""
    actor.require(Permission.READ_ALL, "see how the product does")
    with database.read() as connection:
        found = reports(connection)
        entries = journal.counts(connection)
        states = jobs.counts(connection)
        lag = max((each.lag for each in consumers(connection)), default=0)
    if own is not None:
        mine = own.now()
        found = [each for each in found if (each.portal, each.instance) != (mine.portal, mine.instance)] + [mine]
        found.sort(key=lambda each: (each.portal, each.started_at))
    waiting = entries.get("pending", 0) + entries.get("intent", 0)
    return SystemReport(
        now,
        tuple(found),
        (
            Queue("jobs", "Background jobs waiting or running", states["waiting"] + states["running"]),
            Queue("cloud_journal", "Cloud writes waiting for their primary", waiting),
            Queue("consumers", "Events the slowest consumer has not read", lag),
        ),
        frozenset(each.instance for each in found if (now - each.at).total_seconds() > SILENT_S),
    )
