"""A lease: one does the work, the others leave it alone. It lapses when its holder dies.

It spares work and nothing more. Clocks differ and processes are stopped for minutes: whoever works under a lease must
be right even while somebody else believes to hold it too.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shared_backend.database.engine import Database
from shared_backend.database.tables import CloudLeaseRow
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable

_LEASE = CloudLeaseRow.__table__  # type: ignore[attr-defined]


class Lease:
    """`take()` it, `keep()` it while at work, `give_back()` at the end."""

    def __init__(self, database: Database, name: str, *, seconds: float = 30.0, clock: Clock = utc_now) -> None:
        self._database = database
        self._name = name
        self._seconds = seconds
        self._clock = clock
        self.holder = uuid.uuid4().hex
        self._renewed = 0.0

    def take(self) -> bool:
        """Whether it is ours now: it was free, has lapsed, or was ours already."""
        now = self._clock()
        until = now + timedelta(seconds=self._seconds)

        def work(uow):  # type: ignore[no-untyped-def]
            insert = (sqlite if self._database.dialect == "sqlite" else postgresql).insert(_LEASE)
            uow.connection.execute(
                insert.values(name=self._name, holder=self.holder, until=until).on_conflict_do_nothing()
            )
            free = (_LEASE.c.until <= now) | (_LEASE.c.holder == self.holder)
            taking = update(_LEASE).where(_LEASE.c.name == self._name, free)
            return bool(uow.connection.execute(taking.values(holder=self.holder, until=until)).rowcount)

        taken = self._database.run(work)
        if taken:
            self._renewed = time.monotonic()
        return taken

    def keep(self) -> bool:
        """Renews it when a third of its time has gone; False when somebody else has it by now."""
        return time.monotonic() - self._renewed < self._seconds / 3 or self.take()

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """For work whose single steps may take longer than the lease: what was taken is renewed beside it, and given
        back at the end."""
        done = threading.Event()
        beside = threading.Thread(target=self._renew, args=(done,), name=f"lease {self._name}", daemon=True)
        beside.start()
        try:
            yield
        finally:
            done.set()
            # Only then: one that is being renewed now would be taken again after it was given back.
            beside.join()
            self.give_back()

    def _renew(self, done: threading.Event) -> None:
        while not done.wait(self._seconds / 3):
            try:
                if not self.take():
                    return
            except DatabaseUnavailable as error:
                structlog.get_logger(__name__).warning("lease.not_renewed", lease=self._name, reason=error.code)

    def give_back(self) -> None:
        """Frees it for the next."""
        mine = (_LEASE.c.name == self._name) & (_LEASE.c.holder == self.holder)
        self._database.run(lambda uow: uow.connection.execute(delete(_LEASE).where(mine)))

    def held_by_another(self) -> bool:
        """Whether somebody else holds it now."""
        with self._database.read() as connection:
            row = connection.execute(select(_LEASE).where(_LEASE.c.name == self._name)).first()
        return row is not None and row.holder != self.holder and row.until > self._clock()
