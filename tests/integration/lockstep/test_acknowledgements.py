"""Acknowledgements: counted by person, written in batches, and nobody's business but the writer's."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import text

from shared_backend.database.backup_postgres import lock_writers_out
from shared_backend.database.engine import Database
from shared_backend.database.tables import Table as Tables
from shared_backend.lockstep.acknowledgements import Acknowledgements
from shared_backend.lockstep.event_log import Event, position
from shared_backend.lockstep.watcher import Batch, Watcher
from shared_backend.utils.clock import utc_now
from shared_backend.utils.exception_handler import DatabaseBusy
from tests.support.lockstep import edit, eventually, shared_state


def publish(database: Database, of: str = "a1") -> int:
    asked = edit({"title": "Holidays", "status": "published"}, of=of, kind="announcement")
    return shared_state(database).save(asked).version


def canary(seq: int, canary_id: str) -> Event:
    data = {"canary_id": canary_id}
    return Event(seq, f"event-{seq}", "canary", "worker", "w", "", None, None, None, data, utc_now(), "")


def counters(database: Database) -> tuple[int, int, int]:
    """(the log's number, the number of batches of acknowledgements, rows)."""
    with database.read() as connection:
        return tuple(  # type: ignore[return-value]
            connection.execute(text(f"SELECT {what}")).scalar_one()
            for what in (
                "(SELECT seq FROM log_counter)",
                "(SELECT seq FROM ack_counter)",
                "(SELECT count(*) FROM acknowledgement)",
            )
        )


def test_a_thousand_readers_are_one_row_a_handful_of_batches_and_no_event(database: Database) -> None:
    version = publish(database)
    watcher, batches, changes = Watcher(database), [], []
    watcher.add_listener(batches.append)
    watcher.add_ack_listener(changes.append)
    watcher.start()
    acknowledgements = Acknowledgements(database, "user_portal", interval_s=0.3)
    acknowledgements.start()
    readers = [
        threading.Thread(
            target=lambda first=first: [  # type: ignore[misc]
                acknowledgements.report("announcement", "a1", version, "shown", f"p{first + step}")
                for step in range(250)
            ]
        )
        for first in range(0, 1000, 250)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    acknowledgements.stop()
    (found,) = acknowledgements.for_version("announcement", "a1", version)
    assert (found.portal, found.stage, found.people) == ("user_portal", "shown", 1000)
    seq, ack_batches, rows = counters(database)
    assert (seq, rows) == (1, 1)
    assert 1 <= ack_batches <= 5
    eventually(lambda: changes and changes[-1][-1].people == 1000)
    assert batches == [], "readers wake nobody who waits for changes"
    watcher.stop()


def test_a_second_tab_and_a_second_process_of_the_same_person_add_nothing(database: Database) -> None:
    version = publish(database)
    one, two = (Acknowledgements(database, "user_portal") for _ in range(2))
    for _tab in range(3):
        one.report("announcement", "a1", version, "shown", "p1")
    one.flush()
    before = counters(database)
    one.report("announcement", "a1", version, "shown", "p1")
    assert one.flush() == 0
    assert counters(database) == before
    two.report("announcement", "a1", version, "shown", "p1")
    two.report("announcement", "a1", version, "shown", "p2")
    two.flush()
    (found,) = one.for_version("announcement", "a1", version)
    assert found.people == 2


def test_each_stage_and_portal_has_its_row(database: Database) -> None:
    version = publish(database)
    for portal in ("admin_portal", "user_portal"):
        acknowledgements = Acknowledgements(database, portal)
        for stage, person in (("seen", None), ("shown", "p1")):
            acknowledgements.report("announcement", "a1", version, stage, person)
        acknowledgements.flush()
    found = acknowledgements.for_version("announcement", "a1", version)
    assert sorted((ack.portal, ack.stage, ack.people) for ack in found) == [
        ("admin_portal", "seen", 0),
        ("admin_portal", "shown", 1),
        ("user_portal", "seen", 0),
        ("user_portal", "shown", 1),
    ]
    assert all(ack.elapsed_ms >= 0 for ack in found)


def test_what_the_watcher_brings_is_seen(database: Database) -> None:
    watcher, acknowledgements = Watcher(database), Acknowledgements(database, "user_portal")
    watcher.add_listener(acknowledgements.on_batch)
    acknowledgements.start()
    watcher.start()
    version = publish(database)
    (found,) = eventually(lambda: acknowledgements.for_version("announcement", "a1", version))
    assert (found.stage, found.people) == ("seen", 0)
    watcher.stop()
    acknowledgements.stop()


def test_nothing_is_lost_while_the_database_is_locked(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    version = publish(database)
    acknowledgements = Acknowledgements(database, "user_portal")
    honest = database.run

    def locked(_work: Any) -> None:
        raise DatabaseBusy

    monkeypatch.setattr(database, "run", locked)
    acknowledgements.report("announcement", "a1", version, "shown", "p1")
    with pytest.raises(DatabaseBusy):
        acknowledgements.flush()
    acknowledgements.report("announcement", "a1", version, "shown", "p2")
    monkeypatch.setattr(database, "run", honest)
    assert acknowledgements.flush() == 1
    (found,) = acknowledgements.for_version("announcement", "a1", version)
    assert found.people == 2


def test_more_changes_than_anybody_expects_all_reach_the_writer(database: Database) -> None:
    state = shared_state(database)
    state.save_all([edit({"title": "Note"}, of=f"a{number}", kind="announcement") for number in range(1_500)])
    watcher, heard = Watcher(database), []
    watcher.add_ack_listener(heard.extend)
    watcher.start()
    acknowledgements = Acknowledgements(database, "user_portal")
    for number in range(1_500):
        acknowledgements.report("announcement", f"a{number}", 1, "shown", "p1")
    acknowledgements.flush()
    eventually(lambda: len({change.entity_id for change in heard}) == 1_500)
    watcher.stop()


@pytest.mark.parametrize("entity_id", ["\ud800", "a\x00b", "x" * 200, "never-written"])
def test_one_that_is_of_nothing_holds_up_nobody_elses(database: Database, entity_id: str) -> None:
    versions = [publish(database, of=f"a{number}") for number in range(5)]
    acknowledgements = Acknowledgements(database, "user_portal")
    acknowledgements.report("announcement", entity_id, 1, "shown", "p1")
    for number, version in enumerate(versions):
        acknowledgements.report("announcement", f"a{number}", version, "shown", "p1")
    assert acknowledgements.flush() == 5
    assert counters(database)[2] == 5
    assert acknowledgements.flush() == 0, "it is dropped, and not tried for good"


def test_a_version_that_was_never_written_is_acknowledged_by_nobody(database: Database) -> None:
    version = publish(database)
    acknowledgements = Acknowledgements(database, "user_portal")
    for stage in ("seen", "shown"):
        acknowledgements.report("announcement", "a1", version + 1, stage, "p1")
    assert acknowledgements.flush() == 0
    assert counters(database)[1:] == (0, 0)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM acknowledgement_reader")).scalar_one() == 0


@pytest.mark.parametrize("canary_id", ["c" * 200, "\ud800", "two words", ""])
def test_a_canary_of_an_impossible_name_is_left_unanswered_and_the_next_is_not(
    database: Database, canary_id: str
) -> None:
    with database.read() as connection:
        epoch = position(connection).epoch
    acknowledgements = Acknowledgements(database, "user_portal")
    acknowledgements.on_batch(
        Batch(epoch, tuple(canary(number, name) for number, name in enumerate((canary_id, "c1"))))
    )
    assert acknowledgements.flush() == 1
    (found,) = acknowledgements.for_version("canary", "c1", 0)
    assert found.stage == "seen"


@pytest.mark.parametrize("noticed", [True, False])
def test_what_waited_through_a_restore_acknowledges_nothing_that_came_after(database: Database, noticed: bool) -> None:
    publish(database)
    acknowledgements = Acknowledgements(database, "user_portal")
    acknowledgements.report("announcement", "a1", 1, "shown", "p1")
    assert acknowledgements.flush() == 1
    for stage in ("seen", "shown"):
        acknowledgements.report("announcement", "a1", 2, stage, "p1")
    with database.write() as uow:  # as a restore does, and then somebody writes another version 2
        uow.connection.execute(text("UPDATE log_counter SET epoch = 'restored'"))
    shared_state(database).save(edit({"title": "Another"}, of="a1", kind="announcement"))
    if noticed:
        acknowledgements.on_batch(Batch("restored", (), resync=True))
    assert acknowledgements.flush() == 0
    assert acknowledgements.for_version("announcement", "a1", 2) == []
    acknowledgements.on_batch(Batch("restored", (), resync=True))
    acknowledgements.report("announcement", "a1", 2, "shown", "p1")
    assert acknowledgements.flush() == 1
    (found,) = acknowledgements.for_version("announcement", "a1", 2)
    assert (found.stage, found.people) == ("shown", 1)


@pytest.mark.postgres
def test_what_is_written_while_a_restore_has_the_lock_is_judged_by_what_stands_after_it(postgres_url: str) -> None:
    database = Database(postgres_url)
    version = publish(database)
    acknowledgements = Acknowledgements(database, "user_portal")
    acknowledgements.report("announcement", "a1", version, "seen")
    assert acknowledgements.flush() == 1
    acknowledgements.report("announcement", "a1", version, "shown", "p1")
    written: list[int] = []
    flushing = threading.Thread(target=lambda: written.append(acknowledgements.flush()))

    def waits() -> bool:
        with database.read() as connection:
            return bool(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())

    with database.write() as uow:
        lock_writers_out(uow.connection, Tables.metadata.sorted_tables)
        flushing.start()
        eventually(waits)
        uow.connection.execute(text("UPDATE log_counter SET epoch = 'restored'"))
    flushing.join()
    assert written == [0]
    assert [ack.stage for ack in acknowledgements.for_version("announcement", "a1", version)] == ["seen"]
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM acknowledgement_reader")).scalar_one() == 0
    database.dispose()


def test_what_was_being_written_when_a_restore_took_the_lock_is_not_taken_up_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = publish(database)
    acknowledgements = Acknowledgements(database, "user_portal")
    acknowledgements.report("announcement", "a1", version, "shown", "p1")

    def restored_meanwhile(_work: Any) -> None:
        acknowledgements.on_batch(Batch("restored", (), resync=True))
        raise DatabaseBusy

    with monkeypatch.context() as patch, pytest.raises(DatabaseBusy):
        patch.setattr(database, "run", restored_meanwhile)
        acknowledgements.flush()
    with database.write() as uow:
        uow.connection.execute(text("UPDATE log_counter SET epoch = 'restored'"))
    assert acknowledgements.flush() == 0
    assert acknowledgements.for_version("announcement", "a1", version) == []
