"""The files of backups: private, whole or not at all; a spoiled one is named and changes nothing."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shared_backend.config.backend_config import load_settings
from shared_backend.database.backup import backup, restore
from shared_backend.database.backup_file import BackupRefused, BackupUnusable
from shared_backend.database.engine import Database
from shared_backend.services.backend import Backend
from tests.support.backups import cut, everything, write


def test_a_backup_is_one_private_file_and_replaces_nothing_unasked(backend: Backend, tmp_path: Path) -> None:
    write(backend, "ana", "one")
    folder = tmp_path / "kept here"
    folder.mkdir()
    made = backup(backend.database, folder / "b.db")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert made.size == made.path.stat().st_size
    first = made.path.read_bytes()
    with pytest.raises(BackupRefused, match="--force"):
        backup(backend.database, made.path)
    assert made.path.read_bytes() == first
    write(backend, "ana", "two")
    assert backup(backend.database, made.path, force=True).manifest.seq == 2
    assert [path.name for path in folder.iterdir()] == ["b.db"]


def test_a_backup_that_fails_leaves_the_one_before_and_nothing_else(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    made = backup(backend.database, folder / "b.db")

    def full(*_args: Any, **_kwargs: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("shared_backend.database.backup.seal", full)
    with pytest.raises(BackupRefused, match="full"):
        backup(backend.database, made.path, force=True)
    assert [path.name for path in folder.iterdir()] == ["b.db"]
    assert made.path.stat().st_size == made.size


def test_where_a_backup_can_not_go(backend: Backend, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no folder"):
        backup(backend.database, tmp_path / "nowhere" / "b.db")
    with pytest.raises(BackupRefused, match="is a folder"):
        backup(backend.database, tmp_path, force=True)


def test_the_database_is_never_replaced_by_its_own_backup(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    assert database.path is not None
    (tmp_path / "alias.db").symlink_to(database.path)
    for target in (database.path, tmp_path / "alias.db", database.path.with_name("test.db-wal")):
        with pytest.raises(BackupRefused, match="the database itself"):
            backup(database, target, force=True)
    with pytest.raises(BackupUnusable, match="the database itself"):
        restore(database, database.path, keep_in=tmp_path / "backups")
    database.dispose()


def test_there_must_be_something_to_back_up(empty_database_url: str, tmp_path: Path) -> None:
    database = Database(empty_database_url)
    with pytest.raises(BackupRefused, match="nothing to back up"):
        backup(database, tmp_path / "b.db")
    assert database.path is None or not database.path.exists()
    assert not (tmp_path / "b.db").exists()
    database.dispose()


def _flip(path: Path) -> None:
    """One letter of what somebody wrote, which no structure of the file depends on."""
    whole = path.read_bytes()
    assert b"Untouched" in whole
    path.write_bytes(whole.replace(b"Untouched", b"Uptouched"))


def _edit(statement: str) -> Callable[[Path], None]:
    def work(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(statement)

    return work


def _manifest(**changes: Any) -> Callable[[Path], None]:
    def work(path: Path) -> None:
        from shared_backend.database.backup_file import _sha256

        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            (body,) = connection.execute("SELECT body FROM backup_manifest").fetchone()
            body = json.dumps({**json.loads(body), **changes})
            connection.execute("UPDATE backup_manifest SET body = ?, sha256 = ?", (body, _sha256(body)))

    return work


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "can't be read"),
        (lambda path: (path.unlink(), path.mkdir()), "can't be read"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("name,email\nAna,a@example.org\n" * 50), "not a backup"),
        (lambda path: path.write_bytes(path.read_bytes()[:60]), "not a backup"),
        (cut(0.3), "cut short"),
        (cut(0.99), "cut short"),
        (_flip, "damaged"),
        (_edit("DELETE FROM entity_version"), "damaged: the table entity_version"),
        (_edit("CREATE TABLE extra (x)"), "damaged: it has other tables"),
        (_edit("UPDATE backup_manifest SET body = replace(body, 'sqlite', 'mysql')"), "its manifest was changed"),
        (_edit("DROP TABLE backup_manifest"), "but not a backup"),
        (_manifest(product="another"), "something else"),
        (_manifest(format=2), "newer release"),
    ],
)
def test_an_unusable_file_is_named_and_changes_nothing(
    sqlite_url: str, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    backend = Backend.open(load_settings(environment="test", var_dir=tmp_path / "var", database_url=sqlite_url))
    write(backend, "ana", "Untouched")
    file = backup(backend.database, tmp_path / "mine.db").path
    write(backend, "ana", "newer")
    before = everything(backend.database)
    spoil(file)
    with pytest.raises(BackupUnusable, match=words) as refused:
        restore(backend.database, file, keep_in=tmp_path / "backups")
    assert str(file) in str(refused.value) and "othing was changed" in str(refused.value)
    assert everything(backend.database) == before
    assert not [path for path in tmp_path.rglob("*") if "restore-" in path.name]
    backend.close()


def test_somebody_elses_database_is_not_a_backup(database: Database, tmp_path: Path) -> None:
    foreign = tmp_path / "photos.db"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE photo (id INTEGER)")
    with pytest.raises(BackupUnusable, match=r"photos\.db is a database, but not a backup"):
        restore(database, foreign, keep_in=tmp_path / "backups")
