"""Writing one version: version, head, audit and, last, the event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from shared_backend.identity import audit
from shared_backend.lockstep import statements
from shared_backend.lockstep.entities import Entity
from shared_backend.lockstep.fields import MISSING, Fields
from shared_backend.lockstep.kinds import EntityKind
from shared_backend.lockstep.requests import SaveRequest


def write_version(
    connection: Connection,
    kind: EntityKind,
    request: SaveRequest,
    *,
    head: Entity | None,
    before: Fields,
    after: Fields,
    data: dict[str, Any],
    changed: list[str],
    at: datetime,
    deleted: bool = False,
) -> int:
    """Writes the next version, makes it the head and records it in the audit; answers its number."""
    number = head.version + 1 if head else 1
    base = request.base_version if request.base_version is not None else (head.version if head else 0)
    action = request.action if head else "create"
    by = request.authorship
    version = {
        "kind": kind.name,
        "entity_id": request.entity_id,
        "version": number,
        "base_version": base,
        "action": action,
        "deleted": deleted,
        "data": data,
        "changed": changed,
        "authority": by.authority,
        "author_id": by.id,
        "author_name": by.name,
        "source": by.source,
        "at": at,
        "correlation_id": request.correlation_id,
    }
    moved = _head_columns(kind, request, head, number, data, at, deleted)
    told = audit.row(
        actor=request.actor,
        source=request.source,
        action=f"{kind.name}.{action}",
        subject=(kind.name, request.entity_id),
        before={path: before[path] for path in changed if before.get(path, MISSING) is not MISSING},
        after={path: after[path] for path in changed if after.get(path, MISSING) is not MISSING},
        at=at,
        correlation_id=request.correlation_id,
    )
    place = {"at_kind": kind.name, "at_entity_id": request.entity_id}
    if head is not None and connection.dialect.name == "postgresql":
        parts = (("v_", version), ("h_", {**place, **moved}), ("a_", told))
        together = {prefix + name: value for prefix, values in parts for name, value in values.items()}
        connection.execute(statements.write_at_once(), together)
        return number
    connection.execute(statements.insert_version(), version)
    if head is None:
        identity = {"kind": kind.name, "entity_id": request.entity_id, "created_at": at}
        connection.execute(statements.insert_head(), {**identity, **moved})
    else:
        connection.execute(statements.move_head(), {**place, **moved})
    audit.write(connection, told)
    return number


def _head_columns(
    kind: EntityKind,
    request: SaveRequest,
    head: Entity | None,
    number: int,
    data: dict[str, Any],
    at: datetime,
    deleted: bool,
) -> dict[str, Any]:
    columns = kind.columns(data)
    return {
        "version": number,
        "deleted": deleted,
        "data": data,
        # A tombstone keeps its name, so that a list of what was deleted can be read.
        "label": (head.label if head and deleted else columns.label)[:300],
        "status": columns.status[:40],
        "search_text": columns.search_text,
        "score": columns.score,
        "updated_at": at,
        "updated_by": request.actor.id,
        "updated_by_name": request.actor.name,
        "updated_source": request.source,
    }
