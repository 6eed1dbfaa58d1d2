"""Searching conflicts by the person that they are about or from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from shared_backend.database.engine import Database
from shared_backend.database.tables import ConflictRow, EntityHead
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.conflicts import ConflictInfo, from_row
from shared_backend.lockstep.fields import flatten, value_at
from shared_backend.utils.exception_handler import InvalidInput

_CONFLICT: Any = ConflictRow.__table__  # type: ignore[attr-defined]
_HEAD: Any = EntityHead.__table__  # type: ignore[attr-defined]
STATUSES = ("open", "accepted", "dismissed", "applied", "overridden")
MAX_PAGE = 500


@dataclass(frozen=True)
class ListedConflict:
    """A conflict with the name of what it is about, what stands there now (MISSING for nothing), and whether that is
    deleted."""

    conflict: ConflictInfo
    label: str
    stands: Any
    deleted: bool = False


@dataclass(frozen=True)
class ConflictPage:
    """One page, how many match in all, and how many of them there are in each status."""

    items: list[ListedConflict]
    total: int
    by_status: dict[str, int]


def find_conflicts(
    database: Database, *, actor: Actor, status: str | None = "open", person: str = "", limit: int = 25, offset: int = 0
) -> ConflictPage:
    """Conflicts, newest first. `person` is looked for in what a conflict is about and in who was on either side.
    Raises PermissionDenied and InvalidInput."""
    actor.require(Permission.READ_ALL, "see conflicts")
    if status is not None and status not in STATUSES:
        raise InvalidInput(f"There is no such status. Choose one of: {', '.join(STATUSES)}.")
    if not 1 <= limit <= MAX_PAGE or offset < 0:
        raise InvalidInput(f"A page holds 1 to {MAX_PAGE} conflicts and starts at 0 or later.")
    joined = _CONFLICT.outerjoin(
        _HEAD, and_(_HEAD.c.kind == _CONFLICT.c.kind, _HEAD.c.entity_id == _CONFLICT.c.entity_id)
    )
    matches = _matches(person.strip())
    wanted = [*matches, *([_CONFLICT.c.status == status] if status else [])]
    counts = select(_CONFLICT.c.status, func.count()).select_from(joined if matches else _CONFLICT)
    now = (
        func.coalesce(_HEAD.c.label, "").label("label_now"),
        _HEAD.c.data.label("data_now"),
        _HEAD.c.deleted.label("deleted_now"),
    )
    page = select(_CONFLICT, *now).select_from(joined).where(*wanted)
    page = page.order_by(_CONFLICT.c.opened_at.desc(), _CONFLICT.c.id).limit(limit).offset(offset)
    with database.snapshot() as connection:
        rows = connection.execute(counts.where(*matches).group_by(_CONFLICT.c.status))
        by_status: dict[str, int] = {name: number for name, number in rows}
        items = [_listed(dict(row._mapping)) for row in connection.execute(page)]
    return ConflictPage(items, by_status.get(status, 0) if status else sum(by_status.values()), by_status)


def _listed(row: dict[str, Any]) -> ListedConflict:
    label, data, deleted = row.pop("label_now"), row.pop("data_now"), bool(row.pop("deleted_now"))
    conflict = from_row(row)
    return ListedConflict(conflict, label, value_at(flatten(data or {}), conflict.path), deleted)


def _matches(person: str) -> list[Any]:
    if not person:
        return []
    columns = (_HEAD.c.label, _CONFLICT.c.winner_name, _CONFLICT.c.loser_name)
    spellings = sorted({person, person.lower(), person.title()})
    return [
        or_(
            _CONFLICT.c.entity_id == person,
            *(func.lower(column).contains(person.lower(), autoescape=True) for column in columns),
            # SQLite's lower() knows ASCII only.
            *(column.contains(spelling, autoescape=True) for column in columns for spelling in spellings),
        )
    ]
