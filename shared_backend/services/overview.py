"""What the dashboard shows: people, edits, what waits for somebody, and the newest edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, String, and_, cast, exists, func, select

from shared_backend.database.engine import Database
from shared_backend.database.tables import AccountRow, EntityHead, EventRow, SignInLinkRow
from shared_backend.identity.accounts import Status
from shared_backend.identity.actor import Actor
from shared_backend.identity.links import Purpose
from shared_backend.identity.roles import Permission, Role
from shared_backend.lockstep.event_log import Cursor, position

_ACCOUNT: Any = AccountRow.__table__  # type: ignore[attr-defined]
_LINK: Any = SignInLinkRow.__table__  # type: ignore[attr-defined]
_HEAD: Any = EntityHead.__table__  # type: ignore[attr-defined]
_EVENT: Any = EventRow.__table__  # type: ignore[attr-defined]

PERIOD = timedelta(days=7)
# Below this, matching has too little to go on; see COMPLETENESS in lockstep/kinds/user_profile.py.
LOW_SCORE = 40


@dataclass(frozen=True)
class PeopleFigures:
    """Candidates by state, and what came about within PERIOD. `waiting`: invited before PERIOD, and not come yet."""

    candidates: int
    active: int
    invited: int
    locked: int
    new: int
    joined: int
    newly_invited: int
    waiting: int


@dataclass(frozen=True)
class EditCounts:
    """Edits by hour (UTC) and portal, up to `cursor`. `since` is where the log begins when it was trimmed after the
    start of the period, else None."""

    cursor: Cursor
    hours: Mapping[tuple[datetime, str], int] = field(default_factory=dict)
    since: datetime | None = None


@dataclass(frozen=True)
class Edit:
    """One edit, as the feed tells it; `label` is the entity's name now."""

    seq: int
    at: datetime
    type: str
    kind: str
    entity_id: str
    label: str
    version: int
    by: str
    by_id: str
    source: str
    changed: tuple[str, ...]


def people_figures(database: Database, *, actor: Actor, now: datetime) -> PeopleFigures:
    """The candidates, counted. Raises PermissionDenied."""
    actor.require(Permission.READ_ALL, "see the dashboard")
    since = now - PERIOD
    of_candidates = _ACCOUNT.c.role == str(Role.CANDIDATE)
    is_invited = and_(of_candidates, _ACCOUNT.c.status == str(Status.INVITED))
    with database.snapshot() as connection:
        rows = connection.execute(select(_ACCOUNT.c.status, func.count()).where(of_candidates).group_by("status"))
        by_status: dict[str, int] = {status: number for status, number in rows}
        joined = connection.execute(
            select(func.count())
            .select_from(_LINK.join(_ACCOUNT, _ACCOUNT.c.id == _LINK.c.account_id))
            .where(of_candidates, _LINK.c.purpose == str(Purpose.INVITE), _LINK.c.used_at >= since)
        ).scalar_one()
        # Accounts that were made ready to use never had an invitation to open.
        invitation = exists().where(_LINK.c.account_id == _ACCOUNT.c.id, _LINK.c.purpose == str(Purpose.INVITE))
        is_active = and_(of_candidates, _ACCOUNT.c.status == str(Status.ACTIVE))
        joined += _count(connection, is_active, _ACCOUNT.c.created_at >= since, ~invitation)
        return PeopleFigures(
            candidates=sum(by_status.values()),
            active=by_status.get(Status.ACTIVE, 0),
            invited=by_status.get(Status.INVITED, 0),
            locked=by_status.get(Status.LOCKED, 0),
            new=_count(connection, of_candidates, _ACCOUNT.c.created_at >= since),
            joined=joined,
            newly_invited=_count(connection, is_invited, _ACCOUNT.c.created_at >= since),
            waiting=_count(connection, is_invited, _ACCOUNT.c.created_at < since),
        )


