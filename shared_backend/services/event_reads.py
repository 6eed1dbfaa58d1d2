"""Searching the event log, newest first, a page at a time by number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from shared_backend.database.engine import Database
from shared_backend.database.tables import EventRow
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.event_log import Event, LogPosition, position
from shared_backend.utils.exception_handler import InvalidInput

_EVENT: Any = EventRow.__table__  # type: ignore[attr-defined]
MAX_PAGE = 5_000


@dataclass(frozen=True)
class EventFilter:
    """What to look for; empty takes all. `entity` is an id, whole; `who` is part of a name or a whole id."""

    types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    entity: str = ""
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class EventPage:
    """Events, newest first, and whether there are `older` and `newer` ones that match. `log` is where the log stood;
    `oldest_at` when its oldest event was written."""

    events: list[Event]
    older: bool
    newer: bool
    log: LogPosition
    oldest_at: datetime | None


def find_events(
    database: Database,
    wanted: EventFilter,
    *,
    actor: Actor,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> EventPage:
    """The newest matching events below number `before`, or the oldest above `after`. Raises PermissionDenied, and
    InvalidInput for a page that is too long."""
    actor.require(Permission.READ_ALL, "read the event log")
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidInput(f"A page holds 1 to {MAX_PAGE:,} events.")
    query = _matching(wanted)
    if after is not None:
        page = query.where(_EVENT.c.seq > after).order_by(_EVENT.c.seq)
    else:
        page = query.order_by(_EVENT.c.seq.desc())
        if before is not None:
            page = page.where(_EVENT.c.seq < before)
    with database.snapshot() as connection:
        where = position(connection)
        oldest = select(_EVENT.c.at).where(_EVENT.c.seq > where.floor).order_by(_EVENT.c.seq).limit(1)
        found = [Event(**row._mapping) for row in connection.execute(page.limit(limit + 1))]
        more = len(found) > limit
        events = found[:limit]
        if after is not None:
            events.reverse()
            older, newer = True, more
        else:
            older, newer = more, before is not None
        return EventPage(events, older, newer, where, connection.execute(oldest).scalar())


def event_words(database: Database, *, actor: Actor) -> tuple[list[str], list[str]]:
    """The types and the kinds that the log holds, for filters. Both are read off the indexes. Raises
    PermissionDenied."""
    actor.require(Permission.READ_ALL, "read the event log")
    with database.snapshot() as connection:
        return [_distinct(connection, _EVENT.c[name]) for name in ("type", "kind")]  # type: ignore[return-value]


def _distinct(connection: Any, column: Any) -> list[str]:
    """A loose index scan: one look-up a value, where DISTINCT would read every row."""
    found: list[str] = []
    while len(found) < 200:
        query = select(func.min(column))
        value = connection.execute(query.where(column > found[-1]) if found else query).scalar()
        if value is None:
            break
        found.append(value)
    return found


def _matching(wanted: EventFilter) -> Select[Any]:
    query = select(_EVENT)
    for column, values in (
        (_EVENT.c.type, wanted.types),
        (_EVENT.c.source, wanted.sources),
        (_EVENT.c.kind, wanted.kinds),
    ):
        if values:
            query = query.where(column.in_(values))
    if wanted.entity:
        query = query.where(_EVENT.c.entity_id == wanted.entity)
    if wanted.who:
        name = func.lower(_EVENT.c.actor_name)
        query = query.where(
            or_(
                _EVENT.c.actor_id == wanted.who,
                _EVENT.c.actor_name.contains(wanted.who, autoescape=True),
                name.contains(wanted.who.lower(), autoescape=True),
            )
        )
    if wanted.since:
        query = query.where(_EVENT.c.at >= wanted.since)
    if wanted.until:
        query = query.where(_EVENT.c.at < wanted.until)
    return query
