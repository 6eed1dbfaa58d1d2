"""The random writer against its oracle, on both databases; and the proof that it would notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from shared_backend.database.engine import Database
from shared_backend.lockstep import conflicts, consumers, entities, event_log, shared_state
from shared_backend.lockstep.consumers import DurableConsumer
from shared_backend.lockstep.event_log import Cursor
from shared_backend.lockstep.fields import differ
from shared_backend.lockstep.merging import Merged, _Merge
from shared_backend.lockstep.shared_state import SharedStateManager
from shared_backend.utils.exception_handler import IntelliCVError
from tests.integration.lockstep.machine import LockstepMachine

CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
# Without shrinking, which takes minutes on a database: add Phase.shrink when there is something to find.
HONEST = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=CHECKS,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    print_blob=False,
)
PLANTED = settings(HONEST, max_examples=250, derandomize=True)


@pytest.fixture
def machine(database_url: str) -> Iterator[type[LockstepMachine]]:
    # Nothing here has to survive a power cut.
    database = Database(database_url, synchronous="OFF")
    yield type("Machine", (LockstepMachine,), {"database": database})
    database.dispose()


@pytest.mark.slow
def test_the_database_does_what_the_dictionary_does(machine: type[LockstepMachine]) -> None:
    run_state_machine_as_test(machine, settings=HONEST)


Patch = pytest.MonkeyPatch


def skip_merge(patch: Patch) -> None:
    def whole(base: Any, head: Any, target: Any, **_others: Any) -> Merged:
        return Merged(target, [path for path in {*head, *target} if differ(head.get(path), target.get(path))])

    patch.setattr(shared_state, "merge", whole)


def ignore_authority(patch: Patch) -> None:
    honest = _Merge._collide

    def last_write_wins(self: _Merge, *given: Any) -> bool:
        honest(self, *given)
        self._collisions[-1] = replace(self._collisions[-1], mine_wins=True)
        return True

    patch.setattr(_Merge, "_collide", last_write_wins)


def drop_the_loser(patch: Patch) -> None:
    patch.setattr(conflicts, "keep", lambda _connection, collisions, **_others: ["lost"] * len(collisions))


def event_without_version(patch: Patch) -> None:
    honest = event_log.append

    def append(uow: Any, drafts: Any, **others: Any) -> Cursor:
        return honest(uow, [replace(draft, version=None) for draft in drafts], **others)

    patch.setattr(event_log, "append", append)


def version_without_event(patch: Patch) -> None:
    honest = event_log.append

    def append(uow: Any, drafts: Any, **others: Any) -> Cursor:
        if len(drafts) > 1:
            drafts = drafts[1:]
        return honest(uow, drafts, **others)

    patch.setattr(event_log, "append", append)


def number_from_the_newest_event(patch: Patch) -> None:
    honest = event_log.append

    def append(uow: Any, drafts: Any, **others: Any) -> Cursor:
        newest = uow.connection.execute(select(func.coalesce(func.max(event_log._EVENT.c.seq), 0))).scalar_one()
        uow.connection.execute(text("UPDATE log_counter SET seq = :seq"), {"seq": newest})
        return honest(uow, drafts, **others)

    patch.setattr(event_log, "append", append)


def ignore_idempotency(patch: Patch) -> None:
    patch.setattr("shared_backend.lockstep.shared_state.replayed", lambda *_given: None)
    patch.setattr("shared_backend.lockstep.shared_state.remember", lambda *_given: None)


def ignore_the_payload_of_a_key(patch: Patch) -> None:
    patch.setattr("shared_backend.lockstep.requests.SaveRequest.fingerprint", lambda _self: "x")


def undelete_to_the_first_version(patch: Patch) -> None:
    patch.setattr(entities, "last_alive", lambda c, kind, entity_id: entities.version(c, kind, entity_id, 1))


def cursor_moved_before_the_work(patch: Patch) -> None:
    def poll(self: DurableConsumer, *, limit: int = 100) -> int:
        def move(uow: Any) -> list[Any]:
            row = self._locked(uow)
            if row is None:
                raise consumers.InvalidInput()
            consumers.check_cursor(Cursor(row.epoch, row.seq), event_log.position(uow.connection))
            events = event_log.read_since(uow.connection, row.seq, limit=limit)
            if events:
                self._update(uow.connection, seq=events[-1].seq, state="live")
            return events

        events = self.database.run(move)
        self.database.run(lambda uow: [self._handler(event, uow) for event in events])
        return len(events)

    patch.setattr(DurableConsumer, "poll", poll)


def cursor_moved_after_the_work(patch: Patch) -> None:
    def poll(self: DurableConsumer, *, limit: int = 100) -> int:
        with self.database.read() as connection:
            row = connection.execute(select(consumers._CONSUMER).where(consumers._CONSUMER.c.name == self.name)).first()
            if row is None:
                raise consumers.InvalidInput()
            consumers.check_cursor(Cursor(row.epoch, row.seq), event_log.position(connection))
            events = event_log.read_since(connection, row.seq, limit=limit)
        for event in events:
            self.database.run(lambda uow, event=event: self._handler(event, uow))  # type: ignore[misc]
        if events:
            self.database.run(lambda uow: self._update(uow.connection, seq=events[-1].seq, state="live"))
        return len(events)

    patch.setattr(DurableConsumer, "poll", poll)


def trim_whoever_reads(patch: Patch) -> None:
    def trim_log(uow: Any, *, keep: int, hold_cap: int) -> int:
        return event_log.trim(uow, event_log.position(uow.connection).seq - keep)

    patch.setattr(consumers, "trim_log", trim_log)


def silence_below_the_floor(patch: Patch) -> None:
    patch.setattr(consumers, "check_cursor", lambda _cursor, _where: None)


def order_by_the_clock(patch: Patch) -> None:
    honest = SharedStateManager._merged

    def newest_wins(self: SharedStateManager, connection: Any, kind: Any, request: Any, head: Any) -> Any:
        before, merged, data = honest(self, connection, kind, request, head)
        if head is not None and self.now() < head.updated_at:
            return before, Merged(before, []), data
        return before, merged, data

    patch.setattr(SharedStateManager, "_merged", newest_wins)


def edits_start_from_the_newest(patch: Patch) -> None:
    patch.setattr(SharedStateManager, "_base_data", lambda _s, _c, _r, head, _v: head.data if head else {})


def changed_is_told_short(patch: Patch) -> None:
    honest = shared_state.write_version

    def write(*given: Any, changed: list[str], **others: Any) -> int:
        return honest(*given, changed=changed[:1], **others)

    patch.setattr(shared_state, "write_version", write)


def events_read_twice(patch: Patch) -> None:
    honest = event_log.read_since
    patch.setattr(consumers, "read_since", lambda c, seq, *, limit: honest(c, max(0, seq - 1), limit=limit))


def several_saves_one_by_one(patch: Patch) -> None:
    def save_all(self: SharedStateManager, requests: Any) -> Any:
        return [self.save(request) for request in requests][-1]

    patch.setattr(SharedStateManager, "save_all", save_all)


def saves_into_the_grave(patch: Patch) -> None:
    honest = entities.head

    def head(*given: Any, **others: Any) -> Any:
        found = honest(*given, **others)
        return replace(found, deleted=False) if found else None

    patch.setattr(entities, "head", head)


BUGS: list[Callable[[Patch], None]] = [
    skip_merge,
    ignore_authority,
    drop_the_loser,
    event_without_version,
    version_without_event,
    number_from_the_newest_event,
    ignore_idempotency,
    ignore_the_payload_of_a_key,
    undelete_to_the_first_version,
    cursor_moved_before_the_work,
    cursor_moved_after_the_work,
    trim_whoever_reads,
    silence_below_the_floor,
    order_by_the_clock,
    edits_start_from_the_newest,
    changed_is_told_short,
    events_read_twice,
    several_saves_one_by_one,
    saves_into_the_grave,
]


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_caught(
    machine: type[LockstepMachine], plant: Callable[[Patch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    # What a broken patch would raise (a TypeError, an AttributeError) does not count as caught. ZeroDivisionError is
    # what the machine's consumers fail with: it comes through where they should not have been called.
    with pytest.raises((AssertionError, IntelliCVError, SQLAlchemyError, ZeroDivisionError, pytest.fail.Exception)):
        run_state_machine_as_test(machine, settings=PLANTED)
