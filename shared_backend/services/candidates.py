"""The list of candidates: profiles with the accounts they belong to, searched, filtered and sorted in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from shared_backend.database.engine import Database
from shared_backend.database.tables import AccountRow, EntityHead
from shared_backend.identity import accounts
from shared_backend.identity.accounts import Status
from shared_backend.identity.actor import Actor
from shared_backend.identity.inputs import check_characters
from shared_backend.identity.roles import Permission, Role
from shared_backend.services.skill_holders import has_skill
from shared_backend.utils.exception_handler import InvalidInput, PermissionDenied

_HEAD = EntityHead.__table__  # type: ignore[attr-defined]
_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]

MAX_PAGE = 200
MAX_SEARCH = 200
NO_ACCOUNT: Final = "none"
STATUSES: Final = (*(str(status) for status in Status), NO_ACCOUNT)
SORTS: Final = ("name", "-name", "-updated", "updated", "-completeness", "completeness", "-created", "created")


@dataclass(frozen=True)
class Filter:
    """Which candidates. `completeness` is an inclusive range in percent; no `statuses` means all of STATUSES.
    `skill_names`: who has a skill by one of these names; without any, everybody."""

    search: str = ""
    completeness: tuple[int, int] = (0, 100)
    statuses: tuple[str, ...] = ()
    deleted: bool = False
    skill_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """One row. `status` is the account's, or `none` for a profile without one; `completeness` is in percent."""

    id: str
    version: int
    deleted: bool
    name: str
    headline: str
    completeness: int
    email: str
    status: str
    created_at: datetime
    updated_at: datetime
    updated_by: str
    updated_by_name: str
    updated_source: str
    last_sign_in_at: datetime | None


