"""Backing up and refilling PostgreSQL, by COPY in both directions."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError

from shared_backend.database.backup_file import sqlite_at
from shared_backend.database.engine import Database
from shared_backend.database.failures import sqlstate
from shared_backend.database.migrate import alembic_config, check_known, current_revision
from shared_backend.database.types import UtcDateTime
from shared_backend.utils.exception_handler import DatabaseBusy

_CHUNK = 2_000
# Who consumes, signs in or saves takes the tables in this order, and the log's counter last.
_WRITERS_ORDER = (
    "consumer",
    "account",
    "sign_in_link",
    "sign_in_session",
    "entity_head",
    "entity_version",
    "audit",
    "conflict",
    "log_counter",
    "event",
)


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


def lock_writers_out(connection: Connection, tables: Iterable[Table], *, within_s: float = 20.0) -> None:
    """Lets nobody else write until the transaction ends; readers go on. Raises DatabaseBusy when those who are at it
    don't come to an end."""
    # In the order in which writers take them. Where one takes them otherwise, we are the one who steps back: letting go
    # of everything after a part of a second, well before PostgreSQL would end somebody's save as a deadlock.
    ordered = sorted(tables, key=lambda table: (_position(table.name), table.name))
    statement = text(f"LOCK TABLE {', '.join(_quoted(table.name) for table in ordered)} IN EXCLUSIVE MODE")
    deadline = time.monotonic() + within_s
    while True:
        try:
            with connection.begin_nested():
                connection.execute(text(f"SET LOCAL lock_timeout = {random.randint(200, 600)}"))
                connection.execute(statement)
                return
        except DBAPIError as error:
            if sqlstate(error) not in {"55P03", "40P01"}:
                raise
            if time.monotonic() >= deadline:
                raise DatabaseBusy(
                    "Others are writing to the database and don't come to an end. Nothing was changed; try again, or "
                    "stop the portals first."
                ) from error
        time.sleep(random.uniform(0.02, 0.1))


def _position(table: str) -> int:
    return _WRITERS_ORDER.index(table) if table in _WRITERS_ORDER else len(_WRITERS_ORDER)


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
    for column in table.primary_key.columns:
        _number_on(connection, table, column.name)


def _number_on(connection: Connection, table: Table, column: str) -> None:
    """COPY brings its own numbers and leaves the sequence of a column that numbers itself where it was: the next insert
    would meet a number that is taken. Sequences only go forwards: one is not taken back with a transaction."""
    find = text("SELECT pg_get_serial_sequence(:table, :column)")
    sequence = connection.execute(find, {"table": _quoted(table.name), "column": column}).scalar()
    if sequence is not None:
        highest = f"SELECT COALESCE(MAX({_quoted(column)}), 0) FROM {_quoted(table.name)}"
        at_least = f"GREATEST(({highest}), (SELECT last_value FROM {sequence}))"
        connection.execute(text("SELECT setval(CAST(:sequence AS regclass), " + at_least + ")"), {"sequence": sequence})


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


def _quoted(name: str) -> str:
    return f'"{name}"'
