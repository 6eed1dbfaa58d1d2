"""Backup and restore, on both databases and from one to the other, while others read and write."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text

from shared_backend.config.backend_config import Settings, load_settings
from shared_backend.database import migrate
from shared_backend.database.backup import Restored, backup, restore
from shared_backend.database.backup_file import BackupRefused, BackupUnusable
from shared_backend.database.engine import Database
from shared_backend.database.tables import (
    CloudSwitchRow,
    EntityHead,
    EntityVersion,
    EventRow,
    LogCounter,
    SessionRow,
    Table,
)
from shared_backend.identity.actor import Actor
from shared_backend.lockstep.event_log import Cursor, position
from shared_backend.lockstep.watcher import Batch, Watcher
from shared_backend.services.backend import Backend
from shared_backend.utils.clock import utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable, ResyncRequired, SchemaMismatch
from tests.support.people import PASSWORD, quick_passwords

SYSTEM = Actor.system("test")
Row = tuple[Any, ...]


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings)
    opened.people._passwords = quick_passwords()
    yield opened
    opened.close()


@pytest.fixture
def restored_by(tmp_path: Path) -> Callable[[Database, Path], Restored]:
    return lambda database, file: restore(database, file, keep_in=tmp_path / "backups")


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


def test_what_is_restored_is_what_was_backed_up(
    backend: Backend, tmp_path: Path, restored_by: Callable[[Database, Path], Restored]
) -> None:
    write(backend, "ana", "Ingénieure 🧪 مهندسة")
    awkward = {"basics": {"summary": "a tab\t, a \\N, a \\. and a\nline; 'quotes' \"too\""}}
    assert backend.bridge.save("user_profile", "ana", awkward, source="script", actor=SYSTEM)["success"]
    backend.people.create_account("ana@example.org", "candidate", "Ana", PASSWORD, actor=SYSTEM)
    before = everything(backend.database, but=("log_counter",))
    made = backup(backend.database, tmp_path / "b.db")
    old = epoch_of(backend.database)
    write(backend, "ana", "Lost and kept")
    write(backend, "later", "Nobody")
    done = restored_by(backend.database, made.path)
    assert everything(backend.database, but=("log_counter",)) == before
    assert label(backend, "ana").startswith("Ingénieure 🧪")
    with backend.database.read() as connection:
        where = position(connection)
    assert where.epoch == done.epoch != old
    assert where.seq == made.manifest.seq
    assert write(backend, "ana", "On we go")["seq"] == made.manifest.seq + 1
    # And what was there before the restore can be had back.
    assert done.kept is not None and stat.S_IMODE(done.kept.stat().st_mode) == 0o600
    restored_by(backend.database, done.kept)
    assert label(backend, "ana") == "Lost and kept" and label(backend, "later") == "Nobody"


def test_a_restore_brings_back_no_sign_in_and_no_link(
    backend: Backend, tmp_path: Path, restored_by: Callable[[Database, Path], Restored]
) -> None:
    backend.people.create_account("ada@example.org", "admin", "Ada", PASSWORD, actor=SYSTEM)
    link = backend.people.invite("new@example.org", "New", "analyst", "script", actor=SYSTEM)
    ticket = backend.people.sign_in("ada@example.org", PASSWORD, "admin_portal")
    token = backend.people.exchange(ticket, "admin_portal")
    file = backup(backend.database, tmp_path / "b.db").path
    backend.people.sign_out(token, "admin_portal")
    restored_by(backend.database, file)
    assert backend.people.who(token, "admin_portal") is None
    with pytest.raises(Exception, match="link"):
        backend.people.peek_link(link.partition("#link=")[2])
    assert backend.people.sign_in("ada@example.org", PASSWORD, "admin_portal")


def test_a_restore_names_the_accounts_that_it_opens_again(
    backend: Backend, tmp_path: Path, restored_by: Callable[[Database, Path], Restored]
) -> None:
    account = backend.people.create_account("ada@example.org", "admin", "Ada", PASSWORD, actor=SYSTEM)
    file = backup(backend.database, tmp_path / "b.db").path
    backend.people.lock(account.id, "script", actor=SYSTEM)
    assert restored_by(backend.database, file).reopened == ("ada@example.org",)


def test_a_running_process_notices_and_goes_on(
    backend: Backend, tmp_path: Path, restored_by: Callable[[Database, Path], Restored]
) -> None:
    write(backend, "ana", "one")
    file = backup(backend.database, tmp_path / "b.db").path
    write(backend, "ana", "two")
    told: list[dict[str, Any]] = []
    batches: list[Batch] = []
    resynced, followed = threading.Event(), threading.Event()
    other = Database(backend.settings.database_url)
    watcher = Watcher(other)

    def listen(batch: Batch) -> None:
        batches.append(batch)
        (resynced if batch.resync else followed).set()

    watcher.add_listener(listen)
    watcher.start()
    try:
        backend.bridge.subscribe_to_events(["*"], told.append)
        done = restored_by(backend.database, file)
        assert resynced.wait(5), "the watcher did not notice"
        assert batches[-1].resync and batches[-1].epoch == done.epoch
        assert watcher.position == Cursor(done.epoch, 1)
        assert watcher.health().state == "ok"
        write(backend, "ana", "three")
        assert followed.wait(5), "the watcher did not go on"
        assert [event.version for event in batches[-1].events] == [2]
    finally:
        watcher.stop()
        other.dispose()
    backend.bus.close()
    assert told[0]["type"] == "resync_required" and told[0]["data"]["reason"] == "epoch"


def test_a_durable_consumer_of_the_old_log_is_told_to_resync(
    backend: Backend, tmp_path: Path, restored_by: Callable[[Database, Path], Restored]
) -> None:
    seen: list[int] = []
    consumer = backend.bus.consumer("exporter", lambda event, _uow: seen.append(event.seq))
    consumer.start_at()
    write(backend, "ana", "one")
    file = backup(backend.database, tmp_path / "b.db").path
    consumer.poll()
    restored_by(backend.database, file)
    with pytest.raises(ResyncRequired) as told:
        consumer.poll()
    assert told.value.reason == "epoch"
    with backend.database.snapshot() as connection:
        consumer.resync(position(connection).cursor)
    write(backend, "ana", "two")
    assert consumer.poll() == 1 and seen == [1, 2]


def test_a_version_number_that_comes_again_is_acknowledged_again(
    backend: Backend, tmp_path: Path, restored_by: Callable[[Database, Path], Restored]
) -> None:
    write(backend, "ana", "one")
    file = backup(backend.database, tmp_path / "b.db").path
    acks = backend.acknowledgements
    write(backend, "ana", "two")
    acks.report("user_profile", "ana", 2, "shown", "ana")
    acks.flush()
    assert [ack.stage for ack in acks.for_version("user_profile", "ana", 2)] == ["shown"]
    done = restored_by(backend.database, file)
    acks.on_batch(Batch(done.epoch, (), resync=True))
    write(backend, "ana", "another two")
    assert acks.for_version("user_profile", "ana", 2) == []
    acks.report("user_profile", "ana", 2, "shown", "ana")
    acks.flush()
    assert [ack.people for ack in acks.for_version("user_profile", "ana", 2)] == [1]


def test_nobody_ever_sees_the_old_epoch_with_restored_data_and_no_save_falls_between(
    backend: Backend, tmp_path: Path, restored_by: Callable[[Database, Path], Restored]
) -> None:
    """Readers and writers at full speed through three restores. Each acknowledged save is either in the state that was
    kept, or in the one that stands, as its answer's epoch says."""
    write(backend, "mark", "restored")
    file = backup(backend.database, tmp_path / "b.db").path
    write(backend, "mark", "live")
    first = epoch_of(backend.database)
    stop = threading.Event()
    pairs: set[tuple[str, str]] = set()
    answers: list[tuple[str, str]] = []
    troubles: list[BaseException] = []

    def guard(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                while not stop.is_set():
                    work()
            except BaseException as error:
                troubles.append(error)

        return run

    def read() -> None:
        with backend.database.snapshot() as connection:
            epoch = connection.execute(select(LogCounter.epoch)).scalar_one()
            data = connection.execute(select(EntityHead.data).where(EntityHead.entity_id == "mark")).scalar_one()
            pairs.add((epoch, data["basics"]["label"]))

    def save() -> None:
        name = f"w{len(answers)}"
        answers.append((write(backend, name, name)["epoch"], name))

    threads = [threading.Thread(target=guard(work)) for work in (read, read, save)]
    for thread in threads:
        thread.start()
    try:
        done = [restored_by(backend.database, file) for _ in range(3)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert troubles == []
    assert pairs <= {(first, "live"), *((restored.epoch, "restored") for restored in done)}
    assert (first, "live") in pairs and len(pairs) > 1
    kept_of = dict(zip([first, *(restored.epoch for restored in done)], [r.kept for r in done], strict=False))
    assert len({epoch for epoch, _name in answers}) > 1, "no save came through between the restores"
    for epoch, name in answers:
        kept = kept_of.get(epoch)
        if kept is None:
            assert label(backend, name) == name
        else:
            with closing(sqlite3.connect(kept)) as connection:
                found = connection.execute("SELECT 1 FROM entity_head WHERE entity_id = ?", (name,)).fetchone()
            assert found, f"{name} was acknowledged and is nowhere"


def test_a_backup_taken_while_others_write_is_of_one_moment(backend: Backend, tmp_path: Path) -> None:
    stop = threading.Event()

    def save(name: str) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            write(backend, name, f"{number}")

    write(backend, "a", "0")
    threads = [threading.Thread(target=save, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    try:
        made = [backup(backend.database, tmp_path / f"{number}.db") for number in range(6)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert made[-1].manifest.seq > made[0].manifest.seq
    for one in made:
        with closing(sqlite3.connect(one.path)) as connection:
            (seq,) = connection.execute("SELECT seq FROM log_counter").fetchone()
            numbers = [n for (n,) in connection.execute("SELECT seq FROM event ORDER BY seq")]
            heads = dict(connection.execute("SELECT entity_id, version FROM entity_head"))
            newest = dict(connection.execute("SELECT entity_id, max(version) FROM entity_version GROUP BY entity_id"))
        assert numbers == list(range(1, seq + 1)) and seq == one.manifest.seq
        assert heads == newest and sum(heads.values()) == seq


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


def test_a_fresh_machine_is_restored_onto(backend: Backend, empty_database_url: str, tmp_path: Path) -> None:
    """Also from one kind of database to the other: the backups of both are of one form."""
    write(backend, "ana", "Ingénieure")
    backend.people.create_account("ana@example.org", "candidate", "Ana", PASSWORD, actor=SYSTEM)
    made = backup(backend.database, tmp_path / "b.db")
    fresh = Database(empty_database_url)
    done = restore(fresh, made.path, keep_in=tmp_path / "backups")
    assert done.kept is None and list((tmp_path / "backups").iterdir()) == []
    assert everything(fresh, but=("log_counter",)) == everything(backend.database, but=("log_counter",))
    fresh.dispose()


def _cut(share: float) -> Callable[[Path], None]:
    def work(path: Path) -> None:
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])

    return work


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
        (_cut(0.3), "cut short"),
        (_cut(0.99), "cut short"),
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


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"no database" * 900), _cut(0.5)])
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
