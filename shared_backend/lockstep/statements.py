"""The statements of the write path, built once: building one costs more than SQLite takes to run it."""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import Insert, Select, TextClause, Update, bindparam, insert, select, text, update

from shared_backend.database.tables import (
    EntityHead,
    EntityVersion,
    EventRow,
    LogCounter,
)

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
def bump_counter() -> Any:
    """The log's counter by :count, returning epoch and seq."""
    return update(_LOG).values({_LOG.c.seq: _LOG.c.seq + bindparam("count")}).returning(_LOG.c.epoch, _LOG.c.seq)


@functools.cache
def notify(channel: str) -> TextClause:
    """PostgreSQL's NOTIFY."""
    return text(f"NOTIFY {channel}")
