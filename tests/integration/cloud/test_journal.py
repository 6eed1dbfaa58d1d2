"""A primary that fails and a fallback that holds: nothing acknowledged is lost, nothing of others overwritten."""

from __future__ import annotations

import contextlib
import hashlib
import io
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from shared_backend.cloud import journal
from shared_backend.cloud.blob_service import BlobService, held_at
from shared_backend.cloud.blob_write import BlobWrite
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.comparison import Comparison
from shared_backend.cloud.contract import Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudDenied,
    CloudNotFound,
    CloudPrecondition,
    CloudUnavailable,
)
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.database.engine import Database
from shared_backend.utils.clock import utc_now
from tests.support.cloud_memory import MemoryProvider

ROUTE = ("primary", "fallback")


@dataclass
class World:
    """Two providers in memory over one database."""

    database: Database
    primary: MemoryProvider
    fallback: MemoryProvider
    blobs: BlobService
    reconciler: Reconciler

    def put(self, path: str, content: bytes, condition: Condition | None = None):  # type: ignore[no-untyped-def]
        return self.blobs.put(ROUTE, path, content, condition=condition or Condition(), deadline=Deadline(5))

    def get(self, path: str) -> bytes:
        return self.blobs.get(ROUTE, path, deadline=Deadline(5)).value

    def counts(self) -> dict[str, int]:
        with self.database.read() as connection:
            return journal.counts(connection)

    def reconcile(self):  # type: ignore[no-untyped-def]
        return self.reconciler.run(settle_intents_before=utc_now() + timedelta(hours=1))


@pytest.fixture
def world(database: Database) -> World:
    primary, fallback = MemoryProvider("primary"), MemoryProvider("fallback")
    register = ProviderRegister(factories={"primary": lambda: primary, "fallback": lambda: fallback})
    # A breaker that never opens: what it does has tests of its own.
    caller = Caller(register, breaker=lambda: Breaker(threshold=10**9))
    return World(database, primary, fallback, BlobService(caller, database), Reconciler(caller, database))


def test_a_healthy_primary_takes_the_write_and_the_fallback_sees_nothing(world: World) -> None:
    outcome = world.put("a", b"one")
    assert (outcome.provider, outcome.degraded, outcome.durable_at, outcome.pending_sync) == (
        "primary",
        False,
        ("primary",),
        False,
    )
    assert world.get("a") == b"one"
    assert world.fallback.calls == 0


def test_a_write_while_the_primary_is_away_is_readable_at_once_and_arrives_when_it_is_back(world: World) -> None:
    world.primary.away = CloudUnavailable("away")
    outcome = world.put("cv/a.pdf", b"bytes")
    assert (outcome.provider, outcome.degraded, outcome.durable_at, outcome.pending_sync) == (
        "fallback",
        True,
        ("fallback",),
        True,
    )
    assert world.get("cv/a.pdf") == b"bytes"
    assert world.reconcile().synced == 0
    world.primary.away = None
    assert world.get("cv/a.pdf") == b"bytes"
    assert world.reconcile().synced == 1
    assert world.primary.objects["cv/a.pdf"][1] == b"bytes"
    assert not world.fallback.objects
    assert world.blobs.get(ROUTE, "cv/a.pdf", deadline=Deadline(5)).provider == "primary"


@pytest.mark.parametrize("error", [CloudDenied, CloudNotFound, CloudPrecondition])
def test_what_may_not_fail_over_does_not(world: World, error: type[Exception]) -> None:
    world.primary.away = error("no")  # type: ignore[assignment]
    with pytest.raises(error):
        world.put("a", b"x")
    assert not world.fallback.objects


def test_a_deletion_while_the_primary_is_away_is_a_tombstone(world: World) -> None:
    world.put("a", b"x")
    world.primary.away = CloudUnavailable()
    world.blobs.delete(ROUTE, "a", deadline=Deadline(5))
    with pytest.raises(CloudNotFound):
        world.get("a")
    world.primary.away = None
    with pytest.raises(CloudNotFound):
        world.get("a")
    assert world.blobs.list(ROUTE, "", after=None, limit=10, deadline=Deadline(5)).value.items == []
    world.reconcile()
    assert "a" not in world.primary.objects


def test_a_primary_that_is_away_is_never_taken_for_one_that_has_nothing(world: World) -> None:
    world.put("a", b"x")
    world.primary.away = CloudUnavailable()
    with pytest.raises(CloudUnavailable):
        world.get("a")


def test_a_lost_answer_is_settled_by_the_write_id(world: World) -> None:
    world.primary.lose_answer = [CloudUnavailable("cut", ambiguous=True)]
    outcome = world.put("a", b"x")
    assert outcome.pending_sync
    first = world.primary.objects["a"][0]
    assert world.reconcile().synced == 1
    assert world.primary.objects["a"][0] is first, "what had arrived was written again"


def test_somebody_elses_object_stays_and_ours_is_kept_beside_it(world: World) -> None:
    world.primary.away = CloudUnavailable()
    world.put("a", b"ours")
    world.primary.away = None
    _by_somebody_else(world.primary, "a", b"theirs")
    assert world.reconcile().conflicts == 1
    assert world.primary.objects["a"][1] == b"theirs"
    beside = [path for path in world.primary.objects if path.startswith("a.conflict-")]
    assert [world.primary.objects[path][1] for path in beside] == [b"ours"]


