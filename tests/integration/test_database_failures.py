"""A database that is locked, full, read-only, of a newer release, or gone mid-save: the error by its name, nothing half
written, and everything as before once it is well again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from shared_backend.database.migrate import head_revision, is_current, migrate
from shared_backend.services.backend import Backend
from shared_backend.utils.exception_handler import DatabaseUnavailable, InvalidInput, SchemaMismatch
from tests.support.lockstep import ADMIN
from user_portal.lockstep_monitor import monitor

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    yield from _open(settings)


@pytest.fixture
def on_file(sqlite_url: str, tmp_path: Path) -> Iterator[Backend]:
    yield from _open(_settings(sqlite_url, tmp_path))


@pytest.fixture
def on_server(postgres_url: str, tmp_path: Path) -> Iterator[Backend]:
    yield from _open(_settings(postgres_url, tmp_path))


def _settings(url: str, tmp_path: Path) -> Settings:
    from shared_backend.config.backend_config import load_settings

    return load_settings(environment="test", var_dir=tmp_path / "var", database_url=url)


def _open(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings)
    opened.database.busy_timeout_s = 0.2
    opened.database.dispose()
    saved(opened, "before")
    yield opened
    opened.close()


def save(backend: Backend, label: str, **more: Any) -> dict[str, Any]:
    return backend.bridge.sync_user_data("c1", {"label": label, **more}, actor=ADMIN)


def saved(backend: Backend, label: str) -> dict[str, Any]:
    answer = save(backend, label)
    assert answer["success"], answer
    return answer


def refused(answer: dict[str, Any], code: str) -> None:
    assert (answer["success"], answer["code"]) == (False, code), answer
    assert "othing was saved" in answer["error"]
    assert answer["version"] is answer["seq"] is None


def works_again(backend: Backend, expected_before: str = "before") -> None:
    """The refused save has left nothing, and the next one goes through."""
    assert backend.bridge.get("user_profile", "c1", actor=ADMIN).data["basics"]["label"] == expected_before
    saved(backend, "after")
    assert backend.bridge.get("user_profile", "c1", actor=ADMIN).data["basics"]["label"] == "after"
    report = monitor(backend.settings, portals=False)
    assert report.ok, [check.words for check in report.checks if not check.ok]


def test_locked_file(on_file: Backend) -> None:
    with closing(sqlite3.connect(str(on_file.database.path), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        refused(save(on_file, "locked out"), "database_busy")
        assert on_file.bridge.get("user_profile", "c1", actor=ADMIN).version == 1, "readers go on"
        holder.execute("ROLLBACK")
    works_again(on_file)


def test_a_lock_that_is_short_is_waited_for(on_file: Backend) -> None:
    on_file.database.busy_timeout_s = 10
    with closing(sqlite3.connect(str(on_file.database.path), isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, lambda: holder.execute("ROLLBACK"))
        timer.start()
        saved(on_file, "patient")
        timer.join()


@pytest.mark.postgres
def test_locked_rows(on_server: Backend) -> None:
    import psycopg

    with psycopg.connect(on_server.database.driver_dsn()) as holder:
        holder.execute("SELECT 1 FROM entity_head FOR UPDATE")

        @event.listens_for(on_server.database.engine, "begin")
        def impatient(connection: Any) -> None:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")

        refused(save(on_server, "locked out"), "database_busy")
        event.remove(on_server.database.engine, "begin", impatient)
    works_again(on_server)


def test_full_file(on_file: Backend) -> None:
    """SQLite's own limit stands for the disk's: the same error at the same place."""

    @event.listens_for(on_file.database.engine, "connect")
    def small(connection: Any, _record: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    on_file.database.dispose()
    refused(save(on_file, "x" * 200, summary="y" * 20_000), "database_full")
    event.remove(on_file.database.engine, "connect", small)
    on_file.database.dispose()
    works_again(on_file)


@pytest.mark.postgres
def test_full_server(on_server: Backend) -> None:
    """A trigger that raises what PostgreSQL raises when the disk is full."""
    _trigger(on_server.database, "RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'")
    refused(save(on_server, "no room"), "database_full")
    _drop_trigger(on_server.database)
    works_again(on_server)


def test_read_only_file(on_file: Backend) -> None:
    @event.listens_for(on_file.database.engine, "connect")
    def read_only(connection: Any, _record: Any) -> None:
        # Permissions do not stop root; this gives the same error.
        connection.execute("PRAGMA query_only=ON")

    on_file.database.dispose()
    refused(save(on_file, "not here"), "database_read_only")
    event.remove(on_file.database.engine, "connect", read_only)
    on_file.database.dispose()
    works_again(on_file)


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not stop root")
def test_a_file_without_permission_to_write(on_file: Backend) -> None:
    path = on_file.database.path
    assert path is not None
    on_file.database.checkpoint()
    on_file.database.dispose()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        refused(save(on_file, "not here"), "database_read_only")
    finally:
        path.parent.chmod(0o755)
        path.chmod(0o644)
    on_file.database.dispose()
    works_again(on_file)


@pytest.mark.postgres
def test_read_only_server(on_server: Backend) -> None:
    with on_server.database.write() as uow:
        name = uow.connection.execute(text("SELECT current_database()")).scalar_one()
        uow.connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    on_server.database.dispose()
    refused(save(on_server, "not here"), "database_read_only")
    with on_server.database.engine.connect() as connection:
        connection.exec_driver_sql("SET default_transaction_read_only = off")
        connection.commit()
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = off')
        connection.commit()
    on_server.database.dispose()
    works_again(on_server)


def test_a_database_of_a_newer_release(backend: Backend) -> None:
    with backend.database.write() as uow:
        uow.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="newer release") as caught:
        Backend.open(backend.settings)
    assert "Nothing was changed" in str(caught.value)
    assert not is_current(backend.database)
    with backend.database.write() as uow:
        uow.connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": head_revision()})
    Backend.open(backend.settings).close()
    works_again(backend)


def test_a_database_that_nobody_set_up(empty_database_url: str, tmp_path: Path) -> None:
    database = Database(empty_database_url)
    with pytest.raises(SchemaMismatch, match="intellicv migrate"), database.read() as connection:
        connection.execute(text("SELECT * FROM entity_head"))
    database.dispose()


def test_a_file_that_is_removed_mid_save(on_file: Backend, tmp_path: Path) -> None:
    path = on_file.database.path
    assert path is not None
    on_file.database.checkpoint()
    kept = tmp_path / "kept.db"
    shutil.copyfile(path, kept)
    honest = on_file.state._finish

    def vanish(*given: Any) -> Any:
        answer = honest(*given)
        path.unlink()
        return answer

    on_file.state._finish = vanish  # type: ignore[method-assign]
    refused(save(on_file, "into the void"), "database_gone")
    on_file.state._finish = honest  # type: ignore[method-assign]
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    os.replace(kept, path)
    works_again(on_file)


def test_a_file_that_is_replaced_mid_save(on_file: Backend, tmp_path: Path) -> None:
    path = on_file.database.path
    assert path is not None
    on_file.database.checkpoint()
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(other)) as target:
        source.backup(target)
    honest = on_file.state._finish

    def replaced(*given: Any) -> Any:
        answer = honest(*given)
        os.replace(other, path)
        return answer

    on_file.state._finish = replaced  # type: ignore[method-assign]
    refused(save(on_file, "into the old file"), "database_gone")
    on_file.state._finish = honest  # type: ignore[method-assign]
    works_again(on_file)


def test_a_file_that_is_garbage(on_file: Backend, tmp_path: Path) -> None:
    path = on_file.database.path
    assert path is not None
    on_file.database.checkpoint()
    on_file.database.dispose()
    kept = tmp_path / "kept.db"
    os.replace(path, kept)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(b"this is not a database at all, whatever its name may say" * 100)
    refused(save(on_file, "into garbage"), "database_gone")
    os.replace(kept, path)
    on_file.database.dispose()
    works_again(on_file)


@pytest.mark.postgres
def test_a_server_that_cuts_the_connection_mid_save(on_server: Backend) -> None:
    honest = on_server.state._finish

    def cut(uow: Any, *given: Any) -> Any:
        answer = honest(uow, *given)
        pid = uow.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        on_server.state._finish = honest  # type: ignore[method-assign]
        import psycopg

        with psycopg.connect(on_server.database.driver_dsn(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        return answer

    on_server.state._finish = cut  # type: ignore[method-assign]
    refused(save(on_server, "cut off"), "database_unavailable")
    works_again(on_server)


@pytest.mark.postgres
def test_a_server_that_is_not_there() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseUnavailable), database.read():
        pass
    with pytest.raises(DatabaseUnavailable), database.write():
        pass


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(InvalidInput):
        Database(url)


def test_two_processes_that_migrate_at_once_both_come_up(empty_database_url: str) -> None:
    code = (
        "import sys, time\n"
        "from shared_backend.database.engine import Database\n"
        "from shared_backend.database.migrate import migrate\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(migrate(Database(sys.argv[1], busy_timeout_s=30)))\n"
    )
    crew = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty_database_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in crew:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in crew:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in crew]
    assert [(out.strip(), process.returncode) for (out, _error), process in zip(said, crew, strict=True)] == [
        (head_revision(), 0)
    ] * 4, said
    database = Database(empty_database_url)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM log_counter")).scalar_one() == 1
    migrate(database)
    database.dispose()


def _trigger(database: Database, body: str) -> None:
    with database.write() as uow:
        uow.connection.execute(
            text(f"CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$")
        )
        uow.connection.execute(
            text("CREATE TRIGGER trouble BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION trouble()")
        )


def _drop_trigger(database: Database) -> None:
    with database.write() as uow:
        uow.connection.execute(text("DROP TRIGGER trouble ON event"))
