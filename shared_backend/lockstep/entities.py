"""Reading entities: heads, versions, lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from shared_backend.database.tables import EntityHead, EntityVersion
from shared_backend.lockstep import statements

_HEAD = EntityHead.__table__  # type: ignore[attr-defined]
_VERSION = EntityVersion.__table__  # type: ignore[attr-defined]

SORTS = ("label", "-label", "updated_at", "-updated_at", "score", "-score", "created_at", "-created_at")


@dataclass(frozen=True)
class Entity:
    """The newest version of a thing that both portals share."""

    kind: str
    id: str
    version: int
    data: dict[str, Any]
    deleted: bool
    label: str
    status: str
    score: int
    created_at: datetime
    updated_at: datetime
    updated_by: str
    updated_by_name: str
    updated_source: str


@dataclass(frozen=True)
class VersionInfo:
    """One immutable state in the history of an entity."""

    kind: str
    entity_id: str
    version: int
    base_version: int
    action: str
    deleted: bool
    data: dict[str, Any]
    changed: list[str]
    authority: int
    author_id: str
    author_name: str
    source: str
    at: datetime
    correlation_id: str


@dataclass(frozen=True)
class Listing:
    """One page of a list, and how many there are in all."""

    items: list[Entity]
    total: int


def head(connection: Connection, kind: str, entity_id: str, *, lock: bool = False) -> Entity | None:
    """The head, deleted or not; None where there never was one. `lock` holds it until the transaction ends."""
    row = connection.execute(statements.select_head(lock), {"kind": kind, "entity_id": entity_id}).first()
    return _entity(row) if row else None


def heads(connection: Connection, kind: str, ids: list[str]) -> dict[str, Entity]:
    """Several heads at once, by id."""
    rows = connection.execute(select(_HEAD).where(_HEAD.c.kind == kind, _HEAD.c.entity_id.in_(ids)))
    return {row.entity_id: _entity(row) for row in rows}


def every(connection: Connection, kind: str) -> Iterator[Entity]:
    """All heads of a kind, tombstones too."""
    for row in connection.execute(select(_HEAD).where(_HEAD.c.kind == kind).order_by(_HEAD.c.entity_id)):
        yield _entity(row)


def find(
    connection: Connection,
    kind: str,
    *,
    search: str = "",
    status: tuple[str, ...] = (),
    score: tuple[int, int] | None = None,
    deleted: bool = False,
    sort: str = "label",
    limit: int = 50,
    offset: int = 0,
) -> Listing:
    """A page of heads, searched, filtered and sorted in the database. `score` is an inclusive range."""
    query = select(_HEAD).where(_HEAD.c.kind == kind, _HEAD.c.deleted == deleted)
    for word in search.casefold().split()[:8]:
        query = query.where(_HEAD.c.search_text.contains(word, autoescape=True))
    if status:
        query = query.where(_HEAD.c.status.in_(status))
    if score:
        query = query.where(_HEAD.c.score.between(*score))
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = connection.execute(_sorted(query, sort).limit(limit).offset(offset))
    return Listing([_entity(row) for row in rows], total)


def statuses(connection: Connection, kind: str) -> list[str]:
    """The statuses that heads of a kind have, tombstones apart."""
    query = select(_HEAD.c.status).where(_HEAD.c.kind == kind, _HEAD.c.deleted.is_(False)).distinct()
    return list(connection.execute(query).scalars())


def version(connection: Connection, kind: str, entity_id: str, number: int) -> VersionInfo | None:
    """One version, or None."""
    row = connection.execute(_versions_of(kind, entity_id).where(_VERSION.c.version == number)).first()
    return VersionInfo(**row._mapping) if row else None


def versions_between(connection: Connection, kind: str, entity_id: str, after: int, up_to: int) -> list[VersionInfo]:
    """The versions after `after` up to and including `up_to`, newest first."""
    query = _versions_of(kind, entity_id).where(_VERSION.c.version > after, _VERSION.c.version <= up_to)
    return [VersionInfo(**row._mapping) for row in connection.execute(query.order_by(_VERSION.c.version.desc()))]


def history(
    connection: Connection, kind: str, entity_id: str, *, limit: int = 50, before: int | None = None
) -> list[VersionInfo]:
    """The history, newest first; `before` pages on from a version number."""
    query = _versions_of(kind, entity_id)
    if before is not None:
        query = query.where(_VERSION.c.version < before)
    return [
        VersionInfo(**row._mapping)
        for row in connection.execute(query.order_by(_VERSION.c.version.desc()).limit(limit))
    ]


def last_alive(connection: Connection, kind: str, entity_id: str) -> VersionInfo | None:
    """The newest version that is no tombstone."""
    query = _versions_of(kind, entity_id).where(_VERSION.c.deleted.is_(False))
    row = connection.execute(query.order_by(_VERSION.c.version.desc()).limit(1)).first()
    return VersionInfo(**row._mapping) if row else None


def _versions_of(kind: str, entity_id: str) -> Select[Any]:
    return select(_VERSION).where(_VERSION.c.kind == kind, _VERSION.c.entity_id == entity_id)


def _sorted(query: Select[Any], sort: str) -> Select[Any]:
    chosen = sort if sort in SORTS else "label"
    column = _HEAD.c[chosen.lstrip("-")]
    if chosen.endswith("label"):
        column = func.lower(column)
    # The id makes the order total: without it, pages could repeat or miss rows that sort alike.
    return query.order_by(column.desc() if chosen.startswith("-") else column.asc(), _HEAD.c.entity_id)


def _entity(row: Any) -> Entity:
    return Entity(
        kind=row.kind,
        id=row.entity_id,
        version=row.version,
        data=row.data,
        deleted=row.deleted,
        label=row.label,
        status=row.status,
        score=row.score,
        created_at=row.created_at,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        updated_by_name=row.updated_by_name,
        updated_source=row.updated_source,
    )
