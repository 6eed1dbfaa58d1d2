"""Restores over other schemas: an older backup, a newer one, a ruined database, numbers that go on."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text

from shared_backend.config.backend_config import load_settings
from shared_backend.database import migrate
from shared_backend.database.backup import Restored, backup, restore
from shared_backend.database.backup_file import BackupUnusable
from shared_backend.database.engine import Database
from shared_backend.database.tables import (
    CloudSwitchRow,
    EntityHead,
    EntityVersion,
    EventRow,
    SessionRow,
    Table,
)
from shared_backend.lockstep.watcher import Watcher
from shared_backend.services.backend import Backend
from shared_backend.utils.clock import utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable, SchemaMismatch
from tests.support.backups import cut, everything, label, write


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Turns this release into one with another migration, which adds a column with a default."""
    copy = tmp_path / "release" / "migrations"
    shutil.copytree(Path(migrate.__file__).parent / "migrations", copy)
    head = migrate.head_revision()
    (copy / "versions" / "9999_next.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision = '9999'\ndown_revision = {head!r}\n"
        "def upgrade():\n"
        "    op.add_column('consumer', sa.Column('note', sa.Text(), server_default='', nullable=False))\n"
        "    op.execute(\"UPDATE entity_head SET status = 'migrated'\")\n"
    )
    return lambda: monkeypatch.setattr(migrate, "__file__", str(copy.parent / "migrate.py"))


def test_a_backup_of_an_older_schema_is_migrated(
    backend: Backend,
    tmp_path: Path,
    next_release: Callable[[], None],
    restored_by: Callable[[Database, Path], Restored],
) -> None:
    write(backend, "ana", "one")
    file = backup(backend.database, tmp_path / "b.db").path
    write(backend, "ana", "two")
    next_release()
    done = restored_by(backend.database, file)
    with backend.database.read() as connection:
        assert migrate.current_revision(connection) == "9999"
        assert connection.execute(select(EntityHead.status)).scalars().all() == ["migrated"]
    assert label(backend, "ana") == "one"
    assert done.kept is not None
    assert restored_by(backend.database, done.kept).manifest.revision == "9999"
    assert label(backend, "ana") == "two"


def test_a_backup_of_a_newer_schema_is_refused(
    backend: Backend, tmp_path: Path, next_release: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(backend, "ana", "one")
    ours = migrate.__file__
    next_release()
    newer = Database(f"sqlite:///{tmp_path}/newer.db")
    migrate.migrate(newer)
    file = backup(newer, tmp_path / "b.db").path
    newer.dispose()
    monkeypatch.setattr(migrate, "__file__", ours)
    before = everything(backend.database)
    with pytest.raises(BackupUnusable, match=r"b\.db has schema 9999.*newer release"):
        restore(backend.database, file, keep_in=tmp_path / "backups")
    assert everything(backend.database) == before


def test_a_database_of_a_newer_release_is_kept_aside_or_left_alone(
    backend: Backend, tmp_path: Path, restored_by: Callable[[Database, Path], Restored]
) -> None:
    write(backend, "ana", "one")
    file = backup(backend.database, tmp_path / "b.db").path
    with backend.database.write() as uow:
        uow.connection.execute(text("UPDATE alembic_version SET version_num = '7777'"))
    if backend.database.dialect == "postgresql":
        with pytest.raises(SchemaMismatch, match="empty database"):
            restored_by(backend.database, file)
        return
    other = Database(backend.settings.database_url)
    watcher = Watcher(other)
    resynced = threading.Event()
    watcher.add_listener(lambda batch: resynced.set() if batch.resync else None)
    watcher.start()
    try:
        done = restored_by(backend.database, file)
        assert resynced.wait(5), "the watcher did not notice that the file was replaced"
        assert watcher.position.epoch == done.epoch
    finally:
        watcher.stop()
        other.dispose()
    assert done.set_aside and done.kept is not None
    with closing(sqlite3.connect(done.kept)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("7777",)
    # A process that had the old file open is told once, and goes on with the new one.
    with pytest.raises(DatabaseUnavailable):
        backend.bridge.state.database.run(lambda uow: uow.connection.execute(insert(SessionRow), []))
    write(backend, "ana", "two")


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"no database" * 900), cut(0.5)])
def test_a_ruined_database_is_kept_aside(sqlite_url: str, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    settings = load_settings(environment="test", var_dir=tmp_path / "var", database_url=sqlite_url)
    backend = Backend.open(settings)
    write(backend, "ana", "one")
    file = backup(backend.database, tmp_path / "b.db").path
    for number in range(60):
        write(backend, f"more{number}", "x" * 250)
    backend.close()
    assert backend.database.path is not None
    spoil(backend.database.path)
    ruin = backend.database.path.read_bytes()
    database = Database(sqlite_url)
    done = restore(database, file, keep_in=tmp_path / "backups")
    assert done.set_aside and done.kept is not None and done.kept.read_bytes() == ruin
    database.dispose()
    again = Backend.open(settings)
    assert label(again, "ana") == "one"
    assert stat.S_IMODE(backend.database.path.stat().st_mode) == 0o600
    again.close()


def test_what_is_added_before_anybody_sees_the_new_state(database: Database, tmp_path: Path) -> None:
    file = backup(database, tmp_path / "b.db").path
    seen: list[tuple[str, int]] = []

    def note(connection: Any, manifest: Any) -> None:
        count = len(connection.execute(select(EntityVersion.version)).all())
        seen.append((manifest.revision, count + len(connection.execute(select(EventRow.seq)).all())))

    restore(database, file, keep_in=tmp_path / "backups", on_prepared=note)
    assert seen == [(migrate.head_revision(), 0)]


def test_rows_that_number_themselves_go_on_after_a_restore(database: Database, tmp_path: Path) -> None:
    switch = CloudSwitchRow.__table__  # type: ignore[attr-defined]
    row = {"capability": "blobs", "primary_name": "azure", "switched_by": "ada", "reason": "", "switched_at": utc_now()}

    def add(count: int) -> list[int]:
        with database.write() as uow:
            statement = insert(switch).values(row).returning(switch.c.id)
            return [uow.connection.execute(statement).scalar_one() for _ in range(count)]

    add(3)
    file = tmp_path / "b.db"
    backup(database, file)
    with database.write() as uow:
        uow.connection.execute(delete(switch))
        if database.dialect == "postgresql":
            # As on a machine that has just been set up.
            uow.connection.execute(text("SELECT setval('cloud_switch_id_seq', 1, false)"))
    restore(database, file, keep_in=tmp_path / "kept")
    (number,) = add(1)
    with database.read() as connection:
        assert sorted(connection.execute(select(switch.c.id)).scalars()) == [1, 2, 3, number]


@pytest.mark.postgres
def test_every_column_of_postgresql_that_numbers_itself_goes_on(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.write() as uow:
        found = uow.connection.execute(
            text(
                "SELECT t.relname, a.attname, pg_get_serial_sequence(quote_ident(t.relname), a.attname) AS sequence "
                "FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped "
                "WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace"
            )
        ).all()
        numbered = {row.sequence: (row.relname, row.attname) for row in found if row.sequence}
        for sequence in numbered:
            uow.connection.execute(text(f"SELECT setval('{sequence}', 41)"))
    assert {table for table, _ in numbered.values()} >= {"cloud_journal", "cloud_switch", "monitoring"}
    keys = {table.name: [column.name for column in table.primary_key.columns] for table in Table.metadata.sorted_tables}
    assert all(column in keys[table] for table, column in numbered.values()), "a restore would not set it"
    database.dispose()