def low_profiles(database: Database, *, actor: Actor) -> int:
    """How many profiles are less than LOW_SCORE complete. Raises PermissionDenied."""
    actor.require(Permission.READ_ALL, "see the dashboard")
    query = select(func.count()).where(
        _HEAD.c.kind == "user_profile", _HEAD.c.deleted.is_(False), _HEAD.c.score < LOW_SCORE
    )
    with database.read() as connection:
        return connection.execute(query).scalar_one()


def edit_counts(
    database: Database, *, actor: Actor, now: datetime, days: int = 14, known: EditCounts | None = None
) -> EditCounts:
    """Edits of the last `days` by hour and portal. Given what it answered before, it counts only what came since: the
    log's numbers say exactly what that is. Raises PermissionDenied."""
    actor.require(Permission.READ_ALL, "see the dashboard")
    start = (now - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    with database.snapshot() as connection:
        where = position(connection)
        usable = (
            known is not None and known.cursor.epoch == where.epoch and where.floor <= known.cursor.seq <= where.seq
        )
        hours = {key: n for key, n in known.hours.items() if key[0] >= start} if usable and known else {}
        after = known.cursor.seq if usable and known else 0
        if where.seq > after:
            for key, number in _hourly(connection, database.dialect, after, start).items():
                hours[key] = hours.get(key, 0) + number
        return EditCounts(where.cursor, hours, _trimmed_at(connection, where.floor, start))


def newest_edits(database: Database, *, actor: Actor, limit: int = 12) -> list[Edit]:
    """The newest edits of anything, newest first. Raises PermissionDenied."""
    actor.require(Permission.READ_ALL, "see the dashboard")
    columns = [_EVENT.c[name] for name in ("seq", "at", "type", "kind", "entity_id", "version", "source", "data")]
    query = (
        select(*columns, _EVENT.c.actor_name, _EVENT.c.actor_id, _HEAD.c.label)
        .outerjoin(_HEAD, and_(_HEAD.c.kind == _EVENT.c.kind, _HEAD.c.entity_id == _EVENT.c.entity_id))
        .where(_EVENT.c.version.is_not(None))
        .order_by(_EVENT.c.seq.desc())
        .limit(limit)
    )
    with database.read() as connection:
        return [
            Edit(
                seq=row.seq,
                at=row.at,
                type=row.type,
                kind=row.kind,
                entity_id=row.entity_id,
                label=row.label or "",
                version=row.version,
                by=row.actor_name or row.actor_id,
                by_id=row.actor_id,
                source=row.source,
                changed=tuple(row.data.get("changed") or ()),
            )
            for row in connection.execute(query)
        ]


def _count(connection: Connection, *conditions: Any) -> int:
    return connection.execute(select(func.count()).select_from(_ACCOUNT).where(*conditions)).scalar_one()


def _hourly(connection: Connection, dialect: str, after: int, start: datetime) -> dict[tuple[datetime, str], int]:
    at = _EVENT.c.at
    hour = (
        func.to_char(func.timezone("UTC", at), "YYYY-MM-DD HH24")
        if dialect == "postgresql"
        else func.substr(cast(at, String), 1, 13)
    ).label("hour")
    query = (
        select(hour, _EVENT.c.source, func.count())
        .where(_EVENT.c.seq > after, _EVENT.c.version.is_not(None), at >= start)
        .group_by(hour, _EVENT.c.source)
    )
    return {
        (datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=UTC), source): number
        for text, source, number in connection.execute(query)
    }


def _trimmed_at(connection: Connection, floor: int, start: datetime) -> datetime | None:
    """When the log begins, if it was trimmed and begins within the period."""
    if not floor:
        return None
    oldest = connection.execute(
        select(_EVENT.c.at).where(_EVENT.c.seq > floor).order_by(_EVENT.c.seq).limit(1)
    ).scalar()
    return oldest if oldest is not None and oldest > start else None
