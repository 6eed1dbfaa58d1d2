"""The journal's repository: writes that the fallback holds for the primary, and the objects that we know to be ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from shared_backend.database.tables import CloudJournalRow

_JOURNAL = CloudJournalRow.__table__  # type: ignore[attr-defined]

WRITE_ID = "icv_write_id"
SHA256 = "icv_sha256"
# Settled without being carried: a later write took their place, or they were given up before anybody was told of them.
UNCARRIED = ("superseded", "void")


@dataclass(frozen=True)
class Entry:
    """One journaled write; see CloudJournalRow for the states."""

    id: int
    write_id: str
    operation: str
    path: str
    primary: str
    fallback: str
    sha256: str
    size: int
    content_type: str
    metadata: dict[str, str]
    state: str
    attempts: int
    last_error: str | None
    conflict_path: str | None
    created_at: datetime
    updated_at: datetime
    generation: int = 0
    verified_at: datetime | None = None


def begin(
    connection: Connection,
    *,
    write_id: str,
    operation: str,
    path: str,
    primary: str,
    fallback: str,
    sha256: str = "",
    size: int = 0,
    content_type: str = "",
    metadata: Mapping[str, str] | None = None,
    generation: int = 0,
    at: datetime,
) -> int:
    """Notes that a write is about to go to the fallback; answers its number."""
    values = {
        "write_id": write_id,
        "operation": operation,
        "path": path,
        "primary_name": primary,
        "fallback_name": fallback,
        "sha256": sha256,
        "size": size,
        "content_type": content_type,
        "metadata": dict(metadata or {}),
        "state": "intent",
        "attempts": 0,
        "generation": generation,
        "created_at": at,
        "updated_at": at,
    }
    return int(connection.execute(insert(_JOURNAL).values(values).returning(_JOURNAL.c.id)).scalar_one())


def settle(
    connection: Connection,
    entry_id: int,
    state: str,
    *,
    at: datetime,
    error: str | None = None,
    conflict_path: str | None = None,
    was: tuple[str, ...] = (),
) -> bool:
    """Moves an entry to a state, where given only from one of the states `was`; answers whether it did."""
    values: dict[str, Any] = {"state": state, "updated_at": at, "last_error": error}
    if conflict_path is not None:
        values["conflict_path"] = conflict_path
    change = update(_JOURNAL).where(_JOURNAL.c.id == entry_id)
    if was:
        change = change.where(_JOURNAL.c.state.in_(was))
    return bool(connection.execute(change.values(values)).rowcount)


def failed(connection: Connection, entry_id: int, error: str, *, at: datetime) -> None:
    """Counts a try that did not get through; the entry stays pending."""
    connection.execute(
        update(_JOURNAL)
        .where(_JOURNAL.c.id == entry_id)
        .values(attempts=_JOURNAL.c.attempts + 1, last_error=error[:500], updated_at=at)
    )


def pending_of(connection: Connection, path: str) -> Entry | None:
    """The newest write of a path that has yet to reach the primary, or None."""
    query = select(_JOURNAL).where(_JOURNAL.c.path == path, _JOURNAL.c.state == "pending")
    row = connection.execute(query.order_by(_JOURNAL.c.id.desc()).limit(1)).first()
    return _entry(row) if row else None


def open_entries(connection: Connection, *, after: int = 0, limit: int = 500) -> list[Entry]:
    """Entries in the states intent and pending, in order."""
    query = select(_JOURNAL).where(_JOURNAL.c.state.in_(("intent", "pending")), _JOURNAL.c.id > after)
    return [_entry(row) for row in connection.execute(query.order_by(_JOURNAL.c.id).limit(limit))]


def pending_below(connection: Connection, prefix: str) -> list[Entry]:
    """The newest pending write of each path that begins with `prefix`."""
    query = select(_JOURNAL).where(_JOURNAL.c.state == "pending", _JOURNAL.c.path.startswith(prefix, autoescape=True))
    newest = {row.path: _entry(row) for row in connection.execute(query.order_by(_JOURNAL.c.id))}
    return [newest[path] for path in sorted(newest)]


def unverified(connection: Connection, *, after: int = 0, limit: int = 500) -> list[Entry]:
    """Settled entries that the compare pass has yet to look at, in order: what was carried is to be found on its
    primary, and of all of them the fallback's copy is to go."""
    settled = ("done", "conflict", *UNCARRIED)
    query = select(_JOURNAL).where(_JOURNAL.c.state.in_(settled), _JOURNAL.c.verified_at.is_(None))
    query = query.where(_JOURNAL.c.id > after, _JOURNAL.c.operation == "put")
    return [_entry(row) for row in connection.execute(query.order_by(_JOURNAL.c.id).limit(limit))]


def verified(connection: Connection, entry_ids: list[int], *, at: datetime) -> None:
    """Notes that the compare pass is through with them."""
    connection.execute(update(_JOURNAL).where(_JOURNAL.c.id.in_(entry_ids)).values(verified_at=at, last_error=None))


def by_write_id(connection: Connection, write_ids: list[str]) -> dict[str, Entry]:
    """Entries by their write ids, those that there are."""
    query = select(_JOURNAL).where(_JOURNAL.c.write_id.in_(write_ids))
    return {row.write_id: _entry(row) for row in connection.execute(query)}


def pending_by_path(connection: Connection, paths: list[str]) -> dict[str, Entry]:
    """The newest pending write of each of these paths that has one."""
    query = select(_JOURNAL).where(_JOURNAL.c.state == "pending", _JOURNAL.c.path.in_(paths))
    return {row.path: _entry(row) for row in connection.execute(query.order_by(_JOURNAL.c.id))}


def entries(connection: Connection, *, states: tuple[str, ...] = (), limit: int = 100, offset: int = 0) -> list[Entry]:
    """Entries for the page, newest first."""
    query = select(_JOURNAL)
    if states:
        query = query.where(_JOURNAL.c.state.in_(states))
    return [_entry(row) for row in connection.execute(query.order_by(_JOURNAL.c.id.desc()).limit(limit).offset(offset))]


def counts(connection: Connection) -> dict[str, int]:
    """How many entries there are in each state."""
    rows = connection.execute(select(_JOURNAL.c.state, func.count()).group_by(_JOURNAL.c.state))
    return {state: count for state, count in rows}


def is_ours(connection: Connection, write_id: str) -> bool:
    """Whether a write id found in an object's metadata is one that we have journaled."""
    return connection.execute(select(_JOURNAL.c.id).where(_JOURNAL.c.write_id == write_id).limit(1)).first() is not None


def _entry(row: Any) -> Entry:
    values = dict(row._mapping)
    return Entry(primary=values.pop("primary_name"), fallback=values.pop("fallback_name"), **values)
