"""Metrics, events and traces into the database, off the caller's thread."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, delete, insert

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.local.disk import PROVIDER
from shared_backend.cloud.local.monitoring_record import Record, record
from shared_backend.database.engine import Database
from shared_backend.database.tables import MonitoringRow
from shared_backend.utils.clock import Clock, utc_now

_ROWS = MonitoringRow.__table__  # type: ignore[attr-defined]
_BATCH = 500
_RETRY_S = (0.5, 1.0, 2.0, 5.0, 10.0)
DROPPED = "intellicv.monitoring.dropped"


class LocalMonitoring:
    """A `Monitoring`. Its thread starts with the first record and writes in batches.

    While the database is away, up to `capacity` records wait; what comes then is dropped and counted, and the count is
    written as an event when the database is back.
    """

    provider = PROVIDER

    def __init__(
        self,
        database: Database,
        *,
        keep_days: int = 30,
        capacity: int = 10_000,
        interval_s: float = 0.5,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._keep = timedelta(days=keep_days)
        self._capacity = capacity
        self._interval_s = interval_s
        self._clock = clock
        self._log = structlog.get_logger(__name__)
        self._changed = threading.Condition()
        self._waiting: deque[Record] = deque()
        self._given = 0
        self._written = 0
        self._dropped = 0
        self._hurry = False
        self._closing = False
        self._thread: threading.Thread | None = None

    def metric(self, name: str, value: float, *, unit: str, attributes: Mapping[str, str]) -> None:
        """See Monitoring. A value that is no finite number is dropped."""
        self._take("metric", name, value, unit, attributes)

    def event(self, name: str, attributes: Mapping[str, str]) -> None:
        """See Monitoring."""
        self._take("event", name, None, "", attributes)

    @contextmanager
    def trace(self, name: str, attributes: Mapping[str, str]) -> Iterator[None]:
        """See Monitoring. What is raised inside goes on, and is named in the attribute `error`."""
        started = time.perf_counter()
        failed = ""
        try:
            yield
        except BaseException as error:
            failed = type(error).__name__
            raise
        finally:
            given = dict(attributes) if isinstance(attributes, Mapping) else {}
            if failed:
                given["error"] = failed
            self._take("trace", name, (time.perf_counter() - started) * 1000, "ms", given)

    def flush(self, *, deadline: Deadline) -> bool:
        """See Monitoring."""
        with self._changed:
            wanted = self._given
            self._hurry = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._written >= wanted, timeout=deadline.left)

    @property
    def dropped(self) -> int:
        """How many were dropped since the last that could be written."""
        return self._dropped

    def prune(self) -> int:
        """Removes what is older than it is to be kept; answers how many."""
        oldest = self._clock() - self._keep
        return self._database.run(lambda uow: prune_monitoring(uow.connection, before=oldest))

    def close(self) -> None:
        """Writes what waits, if that is quick, and ends the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=5.0)

    def _take(self, kind: str, name: object, value: object, unit: object, attributes: object) -> None:
        try:
            made = record(kind, name, at=self._clock(), value=value, unit=unit, attributes=attributes)
        except Exception as error:
            # Whatever an object does when it is asked for its text: monitoring is never why something fails.
            self._log.warning("monitoring can't take a record", error=type(error).__name__)
            return
        if made is None:
            return
        with self._changed:
            if self._closing or len(self._waiting) >= self._capacity:
                self._dropped += 1
                return
            self._waiting.append(made)
            self._given += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="local-monitoring", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        failures = 0
        while True:
            with self._changed:
                pause = self._interval_s if not failures else _RETRY_S[min(failures, len(_RETRY_S)) - 1]
                self._changed.wait_for(lambda: self._hurry or self._closing, timeout=pause)
                closing, self._hurry = self._closing, False
                batch = [self._waiting[place] for place in range(min(_BATCH, len(self._waiting)))]
                dropped = self._dropped
            if batch or dropped:
                failures = 0 if self._store(batch, dropped) else failures + 1
            with self._changed:
                if len(self._waiting) and not failures:
                    self._hurry = True
                elif closing:
                    return

    def _store(self, batch: list[Record], dropped: int) -> bool:
        """Writes a batch; on a failure everything stays where it is."""
        records = [*batch]
        if dropped:
            told = record("event", DROPPED, at=self._clock(), attributes={"count": str(dropped)})
            assert told is not None
            records.append(told)
        try:
            with self._database.write() as uow:
                uow.connection.execute(insert(_ROWS), [known.row() for known in records])
        except Exception as error:
            # A thread that ends here would take all later records with it; the next attempt is later.
            self._log.warning("monitoring could not write", error=type(error).__name__, waiting=len(self._waiting))
            return False
        with self._changed:
            for _ in batch:
                self._waiting.popleft()
            self._written += len(batch)
            self._dropped -= dropped
            self._changed.notify_all()
        return True


def prune_monitoring(connection: Connection, *, before: datetime) -> int:
    """Removes what is older; answers how many records."""
    return int(connection.execute(delete(_ROWS).where(_ROWS.c.at < before)).rowcount)
