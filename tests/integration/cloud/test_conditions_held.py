"""Conditions of writes that go to the fallback are judged when they begin to count, not by what was known before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from shared_backend.cloud import journal
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudError,
    CloudNotFound,
    CloudPrecondition,
    CloudUnavailable,
)
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.database.engine import Database
from tests.support.cloud_memory import MemoryProvider

ROUTE = ("primary", "fallback")
ABSENT = Condition("absent")


class World:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.primary, self.fallback = MemoryProvider("primary"), MemoryProvider("fallback")
        register = ProviderRegister(factories={"primary": lambda: self.primary, "fallback": lambda: self.fallback})
        self.caller = Caller(register, breaker=lambda: Breaker(threshold=10**9))
        self.blobs = BlobService(self.caller, database)

    def put(self, path: str, content: bytes, condition: Condition = Condition()) -> str:  # noqa: B008  (frozen)
        return self.blobs.put(ROUTE, path, content, condition=condition, deadline=Deadline(5)).value.etag

    def delete(self, path: str, condition: Condition = Condition()) -> None:  # noqa: B008  (frozen)
        self.blobs.delete(ROUTE, path, condition=condition, deadline=Deadline(5))

    def get(self, path: str) -> bytes:
        return self.blobs.get(ROUTE, path, deadline=Deadline(5)).value

    def away(self) -> None:
        self.primary.away = CloudUnavailable("away")

    def reconcile(self) -> None:
        self.primary.away = None
        Reconciler(self.caller, self.database).run()

    def meanwhile(self, call: str, happens: Callable[[], object]) -> None:
        """At the next `call` to the primary, which fails as it is away, something happens first."""
        honest = getattr(self.primary, call)

        def late(*args: Any, **given: Any) -> Any:
            setattr(self.primary, call, honest)
            happens()
            self.away()
            return honest(*args, **given)

        setattr(self.primary, call, late)

    def under_way(self, call: str, happens: Callable[[], object]) -> None:
        """While the next `call` is under way to the primary, which takes it, something happens that finds it away."""
        honest = getattr(self.primary, call)

        def slow(*args: Any, **given: Any) -> Any:
            setattr(self.primary, call, honest)
            self.away()
            happens()
            self.primary.away = None
            return honest(*args, **given)

        setattr(self.primary, call, slow)

    def states(self) -> list[str]:
        with self.database.read() as connection:
            return [entry.state for entry in journal.entries(connection)]


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_of_two_that_create_a_path_while_the_primary_is_away_one_is_told_that_it_exists(world: World) -> None:
    world.away()
    world.meanwhile("put", lambda: world.put("x", b"first", ABSENT))
    with pytest.raises(CloudAlreadyExists):
        world.put("x", b"second", ABSENT)
    assert world.get("x") == b"first"
    assert len(world.fallback.objects) == 1, "the refused one's bytes are gone"
    assert world.states() == ["void", "pending"]
    world.reconcile()
    assert world.get("x") == world.primary.objects["x"][1] == b"first"
    assert not world.fallback.objects


def test_who_creates_a_path_that_went_straight_to_the_primary_meanwhile_is_told_that_it_exists(world: World) -> None:
    world.meanwhile("put", lambda: world.put("x", b"first", ABSENT))
    with pytest.raises(CloudAlreadyExists):
        world.put("x", b"second", ABSENT)
    world.reconcile()
    assert world.get("x") == b"first"


def test_of_two_that_replace_one_version_the_second_is_refused(world: World) -> None:
    etag = world.put("x", b"one")
    world.away()
    world.meanwhile("put", lambda: world.put("x", b"two", Condition("etag", etag)))
    with pytest.raises(CloudPrecondition):
        world.put("x", b"three", Condition("etag", etag))
    world.reconcile()
    assert world.get("x") == b"two"


def test_a_deletion_of_one_version_is_refused_when_another_was_written_meanwhile(world: World) -> None:
    etag = world.put("x", b"one")
    world.away()
    world.meanwhile("delete", lambda: world.put("x", b"two", Condition("etag", etag)))
    with pytest.raises(CloudPrecondition):
        world.delete("x", Condition("etag", etag))
    world.reconcile()
    assert world.get("x") == b"two"


def test_what_was_carried_meanwhile_is_still_the_version_that_was_meant(world: World) -> None:
    world.away()
    etag = world.put("x", b"one")
    honest = world.fallback.put

    def slow(*args: Any, **given: Any) -> Any:
        world.fallback.put = honest  # type: ignore[method-assign]
        world.reconcile()
        world.away()
        return honest(*args, **given)

    world.fallback.put = slow  # type: ignore[method-assign]
    world.put("x", b"two", Condition("etag", etag))
    assert world.get("x") == b"two"


def test_of_many_that_create_a_path_at_once_one_does(world: World) -> None:
    world.away()
    together = threading.Barrier(4)
    honest = world.fallback.put
    ends: list[str] = []

    def level(*args: Any, **given: Any) -> Any:
        info = honest(*args, **given)
        together.wait(10)
        return info

    world.fallback.put = level  # type: ignore[method-assign]

    def create(number: int) -> None:
        try:
            world.put("x", str(number).encode(), ABSENT)
            ends.append("created")
        except CloudError as error:
            ends.append(error.code)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == [CloudAlreadyExists.code] * 3 + ["created"]
    assert sorted(world.states()) == ["pending", "void", "void", "void"]
    world.reconcile()
    assert len(world.primary.objects) == 1


def test_a_deletion_without_a_condition_is_as_it_was(world: World) -> None:
    world.put("x", b"one")
    world.away()
    world.delete("x")
    with pytest.raises(CloudNotFound):
        world.get("x")


def test_of_two_that_create_a_path_the_one_that_was_journaled_first_does(world: World) -> None:
    world.under_way("put", lambda: world.put("x", b"journaled", ABSENT))
    with pytest.raises(CloudAlreadyExists):
        world.put("x", b"slow", ABSENT)
    world.reconcile()
    assert world.get("x") == world.primary.objects["x"][1] == b"journaled"


def test_of_two_that_replace_one_version_the_one_that_was_journaled_first_does(world: World) -> None:
    etag = world.put("x", b"one")
    world.under_way("put", lambda: world.put("x", b"journaled", Condition("etag", etag)))
    with pytest.raises(CloudPrecondition):
        world.put("x", b"slow", Condition("etag", etag))
    world.reconcile()
    assert world.get("x") == b"journaled"


def test_a_deletion_of_one_version_is_refused_when_another_was_journaled_first(world: World) -> None:
    etag = world.put("x", b"one")
    world.under_way("delete", lambda: world.put("x", b"journaled", Condition("etag", etag)))
    with pytest.raises(CloudPrecondition):
        world.delete("x", Condition("etag", etag))
    world.reconcile()
    assert world.get("x") == b"journaled"


def test_a_replacement_is_refused_when_its_version_s_deletion_was_journaled_first(world: World) -> None:
    etag = world.put("x", b"one")
    world.under_way("put", lambda: world.delete("x", Condition("etag", etag)))
    with pytest.raises(CloudPrecondition):
        world.put("x", b"slow", Condition("etag", etag))
    world.reconcile()
    with pytest.raises(CloudNotFound):
        world.get("x")


def test_a_conditional_write_beside_no_other_is_as_it_was(world: World) -> None:
    etag = world.put("x", b"one", ABSENT)
    etag = world.put("x", b"two", Condition("etag", etag))
    world.away()
    world.put("y", b"held")
    world.primary.away = None
    # What waited before it is known to it.
    world.put("x", b"three", Condition("etag", etag))
    assert world.get("x") == b"three"


def test_whether_somebody_else_s_object_has_changed_is_not_judged_while_the_primary_is_away(world: World) -> None:
    etag = world.put("x", b"one")
    with world.database.write() as uow:
        # As after a power cut, or as if others had put it there.
        uow.connection.exec_driver_sql("DELETE FROM cloud_object")
    world.away()
    with pytest.raises(CloudUnavailable, match="can't be told"):
        world.put("x", b"two", Condition("etag", etag))
    with pytest.raises(CloudUnavailable, match="can't be told"):
        world.delete("x", Condition("etag", etag))
    world.primary.away = None
    assert world.get("x") == b"one"
    world.put("x", b"two", Condition("etag", etag))
