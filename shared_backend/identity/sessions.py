"""The sessions' repository: a sign-in is a row here, so it ends when we say so."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from shared_backend.database.tables import AccountRow, SessionRow
from shared_backend.identity.accounts import Account, account_columns, from_joined
from shared_backend.identity.portals import Portal
from shared_backend.identity.tokens import new_token, token_hash

_T: Any = SessionRow.__table__  # type: ignore[attr-defined]
_A: Any = AccountRow.__table__  # type: ignore[attr-defined]

SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Lifetime:
    """A session ends `longest` after the sign-in whatever happens, and earlier when nobody used it for `idle`."""

    longest: timedelta
    idle: timedelta

    @classmethod
    def of_hours(cls, hours: float) -> Lifetime:
        """The given hours, or half of them without use."""
        return cls(longest=timedelta(hours=hours), idle=timedelta(hours=hours / 2))

    def end(self, created_at: datetime, seen_at: datetime) -> datetime:
        """When a session ends that is not used again."""
        return min(created_at + self.longest, seen_at + self.idle)


@dataclass(frozen=True)
class Session:
    """One sign-in in one portal."""

    id: str
    account_id: str
    portal: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Whether it has neither ended nor been ended."""
        return self.revoked_at is None and now < self.expires_at


_COLUMNS = [_T.c[name] for name in Session.__dataclass_fields__]


def start(
    connection: Connection, *, account_id: str, portal: Portal, lifetime: Lifetime, now: datetime
) -> tuple[Session, str]:
    """Writes a session and answers it with its token, which is kept nowhere."""
    token = new_token()
    session = Session(
        id=str(uuid.uuid4()),
        account_id=account_id,
        portal=str(portal),
        created_at=now,
        seen_at=now,
        expires_at=lifetime.end(now, now),
        revoked_at=None,
    )
    connection.execute(insert(SessionRow), {**vars(session), "token_hash": token_hash(token)})
    return session, token


def find(connection: Connection, token: str | None) -> tuple[Session, Account] | None:
    """The session of a token, whatever its state, with its account as it is now: one query by a unique index."""
    hashed = token_hash(token)
    if hashed is None:
        return None
    row = connection.execute(
        select(*_COLUMNS, *account_columns()).join(_A, _A.c.id == _T.c.account_id).where(_T.c.token_hash == hashed)
    ).one_or_none()
    if row is None:
        return None
    return Session(**{name: row._mapping[name] for name in Session.__dataclass_fields__}), from_joined(row)


def is_open(connection: Connection, session_id: str, now: datetime) -> bool:
    """Whether the session with this id is in force."""
    row = connection.execute(select(*_COLUMNS).where(_T.c.id == session_id)).one_or_none()
    return row is not None and Session(**row._mapping).is_open(now)


def touch(connection: Connection, session: Session, lifetime: Lifetime, now: datetime) -> None:
    """Notes that the session is used, which moves its end; of several tabs at once only the first one writes."""
    connection.execute(
        update(SessionRow)
        .where(_T.c.id == session.id, _T.c.revoked_at.is_(None), _T.c.seen_at <= now - SEEN_EVERY)
        .values(seen_at=now, expires_at=lifetime.end(session.created_at, now))
    )


def revoke(connection: Connection, session_id: str, now: datetime) -> bool:
    """Ends one session. False when it had been ended before."""
    done = connection.execute(
        update(SessionRow).where(_T.c.id == session_id, _T.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return done.rowcount == 1


def revoke_all(connection: Connection, account_id: str, now: datetime, portals: Collection[Portal] = Portal) -> int:  # type: ignore[assignment]
    """Ends an account's sessions in these portals and answers how many were open."""
    done = connection.execute(
        update(SessionRow)
        .where(
            _T.c.account_id == account_id,
            _T.c.portal.in_([str(portal) for portal in portals]),
            _T.c.revoked_at.is_(None),
            _T.c.expires_at > now,
        )
        .values(revoked_at=now)
    )
    return done.rowcount


def prune(connection: Connection, before: datetime) -> int:
    """Removes sessions that could not be used after `before`, and answers how many."""
    return connection.execute(delete(SessionRow).where(_T.c.expires_at < before)).rowcount
