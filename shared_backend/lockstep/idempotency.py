"""The answers that are kept under idempotency keys, so that a write that is sent again is answered and not repeated."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from shared_backend.database.tables import IdempotencyRow
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.lockstep.requests import SaveAnswer, SaveRequest
from shared_backend.utils.exception_handler import IdempotencyMismatch

_IDEMPOTENCY = IdempotencyRow.__table__  # type: ignore[attr-defined]
KEYS_KEPT: Final = timedelta(days=90)


def replayed(connection: Connection, request: SaveRequest) -> SaveAnswer | None:
    """What the same request was answered before, or None. Raises IdempotencyMismatch where its key was used for
    another one."""
    if request.idempotency_key is None:
        return None
    row = connection.execute(
        select(_IDEMPOTENCY.c.request_hash, _IDEMPOTENCY.c.answer).where(
            _IDEMPOTENCY.c.scope == request.actor.id, _IDEMPOTENCY.c.key == request.idempotency_key
        )
    ).first()
    if row is None:
        return None
    if row.request_hash != request.fingerprint():
        raise IdempotencyMismatch()
    return SaveAnswer.from_json(row.answer)


def remember(connection: Connection, request: SaveRequest, answer: SaveAnswer, at: datetime) -> None:
    """Keeps the answer under the request's key, if it has one."""
    if request.idempotency_key is None:
        return
    connection.execute(
        insert(IdempotencyRow),
        {
            "scope": request.actor.id,
            "key": request.idempotency_key,
            "request_hash": request.fingerprint(),
            "answer": answer.to_json(),
            "at": at,
        },
    )


def prune_keys(uow: UnitOfWork, before: datetime) -> int:
    """Forgets the answers of before `before`; answers how many. A write that is sent again after that is a new one."""
    return uow.connection.execute(delete(IdempotencyRow).where(_IDEMPOTENCY.c.at < before)).rowcount
