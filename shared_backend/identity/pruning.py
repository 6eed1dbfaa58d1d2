"""Removing sign-ins that are over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_

from shared_backend.database.tables import SessionRow, SignInLinkRow
from shared_backend.database.unit_of_work import UnitOfWork

_SESSION = SessionRow.__table__  # type: ignore[attr-defined]
_LINK = SignInLinkRow.__table__  # type: ignore[attr-defined]


def prune_sessions(uow: UnitOfWork, before: datetime) -> int:
    """Removes sessions and links that ended before `before`; answers how many."""
    ended = or_(_SESSION.c.expires_at < before, _SESSION.c.revoked_at < before)
    gone = uow.connection.execute(delete(SessionRow).where(ended)).rowcount
    over = or_(_LINK.c.expires_at < before, _LINK.c.used_at < before)
    return gone + uow.connection.execute(delete(SignInLinkRow).where(over)).rowcount
