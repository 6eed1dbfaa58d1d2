"""Which processes share the database, as they report it themselves."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, delete, insert, select, update

from shared_backend.database.engine import Database
from shared_backend.database.tables import ProcessRow
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.lockstep.watcher import Watcher
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable

_PROCESS = ProcessRow.__table__  # type: ignore[attr-defined]
BEAT_S = 5.0
# A process that has missed this many beats is not there any more, or stuck.
STALE_S = 4 * BEAT_S


@dataclass(frozen=True)
class ProcessInfo:
    """One process: what it is, where it runs, when it last reported and how far it had read then."""

    id: str
    portal: str
    pid: int
    host: str
    started_at: datetime
    beat_at: datetime
    epoch: str
    seq: int
    watcher: dict[str, Any]


class Presence:
    """Reports one process: a row at the start, a beat each 5 s, removed at a clean stop."""

    def __init__(self, database: Database, watcher: Watcher, portal: str, *, clock: Clock = utc_now) -> None:
        self.id = str(uuid.uuid4())
        self.portal = portal
        self._database = database
        self._watcher = watcher
        self._clock = clock
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._log = structlog.get_logger(__name__)

    def start(self) -> None:
        """Writes the first beat and starts the thread."""
        self._beat()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Signs off."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
            self._thread = None
        try:
            self._database.run(lambda uow: uow.connection.execute(delete(ProcessRow).where(_PROCESS.c.id == self.id)))
        except DatabaseUnavailable as error:
            self._log.warning("presence.not_signed_off", reason=error.code)

    def _run(self) -> None:
        while not self._stopping.wait(BEAT_S):
            try:
                self._beat()
            except DatabaseUnavailable as error:
                self._log.warning("presence.beat_missed", reason=error.code)

    def _beat(self) -> None:
        health = self._watcher.health()
        cursor = self._watcher.position
        values = {
            "beat_at": self._clock(),
            "epoch": cursor.epoch,
            "seq": cursor.seq,
            "watcher": {
                "state": health.state,
                "detail": health.detail,
                "restarts": health.restarts,
                "gaps": health.gaps,
            },
        }

        def work(uow: UnitOfWork) -> None:
            found = uow.connection.execute(update(ProcessRow).where(_PROCESS.c.id == self.id).values(**values)).rowcount
            if not found:
                uow.connection.execute(
                    insert(ProcessRow),
                    {
                        "id": self.id,
                        "portal": self.portal,
                        "pid": os.getpid(),
                        "host": socket.gethostname(),
                        "started_at": values["beat_at"],
                        **values,
                    },
                )

        self._database.run(work)


def processes(connection: Connection) -> list[ProcessInfo]:
    """All that have signed on and not off, oldest first."""
    rows = connection.execute(select(_PROCESS).order_by(_PROCESS.c.started_at))
    return [ProcessInfo(**row._mapping) for row in rows]


def forget_stale(uow: UnitOfWork, before: datetime) -> int:
    """Removes the rows of processes that have not reported since `before`; answers how many."""
    return uow.connection.execute(delete(ProcessRow).where(_PROCESS.c.beat_at < before)).rowcount
