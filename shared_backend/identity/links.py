"""The links' repository: one-time ways in. The database has a hash of each; used once, by one UPDATE."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from shared_backend.database.tables import SignInLinkRow
from shared_backend.identity.portals import Portal
from shared_backend.identity.tokens import new_token, token_hash

_T: Any = SignInLinkRow.__table__  # type: ignore[attr-defined]


class Purpose(StrEnum):
    """What a link is for. A ticket is the minute between the password and the cookie."""

    OWNER = "owner"
    INVITE = "invite"
    RESET = "reset"
    TICKET = "ticket"

    @property
    def lifetime(self) -> timedelta:
        """How long it can be used."""
        match self:
            case Purpose.OWNER | Purpose.RESET:
                return timedelta(hours=24)
            case Purpose.INVITE:
                return timedelta(days=7)
            case Purpose.TICKET:
                return timedelta(seconds=60)


@dataclass(frozen=True)
class Link:
    """A link that was issued. `account_id` is None for the owner's, whose account is yet to be made."""

    id: str
    account_id: str | None
    purpose: Purpose
    portal: Portal
    expires_at: datetime


_COLUMNS = [_T.c[name] for name in Link.__dataclass_fields__]


def issue(connection: Connection, *, purpose: Purpose, portal: Portal, account_id: str | None, now: datetime) -> str:
    """Writes a link and answers its token, which is kept nowhere."""
    token = new_token()
    connection.execute(
        insert(SignInLinkRow),
        {
            "id": str(uuid.uuid4()),
            "token_hash": token_hash(token),
            "account_id": account_id,
            "purpose": str(purpose),
            "portal": str(portal),
            "created_at": now,
            "expires_at": now + purpose.lifetime,
            "used_at": None,
        },
    )
    return token


def peek(connection: Connection, token: str, now: datetime) -> Link | None:
    """The link of a token if it could be used now. Tickets are not shown: they are only ever exchanged."""
    row = connection.execute(
        select(*_COLUMNS).where(
            _T.c.token_hash == token_hash(token),
            _T.c.used_at.is_(None),
            _T.c.expires_at > now,
            _T.c.purpose != str(Purpose.TICKET),
        )
    ).one_or_none()
    return None if row is None else _link(dict(row._mapping))


def consume(connection: Connection, token: str, now: datetime, *, ticket: bool = False) -> Link | None:
    """Uses a link up. Of any number who try, the database lets one through; all others get None."""
    is_ticket = _T.c.purpose == str(Purpose.TICKET)
    row = connection.execute(
        update(SignInLinkRow)
        .where(
            _T.c.token_hash == token_hash(token),
            _T.c.used_at.is_(None),
            _T.c.expires_at > now,
            is_ticket if ticket else ~is_ticket,
        )
        .values(used_at=now)
        .returning(*_COLUMNS)
    ).one_or_none()
    return None if row is None else _link(dict(row._mapping))


def void(connection: Connection, *, now: datetime, account_id: str | None, purpose: Purpose | None = None) -> None:
    """Makes unused links of an account useless (the owner's: account None), of one purpose or of all."""
    owner = _T.c.account_id.is_(None) if account_id is None else _T.c.account_id == account_id
    statement = update(SignInLinkRow).where(owner, _T.c.used_at.is_(None))
    if purpose is not None:
        statement = statement.where(_T.c.purpose == str(purpose))
    connection.execute(statement.values(used_at=now))


def prune(connection: Connection, before: datetime) -> int:
    """Removes links that could not be used after `before`, and answers how many."""
    return connection.execute(delete(SignInLinkRow).where(_T.c.expires_at < before)).rowcount


def _link(values: dict[str, Any]) -> Link:
    return Link(**{**values, "purpose": Purpose(values["purpose"]), "portal": Portal(values["portal"])})
