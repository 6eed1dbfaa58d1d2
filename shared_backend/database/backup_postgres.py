"""Backing up and refilling PostgreSQL, by COPY in both directions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, Table, text

from shared_backend.database.backup_file import sqlite_at
from shared_backend.database.engine import Database
from shared_backend.database.migrate import alembic_config, check_known, current_revision
from shared_backend.database.types import UtcDateTime

_CHUNK = 2_000


def copy_out(database: Database, part: Path) -> None:
    """Copies every table, as all are at one moment, into a SQLite file of the same schema revision."""
    with database.snapshot() as connection:
        check_known(connection)
        revision = current_revision(connection)
        assert revision is not None
        _make_schema(part, revision)
        with closing(sqlite3.connect(part, isolation_level=None)) as target:
            target.execute("BEGIN")
            for name, types in _columns(connection).items():
                if target.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)).fetchone():
                    _copy_table(connection, target, name, types)
            target.execute("COMMIT")


def lock_writers_out(connection: Connection, tables: Iterable[Table]) -> None:
    """Lets nobody else write until the transaction ends; readers go on. Waits ten seconds for those who are at it."""
    connection.execute(text("SET LOCAL lock_timeout = '10s'"))
    names = ", ".join(f'"{table.name}"' for table in tables)
    connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def fill(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Writes rows, as SQLite keeps them, in the caller's transaction."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    times = [index for index, column in enumerate(table.columns) if isinstance(column.type, UtcDateTime)]
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            values = list(row)
            for index in times:
                # SQLite keeps no zone; it is always UTC.
                values[index] = None if values[index] is None else f"{values[index]}+00"
            copy.write_row(values)


def _make_schema(part: Path, revision: str) -> None:
    empty = sqlite_at(part)
    try:
        with empty.write() as uow:
            command.upgrade(alembic_config(uow.connection), revision)
    finally:
        empty.dispose()


def _columns(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    """(column, type) of every table of ours, by table."""
    rows = connection.execute(
        text(
            "SELECT table_name, column_name, udt_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name <> 'alembic_version' "
            "ORDER BY table_name, ordinal_position"
        )
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, type_name in rows:
        found.setdefault(table, []).append((column, type_name))
    return found


def _copy_table(connection: Connection, target: sqlite3.Connection, table: str, columns: list[tuple[str, str]]) -> None:
    names = ", ".join(f'"{name}"' for name, _type in columns)
    statement = f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" for _ in columns)})'
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) TO STDOUT') as copy:
        copy.set_types([type_name for _name, type_name in columns])
        rows = _as_sqlite_keeps_them(copy.rows())
        while chunk := list(islice(rows, _CHUNK)):
            target.executemany(statement, chunk)


def _as_sqlite_keeps_them(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield tuple(
            value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
            if isinstance(value, datetime)
            else value
            for value in row
        )
