"""Where a secret's newest version is, and whether a copy of it may still be trusted. No value is ever here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from shared_backend.database.tables import CloudSecretRow

_ROWS = CloudSecretRow.__table__  # type: ignore[attr-defined]
State = Literal["known", "changing", "deleted"]


@dataclass(frozen=True)
class KnownSecret:
    """What we last did with a secret on a provider; see CloudSecretRow for the states."""

    provider: str
    name: str
    version: str
    generation: int
    state: State


def look(connection: Connection, name: str) -> Mapping[str, KnownSecret]:
    """What we know of a secret, by provider."""
    return {row.provider: _known(row) for row in connection.execute(select(_ROWS).where(_ROWS.c.name == name))}


def look_at_all(connection: Connection) -> Mapping[str, Mapping[str, KnownSecret]]:
    """What we know of all secrets, by name and provider."""
    found: dict[str, dict[str, KnownSecret]] = {}
    for row in connection.execute(select(_ROWS)):
        found.setdefault(row.name, {})[row.provider] = _known(row)
    return found


def newest(rows: Mapping[str, KnownSecret], primary: str) -> KnownSecret | None:
    """The newest state that some provider took; of copies the primary's."""
    return max(rows.values(), key=lambda row: (row.generation, row.provider == primary), default=None)


def note(
    connection: Connection, provider: str, name: str, version: str, state: State, *, generation: int, at: datetime
) -> None:
    """Notes what became of a secret. What was noted of a later generation stays."""
    row = {"version": version[:200], "state": state, "generation": generation, "seen_at": at}
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(_ROWS)
    statement = insert.values(provider=provider, name=name, **row)
    earlier = statement.excluded.generation >= _ROWS.c.generation
    connection.execute(statement.on_conflict_do_update(index_elements=["provider", "name"], set_=row, where=earlier))


def forget(connection: Connection, provider: str, name: str) -> None:
    """Forgets what we know of a secret on a provider."""
    connection.execute(delete(_ROWS).where(_ROWS.c.provider == provider, _ROWS.c.name == name))


def _known(row) -> KnownSecret:  # type: ignore[no-untyped-def]
    return KnownSecret(row.provider, row.name, row.version, row.generation, row.state)