class Candidates:
    """The list as an actor may see it. Every call reads the actor's own role and status afresh."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, wanted: Filter, *, actor: Actor) -> int:
        """How many there are. Raises PermissionDenied and InvalidInput."""
        with self._database.snapshot() as connection:
            _authorise(connection, actor, Permission.READ_ALL, "see the candidates")
            query = _filtered(select(func.count()).select_from(_source(wanted)), wanted, self._database.dialect)
            return connection.execute(query).scalar_one()

    def page(
        self, wanted: Filter, *, actor: Actor, sort: str = "name", limit: int = 25, offset: int = 0
    ) -> list[Candidate]:
        """One page. Raises PermissionDenied and InvalidInput."""
        if not 1 <= limit <= MAX_PAGE or offset < 0:
            raise InvalidInput(f"A page holds 1 to {MAX_PAGE} candidates and starts at 0 or later.")
        with self._database.snapshot() as connection:
            _authorise(connection, actor, Permission.READ_ALL, "see the candidates")
            # Which rows first, their columns after: skipping 9,000 rows with their accounts took twice as long.
            dialect = self._database.dialect
            chosen = _filtered(select(_HEAD.c.entity_id).select_from(_source(wanted)), wanted, dialect)
            chosen = _sorted(chosen, wanted, sort)
            ids = list(connection.execute(chosen.limit(limit).offset(offset)).scalars())
            return _in_order(connection, ids)

    def by_ids(self, ids: Sequence[str], *, actor: Actor) -> list[Candidate]:
        """These, in the order given; who is not there any more is left out. Raises PermissionDenied."""
        with self._database.snapshot() as connection:
            _authorise(connection, actor, Permission.READ_ALL, "see the candidates")
            return _in_order(connection, ids[:MAX_PAGE])

    def export(self, wanted: Filter, *, actor: Actor, sort: str = "name") -> Iterator[Candidate]:
        """All that the filter lets through. Raises PermissionDenied for who may not export."""
        with self._database.snapshot() as connection:
            _authorise(connection, actor, Permission.EXPORT, "export the candidates")
            query = _filtered(_rows(), wanted, self._database.dialect)
            for row in connection.execute(_sorted(query, wanted, sort)):
                yield _candidate(row)


def _authorise(connection: Connection, actor: Actor, permission: Permission, to: str) -> None:
    actor.require(permission, to)
    if actor.role is Role.SYSTEM:
        return
    account = accounts.by_id(connection, actor.id)
    if account is None or account.status is not Status.ACTIVE or not account.role.may(permission):
        raise PermissionDenied(f"Your account may not {to} any more. Ask an administrator of your company.")


def _joined() -> Any:
    return _HEAD.outerjoin(_ACCOUNT, _ACCOUNT.c.id == _HEAD.c.entity_id)


def _source(wanted: Filter) -> Any:
    """The tables that a filter needs: for most of them, counting and skipping does without the accounts."""
    return _joined() if wanted.search or wanted.statuses or wanted.deleted else _HEAD


def _in_order(connection: Connection, ids: Sequence[str]) -> list[Candidate]:
    query = _rows().where(_HEAD.c.entity_id.in_(ids))
    found = {row.id: _candidate(row) for row in connection.execute(query)}
    return [found[one] for one in ids if one in found]


def _rows() -> Select[Any]:
    # Not the profile itself: a page of a list must not read a megabyte of CVs.
    return (
        select(
            _HEAD.c.entity_id.label("id"),
            _HEAD.c.version,
            _HEAD.c.deleted,
            _name().label("name"),
            _HEAD.c.status.label("headline"),
            _HEAD.c.score.label("completeness"),
            func.coalesce(_ACCOUNT.c.email, "").label("email"),
            func.coalesce(_ACCOUNT.c.status, NO_ACCOUNT).label("status"),
            _HEAD.c.created_at,
            _HEAD.c.updated_at,
            _HEAD.c.updated_by,
            _HEAD.c.updated_by_name,
            _HEAD.c.updated_source,
            _ACCOUNT.c.last_sign_in_at,
        )
        .select_from(_joined())
        .where(_HEAD.c.kind == "user_profile")
    )


def _name() -> ColumnElement[str]:
    return case((_HEAD.c.label != "", _HEAD.c.label), else_=func.coalesce(_ACCOUNT.c.name, ""))


def _filtered(query: Select[Any], wanted: Filter, dialect: str) -> Select[Any]:
    query = query.where(_HEAD.c.kind == "user_profile", _HEAD.c.deleted == wanted.deleted)
    for word in _search_words(wanted.search):
        query = query.where(_matches(word))
    low, high = wanted.completeness
    if (low, high) != (0, 100):
        query = query.where(_HEAD.c.score.between(low, high))
    if wanted.skill_names:
        query = query.where(has_skill(dialect, wanted.skill_names))
    unknown = set(wanted.statuses) - set(STATUSES)
    if unknown:
        raise InvalidInput(f"There is no such account status. Choose of: {', '.join(STATUSES)}.")
    if wanted.statuses and set(wanted.statuses) != set(STATUSES):
        query = query.where(func.coalesce(_ACCOUNT.c.status, NO_ACCOUNT).in_(wanted.statuses))
    return query


def _search_words(search: str) -> list[str]:
    if len(search) > MAX_SEARCH:
        raise InvalidInput(f"Search for something of at most {MAX_SEARCH} characters.")
    check_characters(search, "The search")
    return search.casefold().split()[:8]


def _matches(word: str) -> ColumnElement[bool]:
    # A deleted profile has no text left to search; its account still has its name.
    return or_(
        _HEAD.c.search_text.contains(word, autoescape=True),
        _ACCOUNT.c.email.contains(word, autoescape=True),
        func.lower(_ACCOUNT.c.name).contains(word, autoescape=True),
        _HEAD.c.entity_id == word,
    )


def _sorted(query: Select[Any], wanted: Filter, sort: str) -> Select[Any]:
    if sort not in SORTS:
        raise InvalidInput(f"Candidates can't be sorted by {sort[:40]!r}. Choose one of: {', '.join(SORTS)}.")
    column: Any = {
        # A deleted profile has no name left but its account's.
        "name": func.lower(_name() if wanted.deleted else _HEAD.c.label),
        "updated": _HEAD.c.updated_at,
        "completeness": _HEAD.c.score,
        "created": _HEAD.c.created_at,
    }[sort.lstrip("-")]
    # The id makes the order total: without it, pages could repeat or miss rows that sort alike.
    return query.order_by(column.desc() if sort.startswith("-") else column.asc(), _HEAD.c.entity_id)


def _candidate(row: Any) -> Candidate:
    return Candidate(**row._mapping)
