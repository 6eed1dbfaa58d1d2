"""The audit trail's repository."""

from __future__ import annotations

import functools
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, insert

from shared_backend.database.tables import AuditRow
from shared_backend.identity.actor import Actor


@functools.cache
def _insert() -> Insert:
    return insert(AuditRow)


def row(
    *,
    actor: Actor,
    source: str,
    action: str,
    subject: tuple[str, str],
    before: Any,
    after: Any,
    at: datetime,
    correlation_id: str,
) -> dict[str, Any]:
    """The columns of one audit row. `subject` is (kind, id); `before` and `after` hold only what changed, and never a
    password, token or secret."""
    return {
        "id": str(uuid.uuid4()),
        "at": at,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "actor_role": str(actor.role),
        "source": source,
        "action": action,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "before": before,
        "after": after,
        "correlation_id": correlation_id,
    }


def write(connection: Connection, columns: dict[str, Any]) -> None:
    """Writes a row in the caller's transaction."""
    connection.execute(_insert(), columns)


def record(connection: Connection, **told: Any) -> None:
    """Writes one audit row in the caller's transaction; the keywords are those of `row`."""
    write(connection, row(**told))
