"""What every test has: its own folder, its own database on both kinds, and no network."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from shared_backend.config import backend_config
from shared_backend.config.backend_config import PREFIX, Settings, load_settings
from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from tests.support.missing import missing
from tests.support.network import block_network
from tests.support.postgres import PostgresServer, running_server

# The thread that writes what the clouds were used for: shared_backend/cloud/use.py.
RECORDER = "cloud-use"


@pytest.fixture(scope="session", autouse=True)
def _network_is_off() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        block_network(patch)
        yield


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody's own settings or data come in, and the process's backend does not go on into the next test."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(backend_config, "dotenv_path", lambda: tmp_path / "no.env")
    monkeypatch.setenv(f"{PREFIX}VAR_DIR", str(tmp_path / "var"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    main = sys.modules["__main__"]
    before = set(threading.enumerate())
    yield
    # A page that was run has taken this name, and a process that is spawned later would begin by running that page.
    sys.modules["__main__"] = main
    # A backend that a test made has set up logging, onto a standard error that was captured for that test alone.
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    composition = sys.modules.get("shared_backend.services.backend")
    if composition is not None:
        composition.close_backend()
    # It would go on in later tests, with a database that is no more.
    left = [thread for thread in threading.enumerate() if thread.name == RECORDER and thread not in before]
    assert not left, "an orchestrator was not closed: its recorder goes on"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: some milliseconds instead of all migrations."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.dispose()
    assert not Path(f"{path}-wal").exists(), "the template would be copied without its newest pages"
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the whole run."""
    try:
        running = running_server()
        server = running.__enter__()
    except Exception as error:
        missing(f"no PostgreSQL server could be started: {type(error).__name__}: {error}")
    try:
        server.template = server.create()
        database = Database(server.url(server.template))
        migrate(database)
        database.dispose()
        yield server
    finally:
        running.__exit__(None, None, None)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test alone."""
    path = tmp_path / "test.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A migrated PostgreSQL database of this test alone."""
    name = postgres_server.create(template=postgres_server.template)
    yield postgres_server.url(name)
    postgres_server.drop(name)


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test alone; the test runs once on each kind."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a schema; the test runs once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database, open."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings that name this test's database."""
    return load_settings(environment="test", var_dir=tmp_path / "var", database_url=database_url)
