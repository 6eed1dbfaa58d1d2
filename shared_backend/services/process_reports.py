"""Each process's performance in the database, so that a page in one of them shows all.

One row a process, written over each 15 s: a report has a few KB, and four processes make one small write in four
seconds. It stands among the other measurements of this machine (`monitoring`), under a name of its own.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, insert, select, update

from shared_backend.database.engine import Database
from shared_backend.database.tables import MonitoringRow
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable
from shared_backend.utils.performance_monitor import PerformanceMonitor, performance_monitor

_ROWS = MonitoringRow.__table__  # type: ignore[attr-defined]
# By name, as the table has an index on it; `kind` tells those who read all metrics that this is none.
_KIND: Final = "process"
_NAME: Final = "process.report"
REPORT_S: Final = 15.0
# A process that has missed this many reports is not there any more, or stuck.
SILENT_S: Final = 4 * REPORT_S
_FORGET: Final = timedelta(hours=1)


@dataclass(frozen=True)
class ProcessReport:
    """What one process has told of itself, and when. `report` is PerformanceMonitor.snapshot(), and `breakers` where
    the process has some: see breaker_reports."""

    portal: str
    pid: int
    host: str
    started_at: datetime
    at: datetime
    report: dict[str, Any]

    @property
    def instance(self) -> str:
        """`host:pid`."""
        return f"{self.host}:{self.pid}"


class ProcessReports:
    """Writes one process's report every 15 s; its row is removed at a clean stop."""

    def __init__(
        self,
        database: Database,
        portal: str,
        *,
        monitor: PerformanceMonitor | None = None,
        clock: Clock = utc_now,
        every_s: float = REPORT_S,
        more: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.monitor = monitor or performance_monitor()
        self._database = database
        self._portal = portal
        self._clock = clock
        self._every_s = every_s
        # What else the process has to tell, by name.
        self._more = more
        self._started_at = clock()
        self._row: int | None = None
        self._failures = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._log = structlog.get_logger(__name__)

    def start(self) -> None:
        """Starts the thread, which reports at once."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="process-reports", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Signs off."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
            self._thread = None
        row, self._row = self._row, None
        if row is None:
            return
        try:
            self._database.run(lambda uow: uow.connection.execute(delete(_ROWS).where(_ROWS.c.id == row)))
        except DatabaseUnavailable as error:
            self._log.warning("performance.not_signed_off", reason=error.code)

    def now(self) -> ProcessReport:
        """This process's report of this moment."""
        told = {**self.monitor.snapshot(), **self._more()}
        return ProcessReport(self._portal, os.getpid(), socket.gethostname(), self._started_at, self._clock(), told)

    def write(self) -> None:
        """Writes the report of this moment over the one before. Raises DatabaseUnavailable."""
        now = self.now()
        values = {
            "at": now.at,
            "value": now.report["rss"],
            "attributes": {
                "portal": now.portal,
                "pid": now.pid,
                "host": now.host,
                "started_at": now.started_at.isoformat(),
                "report": now.report,
            },
        }

        def work(uow: UnitOfWork) -> int:
            connection = uow.connection
            if self._row is not None:
                same = update(_ROWS).where(_ROWS.c.id == self._row, _ROWS.c.name == _NAME)
                if connection.execute(same.values(values)).rowcount:
                    return self._row
            # A process that was killed could not sign off.
            connection.execute(delete(_ROWS).where(_ROWS.c.name == _NAME, _ROWS.c.at < now.at - _FORGET))
            row = {**values, "kind": _KIND, "name": _NAME, "unit": "bytes"}
            return int(connection.execute(insert(_ROWS).values(row).returning(_ROWS.c.id)).scalar_one())

        self._row = self._database.run(work)

    def _run(self) -> None:
        while True:
            try:
                self.write()
                self._failures = 0
            except DatabaseUnavailable as error:
                self._failures += 1
                if self._failures == 1:
                    self._log.warning("performance.report_missed", reason=error.code)
            if self._stopping.wait(self._every_s):
                return


def reports(connection: Connection) -> list[ProcessReport]:
    """The newest report of each process that has not signed off, by portal and start."""
    query = select(_ROWS.c.at, _ROWS.c.attributes).where(_ROWS.c.name == _NAME)
    found = [
        ProcessReport(
            str(row.attributes["portal"]),
            int(row.attributes["pid"]),
            str(row.attributes["host"]),
            datetime.fromisoformat(row.attributes["started_at"]),
            row.at,
            dict(row.attributes["report"]),
        )
        for row in connection.execute(query)
    ]
    return sorted(found, key=lambda each: (each.portal, each.started_at))
