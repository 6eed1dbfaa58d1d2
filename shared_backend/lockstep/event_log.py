"""The append-only log: one contiguous number an event, in commit order."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from shared_backend.database.tables import EventRow, LogCounter
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.lockstep import statements
from shared_backend.utils.exception_handler import ResyncRequired

NOTIFY_CHANNEL = "intellicv_log"

_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_LOG = LogCounter.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, order=True)
class Cursor:
    """How far a reader has come, and in which life of the log."""

    epoch: str
    seq: int


@dataclass(frozen=True)
class Event:
    """One event of the log. `version` is set where it tells of a new version of (kind, entity_id)."""

    seq: int
    event_id: str
    type: str
    source: str
    actor_id: str
    actor_name: str
    kind: str | None
    entity_id: str | None
    version: int | None
    data: dict[str, Any]
    at: datetime
    correlation_id: str

    def to_dict(self, epoch: str) -> dict[str, Any]:
        """As subscribers and other programs get it."""
        return {
            "type": self.type,
            "data": self.data,
            "timestamp": self.at.isoformat(),
            "source": self.source,
            "seq": self.seq,
            "epoch": epoch,
            "event_id": self.event_id,
            "kind": self.kind,
            "entity_id": self.entity_id,
            "version": self.version,
            "actor_id": self.actor_id,
            "actor_name": self.actor_name,
            "correlation_id": self.correlation_id,
        }


@dataclass(frozen=True)
class Draft:
    """An event that is about to be written; the log gives it its number."""

    type: str
    source: str
    data: dict[str, Any]
    kind: str | None = None
    entity_id: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class LogPosition:
    """The log's identity, its newest number, and the number up to which it has been trimmed."""

    epoch: str
    seq: int
    floor: int

    @property
    def cursor(self) -> Cursor:
        """The position as a cursor."""
        return Cursor(self.epoch, self.seq)


def append(
    uow: UnitOfWork, drafts: Sequence[Draft], *, actor_id: str, actor_name: str, at: datetime, correlation_id: str
) -> Cursor:
    """Numbers and writes events, and answers the cursor behind the last one.

    Call it last in a transaction: the counter's row is locked from here to the commit, and that is what makes the
    numbers contiguous and equal to the commit order on both databases.
    """
    shared = {"actor_id": actor_id, "actor_name": actor_name, "at": at, "correlation_id": correlation_id}
    rows = [{**shared, "event_id": str(uuid.uuid4()), **vars(draft)} for draft in drafts]
    if uow.dialect == "postgresql" and len(rows) == 1:
        epoch, last, _ = uow.connection.execute(statements.number_at_once(NOTIFY_CHANNEL), rows[0]).one()
        return Cursor(epoch, last)
    epoch, last = uow.connection.execute(statements.bump_counter(), {"count": len(rows)}).one()
    first = last - len(rows) + 1
    uow.connection.execute(
        statements.insert_event(), [{**row, "seq": first + number} for number, row in enumerate(rows)]
    )
    if uow.dialect == "postgresql":
        uow.connection.execute(statements.notify(NOTIFY_CHANNEL))
    return Cursor(epoch, last)


def position(connection: Connection) -> LogPosition:
    """Where the log stands."""
    epoch, seq, floor = connection.execute(select(_LOG.c.epoch, _LOG.c.seq, _LOG.c.floor)).one()
    return LogPosition(epoch, seq, floor)


def read_since(connection: Connection, seq: int, *, limit: int = 500) -> list[Event]:
    """The events after `seq`, in order, at most `limit`. Says nothing of epoch and floor: see `check_cursor`."""
    rows = connection.execute(select(_EVENT).where(_EVENT.c.seq > seq).order_by(_EVENT.c.seq).limit(limit))
    return [Event(**row._mapping) for row in rows]


def check_cursor(cursor: Cursor, where: LogPosition) -> None:
    """Raises ResyncRequired for a reader of another epoch, below the floor, or ahead of the log."""
    if cursor.epoch != where.epoch:
        raise ResyncRequired(
            "The log was restored or reset since you last read it. Read a fresh snapshot and go on from its cursor.",
            reason="epoch",
        )
    if cursor.seq < where.floor:
        raise ResyncRequired(
            f"Events up to {where.floor} have been trimmed, and you have read up to {cursor.seq}. "
            "Read a fresh snapshot and go on from its cursor.",
            reason="trimmed",
        )
    if cursor.seq > where.seq:
        raise ResyncRequired(
            f"The log ends at {where.seq}; a cursor at {cursor.seq} is not of it. Read a fresh snapshot.",
            reason="ahead",
        )


def trim(uow: UnitOfWork, up_to: int) -> int:
    """Removes events up to and including `up_to`, and answers the new floor. By number, never by time: a late commit
    would be born expired."""
    where = position(uow.connection)
    floor = max(where.floor, min(up_to, where.seq))
    if floor > where.floor:
        uow.connection.execute(delete(_EVENT).where(_EVENT.c.seq <= floor))
        uow.connection.execute(update(LogCounter).values(floor=floor))
    return floor


def count(connection: Connection) -> int:
    """How many events the log holds."""
    return connection.execute(select(func.count()).select_from(EventRow)).scalar_one()
