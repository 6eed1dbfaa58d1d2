"""The statements of the write path, built once: building one costs more than SQLite takes to run it."""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import Insert, Select, TextClause, Update, bindparam, func, insert, select, text, update

from shared_backend.database.tables import AuditRow, EntityHead, EntityVersion, EventRow, LogCounter

_HEAD = EntityHead.__table__  # type: ignore[attr-defined]
_LOG = LogCounter.__table__  # type: ignore[attr-defined]

_MOVED = (
    "version",
    "deleted",
    "data",
    "label",
    "status",
    "search_text",
    "score",
    "updated_at",
    "updated_by",
    "updated_by_name",
    "updated_source",
)


@functools.cache
def insert_into(table: type[Any]) -> Insert:
    """A plain insert; the parameters name the columns."""
    return insert(table.__table__)


def insert_version() -> Insert:
    """Into entity_version."""
    return insert_into(EntityVersion)


def insert_head() -> Insert:
    """Into entity_head."""
    return insert_into(EntityHead)


def insert_event() -> Insert:
    """Into event."""
    return insert_into(EventRow)


@functools.cache
def select_head(lock: bool) -> Select[Any]:
    """One head by (:kind, :entity_id)."""
    query = select(_HEAD).where(_HEAD.c.kind == bindparam("kind"), _HEAD.c.entity_id == bindparam("entity_id"))
    return query.with_for_update() if lock else query


@functools.cache
def move_head() -> Update:
    """The head at (:at_kind, :at_entity_id) to a new version; all moved columns are parameters."""
    return (
        update(_HEAD)
        .where(_HEAD.c.kind == bindparam("at_kind"), _HEAD.c.entity_id == bindparam("at_entity_id"))
        .values({_HEAD.c[name]: bindparam(name) for name in _MOVED})
    )


@functools.cache
def write_at_once() -> Insert:
    """Version, moved head and audit in one statement, and so in one round trip: PostgreSQL only. The parameters' names
    begin with v_, h_ and a_."""
    version, audit = EntityVersion.__table__, AuditRow.__table__  # type: ignore[attr-defined]
    head = (
        update(_HEAD)
        .where(_HEAD.c.kind == bindparam("h_at_kind"), _HEAD.c.entity_id == bindparam("h_at_entity_id"))
        .values({_HEAD.c[name]: bindparam(f"h_{name}") for name in _MOVED})
    )
    return (
        insert(audit)
        .values({column: bindparam(f"a_{column.name}") for column in audit.c})
        .add_cte(insert(version).values({column: bindparam(f"v_{column.name}") for column in version.c}).cte("v"))
        .add_cte(head.cte("h"))
    )


@functools.cache
def number_at_once(channel: str) -> Select[Any]:
    """Counter, one event and NOTIFY in one statement: PostgreSQL only. The counter is locked that much shorter."""
    event = EventRow.__table__  # type: ignore[attr-defined]
    counter = update(_LOG).values({_LOG.c.seq: _LOG.c.seq + 1}).returning(_LOG.c.epoch, _LOG.c.seq).cte("c")
    rest = [column for column in event.c if column.name != "seq"]
    given = select(counter.c.seq, *(bindparam(column.name, type_=column.type) for column in rest))
    written = insert(event).from_select(["seq", *(column.name for column in rest)], given).cte("e")
    return select(counter.c.epoch, counter.c.seq, func.pg_notify(channel, "")).add_cte(written)


@functools.cache
def bump_counter() -> Any:
    """The log's counter by :count, returning epoch and seq."""
    return update(_LOG).values({_LOG.c.seq: _LOG.c.seq + bindparam("count")}).returning(_LOG.c.epoch, _LOG.c.seq)


@functools.cache
def notify(channel: str) -> TextClause:
    """PostgreSQL's NOTIFY."""
    return text(f"NOTIFY {channel}")
