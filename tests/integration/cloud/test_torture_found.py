"""What the schedules of test_torture.py have found, each as a test of its own, on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from shared_backend.cloud import journal
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudCorrupted,
    CloudError,
    CloudNotFound,
    CloudPrecondition,
    CloudUnavailable,
)
from shared_backend.cloud.progress import Progress
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.database.engine import Database
from shared_backend.utils.clock import utc_now
from tests.support.cloud_memory import MemoryProvider

ROUTE = ("primary", "fallback")


@dataclass
class World:
    database: Database
    primary: MemoryProvider
    fallback: MemoryProvider
    blobs: BlobService
    reconciler: Reconciler

    def put(self, path: str, content: bytes) -> bool:
        return self.blobs.put(ROUTE, path, content, deadline=Deadline(5)).pending_sync

    def delete(self, path: str) -> bool:
        return self.blobs.delete(ROUTE, path, deadline=Deadline(5)).pending_sync

    def get(self, path: str) -> bytes:
        return self.blobs.get(ROUTE, path, deadline=Deadline(5)).value

    def reconcile(self) -> Progress:
        return self.reconciler.run(settle_intents_before=utc_now() + timedelta(hours=1))

    def counts(self) -> dict[str, int]:
        with self.database.read() as connection:
            return journal.counts(connection)


@pytest.fixture
def world(database: Database) -> World:
    primary, fallback = MemoryProvider("primary"), MemoryProvider("fallback")
    register = ProviderRegister(factories={"primary": lambda: primary, "fallback": lambda: fallback})
    caller = Caller(register, breaker=lambda: Breaker(threshold=10**9))
    return World(database, primary, fallback, BlobService(caller, database), Reconciler(caller, database))


def killed_before_pending(world: World, path: str, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies when the fallback has the bytes, before the journal says so and the caller is told."""
    world.primary.away = CloudUnavailable()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(BlobService, "_settle_pending", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        world.put(path, content)
    world.primary.away = None


def test_what_a_killed_write_left_never_takes_the_place_of_a_later_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_before_pending(world, "a", b"never told", monkeypatch)
    assert not world.put("a", b"told")
    world.reconcile()
    world.reconcile()
    assert world.get("a") == b"told"
    assert not world.fallback.objects


def test_what_a_killed_write_left_never_brings_back_what_was_deleted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put("a", b"first")
    killed_before_pending(world, "a", b"never told", monkeypatch)
    world.delete("a")
    world.reconcile()
    world.reconcile()
    with pytest.raises(CloudNotFound):
        world.get("a")
    assert not world.primary.objects


def test_a_process_may_begin_with_a_deletion_while_the_primary_is_away(world: World) -> None:
    world.primary.away = CloudUnavailable()
    assert world.delete("a")


@pytest.mark.parametrize("wrong", [CloudNotFound, CloudAlreadyExists, CloudPrecondition])
@pytest.mark.parametrize("call", range(3))
def test_one_wrong_answer_makes_no_conflict(world: World, wrong: type[CloudError], call: int) -> None:
    world.put("a", b"one")
    world.primary.away = CloudUnavailable()
    world.put("a", b"two")
    world.primary.away = None
    answers = iter(range(100))
    honest = world.primary._maybe_fail

    def lying() -> None:
        if next(answers) == call:
            raise wrong()
        honest()

    world.primary._maybe_fail = lying  # type: ignore[method-assign]
    assert world.reconcile().conflicts == 0
    world.primary._maybe_fail = honest  # type: ignore[method-assign]
    world.reconcile()
    assert {path: content for path, (_info, content) in world.primary.objects.items()} == {"a": b"two"}
    assert not world.fallback.objects


@pytest.mark.parametrize("call", range(3))
def test_one_wrong_not_found_leaves_no_deletion_undone(world: World, call: int) -> None:
    world.put("a", b"one")
    world.primary.away = CloudUnavailable()
    world.delete("a")
    world.primary.away = None
    answers = iter(range(100))

    def lying() -> None:
        if next(answers) == call:
            raise CloudNotFound()

    world.primary._maybe_fail = lying  # type: ignore[method-assign]
    assert world.reconcile().conflicts == 0
    assert not world.primary.objects


def test_one_damaged_object_does_not_shut_its_provider_out(world: World) -> None:
    caller = Caller(world.blobs._caller.providers)
    blobs = BlobService(caller, world.database)
    blobs.put(ROUTE, "a", b"damaged", deadline=Deadline(5))
    blobs.put(ROUTE, "b", b"whole", deadline=Deadline(5))
    for _ in range(5):
        world.primary.fail_next = [CloudCorrupted()] * 5
        with pytest.raises(CloudCorrupted):
            blobs.get(ROUTE, "a", deadline=Deadline(5))
    world.primary.fail_next = []
    assert blobs.get(ROUTE, "b", deadline=Deadline(5)).value == b"whole"
