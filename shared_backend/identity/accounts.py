"""The accounts' repository: statements over a connection, no decisions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, insert, or_, select, update

from shared_backend.database.tables import AccountRow
from shared_backend.identity.roles import Role
from shared_backend.utils.exception_handler import InvalidInput

_T: Any = AccountRow.__table__  # type: ignore[attr-defined]
_PUBLIC = [_T.c[name] for name in ("id", "email", "name", "role", "status", "failed_sign_ins", "created_at")]
_PUBLIC.append(_T.c.last_sign_in_at)

SORTS = ("name", "email", "role", "status", "created_at", "last_sign_in_at")


class Status(StrEnum):
    """INVITED has no password yet; LOCKED may not sign in whatever the password."""

    INVITED = "invited"
    ACTIVE = "active"
    LOCKED = "locked"


@dataclass(frozen=True)
class Account:
    """A person's account, without anything secret."""

    id: str
    email: str
    name: str
    role: Role
    status: Status
    failed_sign_ins: int
    created_at: datetime
    last_sign_in_at: datetime | None


@dataclass(frozen=True)
class Credentials:
    """An account with the hash of its password, for the sign-in alone."""

    account: Account
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True)
class AccountPage:
    """A page of a list, and how many there are on all pages."""

    items: tuple[Account, ...]
    total: int


def new_id() -> str:
    """An id for an account that is yet to be made."""
    return str(uuid.uuid4())


def account_columns() -> list[Any]:
    """What `from_row` needs, for statements that join accounts."""
    return [column.label(f"its_{column.name}") for column in _PUBLIC]


def from_joined(row: Row[Any]) -> Account:
    """The account of a row that was selected with `account_columns`."""
    return _account({column.name: row._mapping[f"its_{column.name}"] for column in _PUBLIC})


def by_id(connection: Connection, account_id: str, *, lock: bool = False) -> Account | None:
    """The account, its row locked until the transaction ends if asked (PostgreSQL; SQLite has one writer anyhow)."""
    if len(account_id) > 36 or not (account_id.isascii() and account_id.isprintable()):
        return None  # ids come from addresses too, and PostgreSQL refuses to compare with a NUL
    return _one(connection, select(*_PUBLIC).where(_T.c.id == account_id), lock)


def by_email(connection: Connection, email: str, *, lock: bool = False) -> Account | None:
    """The account of a cleaned e-mail address."""
    return _one(connection, select(*_PUBLIC).where(_T.c.email == email), lock)


def credentials(
    connection: Connection, *, email: str = "", account_id: str = "", lock: bool = False
) -> Credentials | None:
    """The account with its password's hash, by e-mail or by id."""
    wanted = _T.c.id == account_id if account_id else _T.c.email == email
    statement = select(*_PUBLIC, _T.c.password_hash).where(wanted)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    password_hash = values.pop("password_hash")
    return Credentials(_account(values), password_hash)


def create(
    connection: Connection,
    *,
    email: str,
    name: str,
    role: Role,
    status: Status,
    password_hash: str | None,
    now: datetime,
) -> Account:
    """Writes a new account. Raises sqlalchemy's IntegrityError when the e-mail has one."""
    values: dict[str, Any] = {
        "id": new_id(),
        "email": email,
        "name": name,
        "role": str(role),
        "status": str(status),
        "failed_sign_ins": 0,
        "created_at": now,
        "last_sign_in_at": None,
    }
    connection.execute(insert(AccountRow), {**values, "password_hash": password_hash})
    return _account(values)


def change(connection: Connection, account_id: str, **values: Any) -> None:
    """Sets columns of one account."""
    plain = {name: str(value) if isinstance(value, StrEnum) else value for name, value in values.items()}
    connection.execute(update(AccountRow).where(_T.c.id == account_id).values(**plain))


def count_failure(connection: Connection, email: str) -> None:
    """Adds a failed attempt to the account of this e-mail.

    An unknown e-mail writes a row too, changing nothing in it: a write that is done only for accounts that exist
    would tell them by its milliseconds.
    """
    known = select(_T.c.id).where(_T.c.email == email).scalar_subquery()
    anybody = select(_T.c.id).limit(1).scalar_subquery()
    more = case((_T.c.email == email, 1), else_=0)
    connection.execute(
        update(AccountRow)
        .where(_T.c.id == func.coalesce(known, anybody))
        .values(failed_sign_ins=_T.c.failed_sign_ins + more)
    )


def owner_exists(connection: Connection) -> bool:
    """Whether there is an owner of any status."""
    return connection.execute(select(_T.c.id).where(_T.c.role == str(Role.OWNER)).limit(1)).first() is not None


def lock_active_owners(connection: Connection) -> list[str]:
    """The ids of the owners who can sign in, their rows locked: two who demote one another wait in line."""
    statement = select(_T.c.id).where(_T.c.role == str(Role.OWNER), _T.c.status == str(Status.ACTIVE))
    return list(connection.execute(statement.order_by(_T.c.id).with_for_update()).scalars())


def page(
    connection: Connection,
    *,
    search: str = "",
    roles: tuple[Role, ...] = (),
    status: Status | None = None,
    sort: str = "name",
    descending: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> AccountPage:
    """One page, searched, filtered and sorted by the database. Raises InvalidInput for a column that can't sort."""
    if sort not in SORTS:
        raise InvalidInput(f"Accounts can't be sorted by {sort[:40]!r}. Choose one of: {', '.join(SORTS)}.")
    conditions: list[ColumnElement[bool]] = []
    if search.strip():
        conditions.append(_matches(search.strip()))
    if roles:
        conditions.append(_T.c.role.in_([str(role) for role in roles]))
    if status is not None:
        conditions.append(_T.c.status == str(status))
    total = connection.execute(select(func.count()).select_from(_T).where(*conditions)).scalar_one()
    column = func.lower(_T.c.name) if sort == "name" else _T.c[sort]
    order = (column.desc() if descending else column.asc()).nulls_last()
    rows = connection.execute(select(*_PUBLIC).where(*conditions).order_by(order, _T.c.id).limit(limit).offset(offset))
    return AccountPage(tuple(_account(dict(row._mapping)) for row in rows), total)


def _matches(search: str) -> ColumnElement[bool]:
    # SQLite's lower() knows ASCII only, so a name is also compared with the ways in which people write one.
    spellings = {search, search.lower(), search.upper(), search.title()}
    return or_(
        _T.c.email.contains(search.lower(), autoescape=True),
        func.lower(_T.c.name).contains(search.lower(), autoescape=True),
        *(_T.c.name.contains(spelling, autoescape=True) for spelling in sorted(spellings)),
    )


def _one(connection: Connection, statement: Select[Any], lock: bool) -> Account | None:
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else _account(dict(row._mapping))


def _account(values: dict[str, Any]) -> Account:
    return Account(**{**values, "role": Role(values["role"]), "status": Status(values["status"])})