def test_our_own_earlier_object_is_no_conflict(world: World) -> None:
    world.put("a", b"one")
    world.primary.away = CloudUnavailable()
    world.put("a", b"two")
    world.put("a", b"three")
    world.primary.away = None
    done = world.reconcile()
    assert (done.conflicts, done.superseded, done.synced) == (0, 1, 1)
    assert world.primary.objects["a"][1] == b"three"
    assert not world.fallback.objects


def test_conditions_hold_while_the_primary_is_away(world: World) -> None:
    info = world.put("a", b"one").value
    world.primary.away = CloudUnavailable()
    with pytest.raises(CloudAlreadyExists):
        world.put("a", b"two", Condition("absent"))
    with pytest.raises(CloudPrecondition):
        world.put("a", b"two", Condition("etag", "another"))
    assert world.put("a", b"two", Condition("etag", info.etag)).pending_sync


def test_a_crash_between_intent_and_bytes_leaves_nothing(world: World) -> None:
    world.primary.away = CloudUnavailable()
    world.fallback.away = CloudUnavailable("disk full")
    with pytest.raises(CloudUnavailable):
        world.put("a", b"x")
    world.primary.away = world.fallback.away = None
    assert world.reconcile().voided == 1
    with pytest.raises(CloudNotFound):
        world.get("a")


def test_a_crash_between_bytes_and_pending_never_happened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.primary.away = CloudUnavailable()
    monkeypatch.setattr(BlobService, "_settle_pending", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        world.put("a", b"x")
    world.primary.away = None
    world.reconcile()
    world.reconcile()
    # Nobody was told that it was written, and what was written since must not be undone by it.
    assert world.counts() == {"void": 1}
    assert not world.primary.objects and not world.fallback.objects


@pytest.mark.parametrize("settled", ["superseded", "void"])
def test_a_crash_between_settling_and_removing_leaves_no_copy(
    world: World, monkeypatch: pytest.MonkeyPatch, settled: str
) -> None:
    world.primary.away = CloudUnavailable()
    with monkeypatch.context() as patch:
        if settled == "void":
            patch.setattr(BlobService, "_settle_pending", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with contextlib.suppress(KeyboardInterrupt):
            world.put("a", b"one")
    world.put("a", b"two")
    world.primary.away = None
    with monkeypatch.context() as patch:
        patch.setattr(Comparison, "run", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            world.reconcile()
    assert world.counts() == {settled: 1, "done": 1}
    assert len(world.fallback.objects) == 2
    assert world.reconcile().compared == 1
    assert not world.fallback.objects
    assert world.get("a") == b"two"


def test_a_writer_that_was_given_up_takes_its_copy_along(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.primary.away = CloudUnavailable()
    put = BlobWrite.put

    def slow(write: BlobWrite, name: str, *others: Any) -> Any:
        if name == "fallback":
            # Before its bytes are there, its entry is given up, and the compare pass has looked for them.
            world.primary.away = None
            assert world.reconcile().voided == 1
        return put(write, name, *others)

    monkeypatch.setattr(BlobWrite, "put", slow)
    with pytest.raises(CloudUnavailable, match="given up"):
        world.put("a", b"x")
    assert not world.fallback.objects and not world.primary.objects


def test_a_crash_after_carrying_repeats_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.primary.away = CloudUnavailable()
    world.put("a", b"x")
    world.primary.away = None
    with monkeypatch.context() as patch:
        patch.setattr(Reconciler, "_settle_in", lambda *_a, **_k: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            world.reconcile()
    arrived = world.primary.objects["a"][0]
    assert world.reconcile().synced == 1
    assert world.primary.objects["a"][0] is arrived


def test_random_schedules_lose_nothing_that_was_acknowledged(world: World) -> None:
    """A model beside it: what was last acknowledged of each path, or what a failed write may have left."""
    chance = random.Random(20261122)
    model: dict[str, set[bytes | None]] = {}
    for step in range(400):
        path = f"p{chance.randrange(4)}"
        world.primary.away = CloudUnavailable() if chance.random() < 0.4 else None
        if chance.random() < 0.2:
            world.primary.lose_answer = [CloudUnavailable(ambiguous=True)]
        action = chance.random()
        if action < 0.55:
            content = str(step).encode()
            world.put(path, content)
            model[path] = {content}
        elif action < 0.7:
            try:
                world.blobs.delete(ROUTE, path, deadline=Deadline(5))
                model[path] = {None}
            except CloudNotFound:
                assert None in model.get(path, {None})
        elif action < 0.85:
            world.reconcile()
        else:
            try:
                assert world.get(path) in model.get(path, set())
            except CloudNotFound:
                assert None in model.get(path, {None})
            except CloudUnavailable:
                assert world.primary.away
        world.primary.lose_answer = []
    world.primary.away = None
    world.reconcile()
    for path, allowed in model.items():
        found = world.primary.objects.get(path)
        assert (found[1] if found else None) in allowed
    assert not [path for path in world.primary.objects if "conflict" in path]
    assert not [path for path in world.fallback.objects if path != held_at("")]


def _by_somebody_else(provider: MemoryProvider, path: str, content: bytes) -> None:
    provider.put(
        path,
        io.BytesIO(content),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_type="text/plain",
        metadata={},
        condition=Condition(),
        deadline=Deadline(5),
    )
