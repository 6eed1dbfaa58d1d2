"""What tests of backups share: writing, and reading everything back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from shared_backend.database.engine import Database
from shared_backend.database.tables import Table
from shared_backend.identity.actor import Actor
from shared_backend.lockstep.event_log import position
from shared_backend.services.backend import Backend

SYSTEM = Actor.system("test")
Row = tuple[Any, ...]


def write(backend: Backend, entity_id: str, label: str) -> dict[str, Any]:
    answer = backend.bridge.save("user_profile", entity_id, {"basics": {"label": label}}, source="script", actor=SYSTEM)
    assert answer["success"], answer
    return answer


def label(backend: Backend, entity_id: str) -> str:
    return backend.bridge.get("user_profile", entity_id, actor=SYSTEM).data["basics"]["label"]


def everything(database: Database, *, but: tuple[str, ...] = ()) -> dict[str, list[Row]]:
    """All rows of all tables, as they are read back."""
    with database.snapshot() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(*table.c))), key=repr)
            for table in Table.metadata.sorted_tables
            if table.name not in but
        }


def epoch_of(database: Database) -> str:
    with database.read() as connection:
        return position(connection).epoch


def cut(share: float) -> Callable[[Path], None]:
    def work(path: Path) -> None:
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])

    return work
