"""Durable named consumers: at least once, in order, and exactly once for effects in this database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from shared_backend.database.engine import Database
from shared_backend.database.tables import ConsumerRow
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.lockstep.event_log import (
    Cursor,
    Event,
    LogPosition,
    check_cursor,
    position,
    read_since,
    trim,
)
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import InvalidInput, ResyncRequired

_CONSUMER = ConsumerRow.__table__  # type: ignore[attr-defined]

Handler = Callable[[Event, UnitOfWork], None]


@dataclass(frozen=True)
class ConsumerInfo:
    """Where a consumer stands: `lag` in events behind the log; `state` live or expired."""

    name: str
    epoch: str
    seq: int
    state: str
    failures: int
    last_error: str | None
    updated_at: datetime
    lag: int


class DurableConsumer:
    """Reads the log under a name that outlives the process.

    The handler gets each event with the unit of work that also moves the cursor: what it writes there happens exactly
    once, and two processes under one name take turns. What it does elsewhere happens at least once.
    """

    def __init__(self, database: Database, name: str, handler: Handler, *, clock: Clock = utc_now) -> None:
        if not isinstance(name, str) or not 1 <= len(name) <= 80 or not name.isprintable():
            raise InvalidInput("A consumer's name is 1 to 80 printable characters.")
        self.database = database
        self.name = name
        self._handler = handler
        self._clock = clock

    def start_at(self, cursor: Cursor | None = None) -> Cursor:
        """Registers the consumer at `cursor` (None: at the beginning of what the log still holds), or keeps the place
        that it has. Answers the place."""

        def work(uow: UnitOfWork) -> Cursor:
            row = self._locked(uow)
            if row is not None:
                return Cursor(row.epoch, row.seq)
            where = position(uow.connection)
            place = cursor or Cursor(where.epoch, where.floor)
            check_cursor(place, where)
            values = {"name": self.name, "epoch": place.epoch, "seq": place.seq, "state": "live"}
            uow.connection.execute(
                insert(ConsumerRow), {**values, "failures": 0, "last_error": None, "updated_at": self._clock()}
            )
            return place

        return self.database.run(work)

    def resync(self, cursor: Cursor) -> None:
        """Moves the consumer to the cursor of a snapshot that its owner has read; the way out of ResyncRequired."""

        def work(uow: UnitOfWork) -> None:
            check_cursor(cursor, position(uow.connection))
            values = {"epoch": cursor.epoch, "seq": cursor.seq, "state": "live", "failures": 0, "last_error": None}
            self._update(uow.connection, **values)

        self.database.run(work)

    def poll(self, *, limit: int = 100) -> int:
        """Handles up to `limit` events, each batch in one transaction, and answers how many.

        Raises ResyncRequired when its place is gone, and whatever the handler raised: the batch is undone then, the
        failure is counted, and the next poll begins at the same event.
        """
        try:
            return self.database.run(lambda uow: self._handle(uow, limit))
        except ResyncRequired:
            raise
        except Exception as error:
            self._note_failure(error)
            raise

    def _handle(self, uow: UnitOfWork, limit: int) -> int:
        row = self._locked(uow)
        if row is None:
            raise InvalidInput(f"The consumer {self.name!r} has not been started. Call start_at first.")
        check_cursor(Cursor(row.epoch, row.seq), position(uow.connection))
        events = read_since(uow.connection, row.seq, limit=limit)
        for event in events:
            self._handler(event, uow)
        if events:
            self._update(uow.connection, seq=events[-1].seq, failures=0, last_error=None, state="live")
        return len(events)

    def _note_failure(self, error: Exception) -> None:
        # The kind of error only: its text may quote what a person typed.
        words = f"{type(error).__module__}.{type(error).__name__}"
        self.database.run(lambda uow: self._update(uow.connection, failures=ConsumerRow.failures + 1, last_error=words))

    def _locked(self, uow: UnitOfWork) -> ConsumerRow | None:
        query = select(_CONSUMER).where(_CONSUMER.c.name == self.name)
        if uow.dialect == "postgresql":
            query = query.with_for_update()
        return uow.connection.execute(query).first()  # type: ignore[return-value]

    def _update(self, connection: Connection, **values: object) -> None:
        connection.execute(
            update(ConsumerRow).where(_CONSUMER.c.name == self.name).values(updated_at=self._clock(), **values)
        )


def consumers(connection: Connection) -> list[ConsumerInfo]:
    """All consumers, by name."""
    where = position(connection)
    rows = connection.execute(select(_CONSUMER).order_by(_CONSUMER.c.name))
    return [ConsumerInfo(**row._mapping, lag=_lag(row.epoch, row.seq, where)) for row in rows]


def trim_log(uow: UnitOfWork, *, keep: int, hold_cap: int) -> int:
    """Trims the log to its newest `keep` events, but not below where a live consumer stands, unless that holds more
    than `hold_cap` events: then the consumer expires, and is told to resync when it comes back. Answers the floor."""
    where = position(uow.connection)
    target = where.seq - keep
    for consumer in consumers(uow.connection):
        if consumer.state != "live" or consumer.epoch != where.epoch:
            continue
        if where.seq - consumer.seq > hold_cap:
            uow.connection.execute(update(ConsumerRow).where(_CONSUMER.c.name == consumer.name).values(state="expired"))
        else:
            target = min(target, consumer.seq)
    return trim(uow, target)


def _lag(epoch: str, seq: int, where: LogPosition) -> int:
    return where.seq - seq if epoch == where.epoch else where.seq
