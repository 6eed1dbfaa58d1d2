"""Two that reconcile at once, each of which believes to hold the lease: what was settled and written since stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared_backend.cloud import journal
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotFound, CloudUnavailable
from shared_backend.cloud.progress import Progress
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.database.engine import Database
from shared_backend.utils.clock import utc_now
from tests.support.cloud_memory import MemoryProvider

ROUTE = ("primary", "fallback")


def tomorrow() -> datetime:
    """For whom every lease has lapsed."""
    return utc_now() + timedelta(days=1)


@dataclass
class World:
    database: Database
    primary: MemoryProvider = field(default_factory=lambda: MemoryProvider("primary"))
    fallback: MemoryProvider = field(default_factory=lambda: MemoryProvider("fallback"))

    def __post_init__(self) -> None:
        register = ProviderRegister(factories={"primary": lambda: self.primary, "fallback": lambda: self.fallback})
        self.caller = Caller(register, breaker=lambda: Breaker(threshold=10**9))
        self.blobs = BlobService(self.caller, self.database)

    def put(self, path: str, content: bytes) -> bool:
        return self.blobs.put(ROUTE, path, content, deadline=Deadline(5)).pending_sync

    def delete(self, path: str) -> bool:
        return self.blobs.delete(ROUTE, path, deadline=Deadline(5)).pending_sync

    def get(self, path: str) -> bytes:
        return self.blobs.get(ROUTE, path, deadline=Deadline(5)).value

    def states(self) -> list[str]:
        with self.database.read() as connection:
            return [entry.state for entry in journal.entries(connection)]

    def one_stopped_in(self, call: str, meanwhile: Callable[[], None]) -> Progress:
        """One reconciler is stopped with its `call` to the primary on the way: a second one settles the entry, and
        `meanwhile` happens, before the call arrives."""
        honest = getattr(self.primary, call)
        second: list[Progress] = []

        def late(*args: Any, **given: Any) -> Any:
            setattr(self.primary, call, honest)
            # It has yet to compare: the copy that it carried is still held.
            other = Reconciler(self.caller, self.database, clock=tomorrow)
            second.append(other.run(keep_going=lambda: "done" not in self.states()))
            meanwhile()
            return honest(*args, **given)

        setattr(self.primary, call, late)
        done = Reconciler(self.caller, self.database).run()
        assert second[0].synced == 1 and not second[0].busy
        return done


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_an_older_write_never_replaces_a_newer_one_that_went_straight_to_the_primary(world: World) -> None:
    world.put("a", b"first")
    world.primary.away = CloudUnavailable()
    assert world.put("a", b"waits")
    world.primary.away = None

    def write() -> None:
        assert not world.put("a", b"newer")

    assert world.one_stopped_in("put", write).synced == 0
    assert world.get("a") == b"newer"
    assert world.states() == ["done"]


def test_an_older_deletion_never_removes_what_was_written_since(world: World) -> None:
    world.put("a", b"first")
    world.primary.away = CloudUnavailable()
    assert world.delete("a")
    world.primary.away = None

    def write() -> None:
        assert not world.put("a", b"newer")

    assert world.one_stopped_in("delete", write).synced == 0
    assert world.get("a") == b"newer"
    assert world.states() == ["done"]


def test_what_was_carried_and_deleted_meanwhile_is_not_brought_back(world: World) -> None:
    world.primary.away = CloudUnavailable()
    assert world.put("a", b"waits")
    world.primary.away = None

    def delete() -> None:
        assert not world.delete("a")

    assert world.one_stopped_in("put", delete).synced == 0
    assert not world.primary.objects
    with pytest.raises(CloudNotFound):
        world.get("a")


def test_what_the_other_has_carried_is_left_as_it_is(world: World) -> None:
    world.primary.away = CloudUnavailable()
    assert world.put("a", b"waits")
    world.primary.away = None
    done = world.one_stopped_in("put", lambda: None)
    assert (done.failed, done.conflicts) == (0, 0)
    assert world.get("a") == b"waits"
    assert world.states() == ["done"]


def test_a_lease_outlasts_an_entry_that_takes_longer(world: World) -> None:
    world.primary.away = CloudUnavailable()
    assert world.put("a", b"waits")
    world.primary.away = None
    honest = world.primary.put
    others: list[Progress] = []

    def slow(*args: Any, **given: Any) -> Any:
        time.sleep(1.2)
        others.append(Reconciler(world.caller, world.database).run())
        return honest(*args, **given)

    world.primary.put = slow  # type: ignore[method-assign]
    assert Reconciler(world.caller, world.database, lease_s=0.6).run().synced == 1
    assert [other.busy for other in others] == [True]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lease")]
    assert not Reconciler(world.caller, world.database).run().busy, "it was given back"
