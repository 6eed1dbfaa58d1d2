"""The audit trail's repository."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, insert, select

from shared_backend.database.tables import AuditRow
from shared_backend.identity.actor import Actor

_AUDIT = AuditRow.__table__  # type: ignore[attr-defined]


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


def subjects_of(connection: Connection, kind: str, actions: Sequence[str], ids: Sequence[str]) -> set[str]:
    """Those of the ids to which one of the actions was done."""
    query = select(_AUDIT.c.subject_id).where(
        _AUDIT.c.subject_kind == kind, _AUDIT.c.subject_id.in_(list(ids)), _AUDIT.c.action.in_(list(actions))
    )
    return set(connection.execute(query).scalars())
