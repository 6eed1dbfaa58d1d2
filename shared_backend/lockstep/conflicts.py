"""Conflicts: kept when they happen, open until somebody has looked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from shared_backend.database.tables import ConflictRow
from shared_backend.lockstep.fields import MISSING, differ
from shared_backend.lockstep.merging import Authorship, Collision

_CONFLICT = ConflictRow.__table__  # type: ignore[attr-defined]

RESOLUTIONS = {"accept": "accepted", "dismiss": "dismissed", "apply_mine": "applied"}


@dataclass(frozen=True)
class ConflictInfo:
    """One field on which two edits met. The values are MISSING where a side had removed the field."""

    id: str
    kind: str
    entity_id: str
    path: str
    base_version: int
    version: int
    reason: str
    base_value: Any
    winning_value: Any
    winner_id: str
    winner_name: str
    winner_source: str
    losing_value: Any
    loser_id: str
    loser_name: str
    loser_source: str
    status: str
    opened_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolved_by_name: str | None
    resolved_version: int | None

    def is_between(self, present: Any) -> bool:
        """Whether what stands now is still one of the two values that met, and nobody's edit of later."""
        return not differ(present, self.winning_value) or not differ(present, self.losing_value)


def keep(
    connection: Connection,
    collisions: list[Collision],
    *,
    kind: str,
    entity_id: str,
    mine: Authorship,
    base_version: int,
    version: int,
    at: datetime,
) -> list[str]:
    """Writes one row a collision and answers their ids. `version` is the head that the merge left behind."""
    rows = [_row(c, mine, kind, entity_id, base_version, version, at) for c in collisions]
    connection.execute(insert(ConflictRow), rows)
    return [row["id"] for row in rows]


def get(connection: Connection, conflict_id: str, *, lock: bool = False) -> ConflictInfo | None:
    """One conflict, or None."""
    query = select(_CONFLICT).where(_CONFLICT.c.id == conflict_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return from_row(row._mapping) if row else None


def find(
    connection: Connection,
    *,
    status: str | None = "open",
    kind: str | None = None,
    entity_id: str | None = None,
    of_account: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[ConflictInfo], int]:
    """A page of conflicts, newest first, and how many there are. `of_account` keeps those that a person is a side of,
    or that are about the entity with their id."""
    query = select(_CONFLICT)
    if status:
        query = query.where(_CONFLICT.c.status == status)
    if kind:
        query = query.where(_CONFLICT.c.kind == kind)
    if entity_id:
        query = query.where(_CONFLICT.c.entity_id == entity_id)
    if of_account:
        query = query.where(or_(_CONFLICT.c.entity_id == of_account, _CONFLICT.c.loser_id == of_account))
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    page = query.order_by(_CONFLICT.c.opened_at.desc(), _CONFLICT.c.id).limit(limit).offset(offset)
    return [from_row(row._mapping) for row in connection.execute(page)], total


def count_open(connection: Connection) -> int:
    """How many conflicts nobody has looked at."""
    query = select(func.count()).select_from(_CONFLICT).where(_CONFLICT.c.status == "open")
    return connection.execute(query).scalar_one()


def close(
    connection: Connection,
    conflict_id: str,
    *,
    status: str,
    by_id: str,
    by_name: str,
    at: datetime,
    version: int | None,
) -> None:
    """Closes a conflict; `version` is the one that applied the losing value, if any."""
    connection.execute(
        update(ConflictRow)
        .where(_CONFLICT.c.id == conflict_id)
        .values(status=status, resolved_at=at, resolved_by=by_id, resolved_by_name=by_name, resolved_version=version)
    )


def _row(
    collision: Collision, mine: Authorship, kind: str, entity_id: str, base_version: int, version: int, at: datetime
) -> dict[str, Any]:
    my_side, their_side = (mine, collision.mine), (collision.theirs_author, collision.theirs)
    winner, loser = (my_side, their_side) if collision.mine_wins else (their_side, my_side)
    overridden = collision.reason == "override"
    return {
        "id": str(uuid.uuid4()),
        "kind": kind,
        "entity_id": entity_id,
        "path": collision.path,
        "base_version": base_version,
        "version": version,
        "reason": collision.reason,
        "base_value": _wrapped(collision.base),
        "winning_value": _wrapped(winner[1]),
        "winner_id": winner[0].id,
        "winner_name": winner[0].name,
        "winner_source": winner[0].source,
        "losing_value": _wrapped(loser[1]),
        "loser_id": loser[0].id,
        "loser_name": loser[0].name,
        "loser_source": loser[0].source,
        # An override was a decision: it is kept for the record, and asks for none.
        "status": "overridden" if overridden else "open",
        "opened_at": at,
        "resolved_at": at if overridden else None,
        "resolved_by": mine.id if overridden else None,
        "resolved_by_name": mine.name if overridden else None,
        "resolved_version": None,
    }


def _wrapped(value: Any) -> dict[str, Any]:
    return {} if value is MISSING else {"value": value}


def from_row(row: Mapping[Any, Any]) -> ConflictInfo:
    """The conflict of a row of its table, by column."""
    values = dict(row)
    for side in ("base_value", "winning_value", "losing_value"):
        values[side] = values[side].get("value", MISSING)
    return ConflictInfo(**values)
