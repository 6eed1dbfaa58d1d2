"""Backup and restore, on both databases and from one to the other, while others read and write."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared_backend.database.backup import Restored, backup, restore
from shared_backend.database.engine import Database
from shared_backend.database.tables import (
    EntityHead,
    LogCounter,
)
from shared_backend.lockstep.event_log import Cursor, position
from shared_backend.lockstep.watcher import Batch, Watcher
from shared_backend.services.backend import Backend
from shared_backend.utils.exception_handler import ResyncRequired
from tests.support.backups import SYSTEM, epoch_of, everything, label, write
from tests.support.people import PASSWORD


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
