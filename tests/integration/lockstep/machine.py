"""A random writer with a plain dictionary for an oracle: whatever it does, the database must come to the same."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, insert, text

from shared_backend.database.engine import Database
from shared_backend.database.tables import AckCounter, LogCounter, Table
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.lockstep import consumers as consumer_module
from shared_backend.lockstep import entities, event_log
from shared_backend.lockstep.consumers import DurableConsumer
from shared_backend.lockstep.event_log import Cursor, Draft, Event
from shared_backend.lockstep.requests import SaveAnswer, SaveRequest
from shared_backend.utils.exception_handler import (
    FutureVersion,
    Gone,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    ResyncRequired,
)
from tests.support.lockstep import shared_state
from user_portal.lockstep_checks import fields_of

KIND = "user_profile"
ACTORS = (
    Actor("admin-1", Role.ADMIN, "Grace"),
    Actor("admin-2", Role.ADMIN, "Edsger"),
    Actor("c1", Role.CANDIDATE, "Ada"),
)
IDS = st.sampled_from(["c1", "x1"])
LISTS = st.sampled_from(["l1", "l2"])
CONSUMERS = st.sampled_from(["mail", "index"])
LAGS = st.none() | st.integers(0, 4)
PATCHES = st.dictionaries(st.sampled_from(["name", "label", "phone"]), st.none() | st.sampled_from("abc"), max_size=3)
ENTRIES = st.lists(
    st.builds(
        lambda entry_id, name, url: {"id": entry_id, "name": name, **({"position": url} if url else {})},
        st.sampled_from("pqrs"),
        st.sampled_from("ab"),
        st.none() | st.sampled_from("ab"),
    ),
    max_size=4,
    unique_by=lambda entry: entry["id"],
)
Fields = dict[str, str]


@dataclass(frozen=True)
class Version:
    """One state as the oracle has it. Values are JSON texts."""

    fields: Fields
    deleted: bool
    changed: frozenset[str]
    authority: int
    author: str


@dataclass
class Place:
    """A consumer as the oracle has it."""

    seq: int
    expired: bool = False
    effects: list[int] = field(default_factory=list)


@dataclass
class Oracle:
    """Everything that should be in the database."""

    versions: dict[str, list[Version]] = field(default_factory=dict)
    events: list[tuple[str, str | None, int | None]] = field(default_factory=list)
    conflicts: list[tuple[str, str, str | None, str | None, str]] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    floor: int = 0

    def head(self, entity_id: str) -> Version | None:
        return self.versions.get(entity_id, [None])[-1]  # type: ignore[list-item]


def differing(one: Fields, other: Fields) -> frozenset[str]:
    return frozenset(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


class LockstepMachine(RuleBasedStateMachine):
    """`database` is set by whoever runs it: an empty schema, which each example empties again."""

    database: Database

    @initialize()
    def begin(self) -> None:
        self.epoch = str(uuid.uuid4())
        with self.database.write() as uow:
            for table in reversed(Table.metadata.sorted_tables):
                uow.connection.execute(table.delete())
            uow.connection.execute(text("CREATE TABLE IF NOT EXISTS effect (consumer VARCHAR(80), seq BIGINT)"))
            uow.connection.execute(text("DELETE FROM effect"))
            uow.connection.execute(insert(LogCounter).values(id=1, epoch=self.epoch, seq=0, floor=0))
            uow.connection.execute(insert(AckCounter).values(id=1, seq=0))
        self.time = datetime(2026, 1, 1, 12, tzinfo=UTC)
        self.state = shared_state(self.database, clock=lambda: self.time)
        self.model = Oracle()
        self.keyed: list[tuple[SaveRequest, SaveAnswer]] = []
        self.remembered: tuple[Cursor, dict[str, tuple[int, Fields, bool]]] | None = None

    # What people do

    @rule(hours=st.integers(-48, 48))
    def the_clock_jumps(self, hours: int) -> None:
        self.time += timedelta(hours=hours)

    @rule(
        of=IDS,
        by=st.sampled_from(ACTORS),
        lag=LAGS,
        patch=PATCHES,
        override=st.booleans(),
        keyed=st.booleans(),
    )
    def save(self, of: str, by: Actor, lag: int | None, patch: dict[str, Any], override: bool, keyed: bool) -> None:
        base = None if lag is None else max(0, len(self.model.versions.get(of, [])) - lag)
        self._edit(of, by, base, patch, override, keyed)

    @rule(of=IDS, edits=st.lists(st.tuples(st.sampled_from(ACTORS), PATCHES), min_size=2, max_size=3))
    def edit_at_once(self, of: str, edits: list[tuple[Actor, dict[str, Any]]]) -> None:
        """Several people from one base, as it happens on open pages."""
        base = len(self.model.versions.get(of, []))
        for by, patch in edits:
            self._edit(of, by, base, patch, False, False)

    def _edit(self, of: str, by: Actor, base: int | None, patch: dict[str, Any], override: bool, keyed: bool) -> None:
        source = "user_portal" if by.role is Role.CANDIDATE else "admin_portal"
        key = str(uuid.uuid4()) if keyed else None
        request = SaveRequest(KIND, of, {"basics": patch}, source, by, base, key, override)
        head = self.model.head(of)
        if head is not None and head.deleted:
            with pytest.raises(Gone):
                self.state.save(request)
            return
        answer = self.state.save(request)
        self._expect(request, answer, *self._predicted(request, base, patch))
        if keyed:
            self.keyed.append((request, answer))

    @rule(of=LISTS, by=st.sampled_from(ACTORS), lag=st.integers(0, 3), entries=ENTRIES)
    def save_list(self, of: str, by: Actor, lag: int, entries: list[dict[str, Any]]) -> None:
        """Lists have rules of their own, proved elsewhere; here their outcome must be told truly."""
        versions = self.model.versions.get(of, [])
        base = max(0, len(versions) - lag)
        request = SaveRequest(KIND, of, {"work": entries}, "admin_portal", by, base)
        answer = self.state.save(request)
        with self.database.read() as connection:
            found = entities.head(connection, KIND, of)
            rows = connection.execute(
                text("SELECT path, winning_value, losing_value, loser_id, id FROM conflict WHERE entity_id = :of"),
                {"of": of},
            ).all()
        assert found is not None
        old = self.model.head(of)
        after = fields_of(found.data)
        changed = differing(old.fields if old else {}, after)
        ids = answer.conflict.ids if answer.conflict else []
        met = [(of, row[0], _value(row[1]), _value(row[2]), row[3]) for row in rows if row[4] in ids]
        assert len(met) == len(ids)
        self._expect(request, answer, after if changed or old is None else None, changed, met)

    @rule(ids=st.lists(IDS, min_size=1, max_size=2, unique=True), spoilt=st.booleans())
    def save_several(self, ids: list[str], spoilt: bool) -> None:
        if any(head is not None and head.deleted for head in map(self.model.head, ids)):
            return
        requests = [SaveRequest(KIND, of, {"basics": {"phone": of}}, "admin_portal", ACTORS[0]) for of in ids]
        if spoilt:
            requests.append(SaveRequest(KIND, "never", {"nonsense": 1}, "admin_portal", ACTORS[0]))
            with pytest.raises(InvalidInput):
                self.state.save_all(requests)
            return
        self.state.save_all(requests)
        for request in requests:
            changed = self._predicted(request, None, request.data["basics"])
            self._note(request, *changed)

    @rule(of=IDS, by=st.sampled_from(ACTORS))
    def change_their_mind(self, of: str, by: Actor) -> None:
        """A transaction that is rolled back after it has written everything."""
        head = self.model.head(of)
        if head is not None and head.deleted:
            return
        with pytest.raises(ZeroDivisionError), self.database.write() as uow:
            self.state.save_in(uow, SaveRequest(KIND, of, {"basics": {"phone": "never"}}, "admin_portal", by))
            raise ZeroDivisionError

    @precondition(lambda self: self.keyed)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        request, answer = data.draw(st.sampled_from(self.keyed), label="request")
        assert self.state.save(request) == answer

    @precondition(lambda self: self.keyed)
    @rule(data=st.data())
    def misuse_a_key(self, data: st.DataObject) -> None:
        request, _answer = data.draw(st.sampled_from(self.keyed), label="request")
        with pytest.raises(IdempotencyMismatch):
            self.state.save(replace(request, data={"basics": {"summary": "something else"}}))

    @rule(of=IDS, ahead=st.integers(1, 3))
    def edit_the_future(self, of: str, ahead: int) -> None:
        head = self.model.head(of)
        base = len(self.model.versions.get(of, [])) + ahead
        with pytest.raises(NotFound if head is None else FutureVersion):
            self.state.save(SaveRequest(KIND, of, {"basics": {"name": "x"}}, "api", ACTORS[0], base))

    @rule(of=IDS, by=st.sampled_from(ACTORS))
    def delete(self, of: str, by: Actor) -> None:
        self._transition("delete", of, by, lambda request: self.state.delete(request), lambda head: ({}, True))

    @rule(of=IDS, by=st.sampled_from(ACTORS))
    def undelete(self, of: str, by: Actor) -> None:
        def wanted(head: Version) -> tuple[Fields, bool]:
            alive = [version for version in self.model.versions[of] if not version.deleted]
            return (alive[-1].fields, False) if head.deleted else (head.fields, False)

        self._transition("undelete", of, by, lambda request: self.state.undelete(request), wanted)

    @precondition(lambda self: self.model.versions)
    @rule(data=st.data(), by=st.sampled_from(ACTORS))
    def restore(self, data: st.DataObject, by: Actor) -> None:
        of = data.draw(st.sampled_from(sorted(self.model.versions)), label="entity")
        number = data.draw(st.integers(1, len(self.model.versions[of])), label="version")
        version = self.model.versions[of][number - 1]
        request = SaveRequest(KIND, of, {}, "admin_portal", by)
        if version.deleted:
            with pytest.raises(Gone):
                self.state.restore(request, number)
            return
        self._transition(
            "restore", of, by, lambda asked: self.state.restore(asked, number), lambda _head: (version.fields, False)
        )

    @rule()
    def publish(self) -> None:
        with self.database.write() as uow:
            event_log.append(
                uow,
                [Draft("custom.note", "script", {"n": 1})],
                actor_id="system:test",
                actor_name="",
                at=self.time,
                correlation_id="",
            )
        self.model.events.append(("custom.note", None, None))

    # What readers do

    @rule()
    def remember_a_snapshot(self) -> None:
        with self.database.snapshot() as connection:
            self.remembered = (event_log.position(connection).cursor, self._heads(connection))

    @rule(name=CONSUMERS, at_the_end=st.booleans())
    def start_consumer(self, name: str, at_the_end: bool) -> None:
        seq = len(self.model.events) if at_the_end else self.model.floor
        place = self.model.places.setdefault(name, Place(seq))
        at = Cursor(self.epoch, seq) if at_the_end else None
        assert self._consumer(name).start_at(at) == Cursor(self.epoch, place.seq)

    @rule(name=CONSUMERS, limit=st.integers(1, 5), fails_at=st.none() | st.integers(0, 4))
    def poll(self, name: str, limit: int, fails_at: int | None) -> None:
        place = self.model.places.get(name)
        consumer = self._consumer(name, fails_at)
        if place is None:
            with pytest.raises(InvalidInput):
                consumer.poll(limit=limit)
            return
        if place.seq < self.model.floor:
            with pytest.raises(ResyncRequired):
                consumer.poll(limit=limit)
            assert place.expired, "a live consumer was trimmed away under its feet"
            place.seq, place.expired = len(self.model.events), False
            consumer.resync(Cursor(self.epoch, place.seq))
            return
        expected = list(range(place.seq + 1, min(place.seq + limit, len(self.model.events)) + 1))
        if fails_at is not None and fails_at < len(expected):
            with pytest.raises(ZeroDivisionError):
                consumer.poll(limit=limit)
            return
        assert consumer.poll(limit=limit) == len(expected)
        if expected:
            place.effects += expected
            place.seq, place.expired = expected[-1], False

    @rule(keep=st.integers(0, 6), hold_cap=st.integers(0, 8))
    def trim(self, keep: int, hold_cap: int) -> None:
        seq = len(self.model.events)
        target = seq - keep
        for place in self.model.places.values():
            if place.expired:
                continue
            if seq - place.seq > hold_cap:
                place.expired = True
            else:
                target = min(target, place.seq)
        self.model.floor = max(self.model.floor, min(target, seq))
        floor = self.database.run(lambda uow: consumer_module.trim_log(uow, keep=keep, hold_cap=hold_cap))
        assert floor == self.model.floor

    # What must hold after every step

    @invariant()
    def everything_is_as_the_oracle_says(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.database.snapshot() as connection:
            where = event_log.position(connection)
            log = event_log.read_since(connection, 0, limit=100_000)
            heads = self._heads(connection)
            versions = self._versions(connection)
            met = connection.execute(
                text("SELECT entity_id, path, winning_value, losing_value, loser_id FROM conflict")
            )
            conflicts = [(row[0], row[1], _value(row[2]), _value(row[3]), row[4]) for row in met]
            effects = connection.execute(text("SELECT consumer, seq FROM effect")).all()
        model = self.model
        assert (where.seq, where.floor) == (len(model.events), model.floor)
        assert [event.seq for event in log] == list(range(model.floor + 1, len(model.events) + 1))
        assert [(event.type, event.entity_id, event.version) for event in log] == model.events[model.floor :]
        assert heads == {of: (len(each), each[-1].fields, each[-1].deleted) for of, each in model.versions.items()}
        assert versions == {
            (of, number): (each.fields, each.deleted, each.changed)
            for of, numbered in model.versions.items()
            for number, each in enumerate(numbered, 1)
        }
        assert sorted(conflicts, key=repr) == sorted(model.conflicts, key=repr)
        for name, place in model.places.items():
            assert [seq for consumer, seq in effects if consumer == name] == place.effects
        self._fold(where, log, heads, versions)

    def _fold(self, where: Any, log: list[Event], heads: dict[str, Any], versions: dict[Any, Any]) -> None:
        """The snapshot that was remembered, and the log since, must come to what a fresh read shows."""
        if self.remembered is None:
            return
        cursor, states = self.remembered
        if cursor.seq < where.floor:
            with pytest.raises(ResyncRequired):
                event_log.check_cursor(cursor, where)
            self.remembered = (where.cursor, heads)
            return
        event_log.check_cursor(cursor, where)
        folded = dict(states)
        for event in log:
            if event.seq <= cursor.seq or event.version is None or event.entity_id is None:
                continue
            fields, deleted, _changed = versions[event.entity_id, event.version]
            _version, known, _deleted = folded.get(event.entity_id, (0, {}, False))
            told = event.data["changed"]
            kept = {path: value for path, value in known.items() if path not in told}
            kept |= {path: fields[path] for path in told if path in fields}
            folded[event.entity_id] = (event.version, kept, deleted)
        assert folded == heads

    # The oracle's own rules

    def _predicted(
        self, request: SaveRequest, base: int | None, patch: dict[str, Any]
    ) -> tuple[Fields | None, frozenset[str], list[Any]]:
        """(the new state, or None where none is written; what changed; the conflicts)."""
        versions = self.model.versions.get(request.entity_id, [])
        head = versions[-1].fields if versions else {}
        number = len(versions) if base is None else base
        was = versions[number - 1].fields if number else {}
        authority = 1 if request.actor.role is Role.CANDIDATE else 2
        outcome, met = dict(head), []
        for name, value in patch.items():
            path = f"basics.{name}"
            wanted = None if value is None else json.dumps(value)
            now = head.get(path)
            if wanted == was.get(path):
                continue
            wins = True
            if now not in (was.get(path), wanted):
                theirs = next(version for version in reversed(versions) if path in version.changed)
                wins = request.override or authority >= theirs.authority
                sides = (wanted, now, theirs.author) if wins else (now, wanted, request.actor.id)
                met.append((request.entity_id, path, *sides))
            if wins:
                outcome.pop(path, None)
                outcome |= {path: wanted} if wanted is not None else {}
        changed = differing(head, outcome)
        return (outcome if changed or not versions else None), changed, met

    def _expect(
        self, request: SaveRequest, answer: SaveAnswer, after: Fields | None, changed: frozenset[str], met: list[Any]
    ) -> None:
        first = len(self.model.events) + 1
        self._note(request, after, changed, met)
        assert answer.version == len(self.model.versions[request.entity_id])
        assert frozenset(answer.changed) == changed
        assert answer.epoch == self.epoch
        assert answer.seq == (first if after is not None or met else len(self.model.events))
        assert (answer.conflict is not None) == bool(met)
        if answer.conflict:
            assert sorted(answer.conflict.fields) == sorted(path for _of, path, *_sides in met)
            lost = {sides[2] == request.actor.id for _of, _path, *sides in met}
            if request.actor.id not in {v.author for v in self.model.versions[request.entity_id][:-1]}:
                assert answer.conflict.kept == ("both" if len(lost) == 2 else "theirs" if True in lost else "mine")

    def _note(self, request: SaveRequest, after: Fields | None, changed: frozenset[str], met: list[Any]) -> None:
        if after is not None:
            self._append(request, after, False, changed, "user_update")
        if met:
            self.model.conflicts += met
            self.model.events.append(("conflict_opened", request.entity_id, None))

    def _append(self, request: SaveRequest, after: Fields, deleted: bool, changed: frozenset[str], event: str) -> None:
        authority = 1 if request.source == "user_portal" or request.actor.role is Role.CANDIDATE else 2
        numbered = self.model.versions.setdefault(request.entity_id, [])
        numbered.append(Version(after, deleted, changed, authority, request.actor.id))
        self.model.events.append((event, request.entity_id, len(numbered)))

    def _transition(
        self,
        action: str,
        of: str,
        by: Actor,
        act: Callable[[SaveRequest], SaveAnswer],
        wanted: Callable[[Version], tuple[Fields, bool]],
    ) -> None:
        request = SaveRequest(KIND, of, {}, "admin_portal", by)
        head = self.model.head(of)
        if head is None:
            with pytest.raises(NotFound):
                act(request)
            return
        fields, deleted = wanted(head)
        answer = act(request)
        changed = differing(head.fields, fields)
        if changed or deleted != head.deleted:
            verb = {"delete": "delete", "undelete": "restore"}.get(action, "update")
            self._append(request, fields, deleted, changed, f"user_{verb}")
            assert frozenset(answer.changed) == changed
        assert (answer.version, answer.seq) == (len(self.model.versions[of]), len(self.model.events))

    def _consumer(self, name: str, fails_at: int | None = None) -> DurableConsumer:
        handled = 0

        def handle(event: Event, uow: UnitOfWork) -> None:
            nonlocal handled
            if handled == fails_at:
                raise ZeroDivisionError
            handled += 1
            uow.connection.execute(
                text("INSERT INTO effect (consumer, seq) VALUES (:name, :seq)"), {"name": name, "seq": event.seq}
            )

        return DurableConsumer(self.database, name, handle)

    def _heads(self, connection: Connection) -> dict[str, tuple[int, Fields, bool]]:
        return {
            each.id: (each.version, fields_of(each.data), each.deleted) for each in entities.every(connection, KIND)
        }

    def _versions(self, connection: Connection) -> dict[tuple[str, int], tuple[Fields, bool, frozenset[str]]]:
        rows = connection.execute(text("SELECT entity_id, version, data, deleted, changed FROM entity_version"))
        return {
            (of, number): (fields_of(json.loads(data)), bool(deleted), frozenset(json.loads(changed)))
            for of, number, data, deleted, changed in rows
        }


def _value(wrapped: str) -> str | None:
    found = json.loads(wrapped)
    return json.dumps(found["value"], sort_keys=True) if found else None
