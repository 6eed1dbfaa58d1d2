"""Backing up and refilling SQLite."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table

from shared_backend.database.engine import Database
from shared_backend.utils.exception_handler import DatabaseBusy, DatabaseGone

_CHUNK = 2_000


def copy_out(database: Database, part: Path) -> None:
    """Copies the database as it is at one moment, while others write, by SQLite's online backup.

    Never by copying the file: its newest pages are in the log beside it, and opening and closing it in a process that
    has it open drops that process's locks.
    """
    deadline = time.monotonic() + database.busy_timeout_s

    def give_up(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() >= deadline:
            raise DatabaseBusy("The database is locked by somebody else. No backup was made; try again in a moment.")

    with (
        closing(database.connect_raw()) as source,
        closing(sqlite3.connect(part, isolation_level=None)) as target,
    ):
        # All pages in one step: a backup in several starts over whenever somebody commits in between.
        source.backup(target, pages=-1, progress=give_up, sleep=0.05)


def rows_of(path: Path, table: Table) -> Iterator[tuple[Any, ...]]:
    """The rows of a table as SQLite keeps them, in the order of the table's columns."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield from connection.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY rowid')


def fill(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Writes rows, as SQLite keeps them, in the caller's transaction."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({", ".join("?" for _ in table.columns)})'
    waiting = iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        connection.exec_driver_sql(statement, chunk)


def is_readable(database: Database) -> bool:
    """Whether the file is a sound database; one that is not there, or empty, is. Raises what else keeps it from being
    read, such as a lock or missing permissions."""
    assert database.path is not None
    if not database.path.exists():
        return True
    try:
        with closing(database.connect_raw()) as connection:
            return connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except (DatabaseGone, sqlite3.DatabaseError) as error:
        words = str(error).lower()
        if "malformed" in words or "not a database" in words:
            return False
        raise


def take_place(prepared: Path, path: Path, kept_as: Path) -> None:
    """Moves the database at `path`, with what belongs to it, to another name and puts `prepared` in its place. Whoever
    has the old one open goes on with it there until they look at the path again."""
    prepared.chmod(0o600)
    with prepared.open("rb+") as file:
        os.fsync(file.fileno())
    # The database before its log: a log that lies beside a database that it is not of would be taken for its own.
    for end in ("", "-wal", "-shm"):
        beside = path.with_name(path.name + end)
        if beside.exists():
            beside.rename(kept_as.with_name(kept_as.name + end))
    prepared.rename(path)
