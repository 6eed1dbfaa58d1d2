"""Places in the log that are gone: a resync that is told, never silence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from shared_backend.database.engine import Database
from shared_backend.lockstep import entities, event_log
from shared_backend.lockstep import watcher as watcher_module
from shared_backend.lockstep.consumers import DurableConsumer, trim_log
from shared_backend.lockstep.event_log import Cursor
from shared_backend.lockstep.watcher import Watcher
from shared_backend.utils.exception_handler import ResyncRequired
from tests.support.lockstep import edit, eventually, shared_state
from tests.support.watching import Watched, save


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


def test_snapshots_and_their_cursors_are_of_one_moment(database_url: str, database: Database) -> None:
    """While a writer hammers: the snapshot's version is exactly what the log up to its cursor says."""
    stop, failures, seen = threading.Event(), [], set()

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
        # However slow the writer's disk is: most of the looks fall between two of its commits, some into one.
        while len(seen) < 100 and thread.is_alive():
            with database.snapshot() as connection:
                head = entities.head(connection, "user_profile", "c1")
                cursor = event_log.position(connection).cursor
            assert head is not None
            seen.add(cursor.seq)
            if head.version != cursor.seq:
                failures.append((head.version, cursor.seq))
    finally:
        stop.set()
        thread.join(20)
    assert failures == []
    assert len(seen) >= 100, "the writer has stopped"
