"""The database: how to read it, write it, and learn that it is not well."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from shared_backend.database.failures import is_retryable, meaning, translated
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.utils.exception_handler import DatabaseBusy, DatabaseGone, InvalidInput

T = TypeVar("T")

FileIdentity = tuple[int, int]


class Database:
    """One database by URL: `sqlite:///…` (embedded, WAL) or `postgresql://…` (psycopg).

    Writers on SQLite begin IMMEDIATE: a deferred transaction that turns into a writer fails at once whatever the
    busy timeout (measured: 1,303 of 4,000 against none). `synchronous=FULL`: a save is acknowledged to a person.
    """

    def __init__(self, url: str, *, busy_timeout_s: float = 5.0, synchronous: str = "FULL") -> None:
        self.url = _normalised(url)
        self.busy_timeout_s = busy_timeout_s
        self._synchronous = synchronous
        self.path = Path(self.url.database) if self.dialect == "sqlite" and self.url.database else None
        self.engine = self._create_engine()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """One writing transaction: committed when the block ends, rolled back when it raises.

        Raises DatabaseBusy when no lock could be had within `busy_timeout_s`, and the other errors of
        DatabaseUnavailable for a database that is full, read-only, gone or of another release.
        """
        with translated(), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            self._begin(connection)
            uow = UnitOfWork(connection)
            try:
                yield uow
                self.check_identity(connection)
                connection.commit()
            except BaseException:
                _quiet_rollback(connection)
                raise
        uow.committed()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; what is read in it is not necessarily of one moment on PostgreSQL."""
        with translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection whose reads are all of one moment: state and cursor read here belong together."""
        with translated(), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    def run(self, work: Callable[[UnitOfWork], T], *, attempts: int = 5) -> T:
        """Runs `work` in a writing transaction, again when a deadlock or serialisation failure undid it."""
        for attempt in range(1, attempts + 1):
            try:
                with self.write() as uow:
                    return work(uow)
            except DBAPIError as error:
                if not is_retryable(error):
                    raise
                if attempt == attempts:
                    raise DatabaseBusy() from error
                time.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise AssertionError("unreachable")

    def connect_raw(self) -> Any:
        """A driver connection of the caller's own, in autocommit: for the watcher, which must not share the pool."""
        if self.dialect == "sqlite":
            with translated():
                return self._connect_sqlite()
        import psycopg

        return psycopg.connect(self.driver_dsn(), autocommit=True, connect_timeout=5)

    def driver_dsn(self) -> str:
        """The address as the bare driver wants it: a path on SQLite, a libpq URL on PostgreSQL."""
        if self.dialect == "sqlite":
            return str(self.path)
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def file_identity(self) -> FileIdentity | None:
        """Which file is at the path now (device, inode). By stat alone: opening and closing the file would drop
        SQLite's locks for the whole process."""
        if self.path is None:
            return None
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def check_identity(self, connection: Connection) -> None:
        """Raises DatabaseGone when the connection's file is no longer the one at the path: a commit would be lost."""
        if self.path is not None and connection.connection.info.get("file") != self.file_identity():
            self.engine.dispose()
            raise DatabaseGone()

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the database file and cuts it down, unless somebody reads. SQLite only."""
        if self.dialect == "sqlite":
            connection = self.connect_raw()
            try:
                with translated():
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def compact(self) -> None:
        """Rewrites the database's file (SQLite), or frees the tables' dead rows (PostgreSQL), so that nothing is left
        of what was deleted. Raises DatabaseBusy where somebody else writes for too long."""
        connection = self.connect_raw()
        try:
            with translated():
                connection.execute("VACUUM")
        finally:
            connection.close()
        self.checkpoint()

    def dispose(self) -> None:
        """Closes the pool's connections."""
        self.engine.dispose()

    def _begin(self, connection: Connection) -> None:
        """Opens the transaction; on SQLite waits for the write lock, jittered, up to the busy timeout."""
        deadline = time.monotonic() + self.busy_timeout_s
        while True:
            try:
                connection.begin()
                if self.dialect == "sqlite":
                    self.check_identity(connection)
                return
            except DBAPIError as error:
                _quiet_rollback(connection)
                if not isinstance(meaning(error), DatabaseBusy) or time.monotonic() >= deadline:
                    raise
                time.sleep(random.uniform(0.001, 0.02))

    def _create_engine(self) -> Engine:
        if self.dialect == "postgresql":
            return create_engine(self.url, pool_size=10, max_overflow=20, pool_timeout=10, pool_pre_ping=False)
        engine = create_engine(
            self.url,
            creator=self._connect_sqlite,
            pool_size=10,
            max_overflow=20,
            pool_timeout=10,
            pool_reset_on_return="rollback",
        )

        @event.listens_for(engine, "connect")
        def remember_file(_connection: Any, record: Any) -> None:
            record.info["file"] = self.file_identity()

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            immediate = connection.get_execution_options().get("writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

        return engine

    def _connect_sqlite(self) -> sqlite3.Connection:
        assert self.path is not None
        # The folder must exist; SQLite would say only "unable to open database file".
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(
            self.path, timeout=self.busy_timeout_s, check_same_thread=False, isolation_level=None
        )
        try:
            self._prepare_sqlite(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare_sqlite(self, connection: sqlite3.Connection) -> None:
        deadline = time.monotonic() + self.busy_timeout_s
        while True:
            try:
                mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
                if mode != "wal":
                    # Two processes at a first start race for this lock, and SQLite does not always wait for it.
                    connection.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError as error:
                if "readonly" in str(error):
                    break
                if "locked" not in str(error) or time.monotonic() >= deadline:
                    raise
                time.sleep(random.uniform(0.005, 0.03))
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
        # A burst must not leave a WAL file of gigabytes behind.
        connection.execute("PRAGMA journal_size_limit=67108864")


def ping(connection: Connection) -> None:
    """Raises when the database does not answer."""
    connection.execute(text("SELECT 1"))


def _quiet_rollback(connection: Connection) -> None:
    """Rolls back without hiding the error that made it necessary behind a second one."""
    try:
        connection.rollback()
    except (DBAPIError, sqlite3.Error):
        connection.invalidate()


def _normalised(url: str) -> URL:
    try:
        parsed = make_url(url)
    except Exception as error:
        raise InvalidInput(
            f"INTELLICV_DATABASE_URL is not a database address: {error}. Use sqlite:///path or postgresql://user:password@host/name."
        ) from error
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise InvalidInput("The database must be a file: portals in different processes can't share one in memory.")
        return parsed.set(database=str(Path(parsed.database).absolute()))
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise InvalidInput(f"IntelliCV runs on SQLite and PostgreSQL; {parsed.get_backend_name()} is neither.")
