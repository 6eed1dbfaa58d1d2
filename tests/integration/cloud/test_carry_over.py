"""Carrying everything over: checked, repeatable, and right while people go on working."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable

import pytest

from shared_backend.cloud.carry_over import CarryOver
from shared_backend.cloud.contract import Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.difference import Comparer
from shared_backend.cloud.errors import CloudNotFound, CloudUnavailable
from shared_backend.cloud.leftovers import Leftovers
from shared_backend.database.engine import Database
from tests.integration.cloud.test_places import AWAY, Clouds
from tests.support.cloud_memory import MemoryProvider


class Carrying(Clouds):
    """Clouds, and what carries between them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.carrier = CarryOver(self.caller, database)

    def carry(self, source: str = "a", target: str = "b", **options):  # type: ignore[no-untyped-def]
        return self.carrier.run(source, target, **options)

    def difference(self, source: str = "a", target: str = "b"):  # type: ignore[no-untyped-def]
        return Comparer(self.caller, self.database).summary(source, target)


@pytest.fixture
def clouds(database: Database) -> Carrying:
    return Carrying(database)


def test_the_difference_and_what_becomes_of_it(clouds: Carrying) -> None:
    clouds.put("a", b"1")
    clouds.put("b", b"22")
    clouds.route = ("b", None)
    clouds.put("b", b"newer")
    found = clouds.difference()
    assert (found.objects, found.size, found.examples) == (1, 1, ("a",))
    done = clouds.carry()
    assert (done.copied, done.size, done.complete) == (1, 1, True)
    assert {path: content for path, (_, content) in clouds.b.objects.items()} == {"a": b"1", "b": b"newer"}
    assert clouds.blobs.stat(clouds.route, "a", deadline=Deadline(5)).provider == "b"
    assert clouds.difference().objects == 0 and clouds.carry().copied == 0


def test_before_a_switch_it_makes_copies_that_later_writes_make_old(clouds: Carrying) -> None:
    clouds.put("x", b"1")
    clouds.carry()
    clouds.put("x", b"2")
    clouds.route = ("b", None)
    assert clouds.get("x") == b"2"
    assert clouds.difference().objects == 1
    clouds.carry()
    assert clouds.b.objects["x"][1] == b"2"


def test_there_and_back(clouds: Carrying) -> None:
    for number in range(5):
        clouds.put(f"p{number}", b"a")
    clouds.route = ("b", None)
    clouds.carry()
    clouds.put("p0", b"b")
    clouds.delete("p1")
    clouds.route = ("a", None)
    clouds.carry("b", "a")
    assert clouds.get("p0") == clouds.a.objects["p0"][1] == b"b"
    assert clouds.paths() == ["p0", "p2", "p3", "p4"]


def test_somebody_elses_object_on_the_target_stays_and_ours_is_kept_beside_it(clouds: Carrying) -> None:
    clouds.put("x", b"ours")
    clouds.route = ("b", None)
    _foreign(clouds.b, "x", b"theirs")
    done = clouds.carry()
    assert done.kept_beside == 1 and done.complete
    assert clouds.b.objects["x"][1] == b"theirs"
    assert clouds.get("x") == b"theirs" and clouds.get(done.conflicts[0]) == b"ours"
    again = clouds.carry()
    assert again.copied == 0


def test_what_was_on_both_before_us_stays_as_it_is(clouds: Carrying) -> None:
    _foreign(clouds.a, "x", b"1")
    _foreign(clouds.b, "x", b"2")
    _foreign(clouds.a, "y", b"3")
    clouds.route = ("b", None)
    assert clouds.difference().differing == 1
    done = clouds.carry()
    assert (done.copied, done.complete) == (1, True)
    assert clouds.b.objects["x"][1] == b"2" and clouds.get("y") == b"3"


def test_cut_off_it_goes_on_where_it_was(clouds: Carrying) -> None:
    for number in range(10):
        clouds.put(f"p{number}", b"1")
    clouds.route = ("b", None)
    left = iter([True] * 4)
    assert not clouds.carry(keep_going=lambda: next(left, False)).complete
    assert len(clouds.b.objects) == 4
    clouds.b.fail_next = [CloudUnavailable("full")] * 20
    with pytest.raises(CloudUnavailable):
        clouds.carry()
    clouds.b.fail_next = []
    done = clouds.carry()
    assert (done.copied, done.complete) == (6, True)
    assert len(clouds.paths()) == 10


@pytest.mark.parametrize("what", ["write", "delete", "delete and write"])
@pytest.mark.parametrize("when", ["before the copy is read", "before the copy is stored", "after it was stored"])
def test_what_happens_meanwhile_counts(clouds: Carrying, monkeypatch: pytest.MonkeyPatch, when: str, what: str) -> None:
    clouds.put("x", b"old")
    clouds.route = ("b", None)

    def meanwhile() -> None:
        if "delete" in what:
            clouds.delete("x")
        if "write" in what:
            clouds.put("x", b"new")

    if when == "before the copy is read":
        _before(monkeypatch, clouds.a, "open", meanwhile)
    elif when == "before the copy is stored":
        _before(monkeypatch, clouds.b, "put", meanwhile)
    else:
        copy = clouds.carrier._copy

        def copied(*arguments):  # type: ignore[no-untyped-def]
            found = copy(*arguments)
            meanwhile()
            return found

        monkeypatch.setattr(clouds.carrier, "_copy", copied)
    clouds.carry()
    monkeypatch.undo()
    for _ in range(2):
        if what == "delete":
            with pytest.raises(CloudNotFound):
                clouds.get("x")
            assert clouds.paths() == []
        else:
            assert clouds.get("x") == b"new"
            assert next(clouds.pages(10))[0].size == 3
        clouds.carry()


def test_a_crash_after_the_copy_brings_nothing_back(clouds: Carrying, monkeypatch: pytest.MonkeyPatch) -> None:
    clouds.put("x", b"old")
    clouds.route = ("b", None)
    copy = clouds.carrier._copy

    def delete_and_die(*arguments):  # type: ignore[no-untyped-def]
        copy(*arguments)
        clouds.a.away = AWAY
        # It could not be removed where it was copied from, and the copy is there by now.
        clouds.delete("x")
        raise KeyboardInterrupt

    monkeypatch.setattr(clouds.carrier, "_copy", delete_and_die)
    with pytest.raises(KeyboardInterrupt):
        clouds.carry()
    monkeypatch.undo()
    clouds.a.away = None
    assert "x" in clouds.a.objects and not clouds.b.objects
    for route in (("b", None), ("a", None)):
        clouds.route = route
        with pytest.raises(CloudNotFound):
            clouds.get("x")
        clouds.carry()
    assert Leftovers(clouds.caller, clouds.database).clean(["a", "b"]).earlier == 1
    assert not clouds.a.objects and not clouds.b.objects


def test_what_waits_for_a_provider_that_will_not_come_back_goes_to_the_new_primary(clouds: Carrying) -> None:
    clouds.route = ("a", "b")
    clouds.put("gone", b"0")
    clouds.a.away = AWAY
    clouds.put("x", b"1")
    clouds.delete("gone")
    clouds.route = ("b", None)
    from shared_backend.cloud.carry_over import Carried

    carried = Carried()
    clouds.carrier.waiting("b", carried, lambda: True)
    assert (carried.copied, carried.failed) == (1, 0)
    assert clouds.get("x") == clouds.b.objects["x"][1] == b"1"
    with pytest.raises(CloudNotFound):
        clouds.get("gone")
    assert list(clouds.b.objects) == ["x"]
    clouds.a.away = None
    assert clouds.reconciler.run().synced == 0
    with pytest.raises(CloudNotFound):
        clouds.get("gone")


def test_leftovers_are_removed_and_nothing_else(clouds: Carrying) -> None:
    clouds.put("x", b"old")
    clouds.route = ("b", None)
    clouds.put("x", b"new")
    clouds.route = ("b", "a")
    clouds.b.away = AWAY
    clouds.put("waits", b"1")
    clouds.b.away = None
    _foreign(clouds.a, "pending-sync/of-another-journal", b"?")
    done = Leftovers(clouds.caller, clouds.database).clean(["a", "b"])
    assert (done.earlier, done.copies, done.unknown, done.problems) == (1, 0, 1, [])
    assert "x" not in clouds.a.objects and clouds.get("x") == b"new" and clouds.get("waits") == b"1"
    # A copy whose entry was settled, but that could not be removed then.
    held = next(path for path in clouds.a.objects if path.startswith("pending-sync/") and "another" not in path)
    kept = clouds.a.objects[held]
    clouds.reconciler.run()
    clouds.a.objects[held] = kept
    assert Leftovers(clouds.caller, clouds.database).clean(["a", "b"]).copies == 1
    assert held not in clouds.a.objects and clouds.get("waits") == b"1"


def test_random_switches_and_carries_lose_nothing(clouds: Carrying) -> None:
    """A model beside it, as for the journal; here the primary changes."""
    chance = random.Random(20261123)
    model: dict[str, bytes] = {}
    for step in range(250):
        path, action = f"p{chance.randrange(5)}", chance.random()
        if action < 0.35:
            clouds.put(path, str(step).encode())
            model[path] = str(step).encode()
        elif action < 0.5:
            try:
                clouds.delete(path)
                assert path in model, step
            except CloudNotFound:
                assert path not in model, step
            model.pop(path, None)
        elif action < 0.6:
            clouds.route = chance.choice([("a", None), ("b", None), ("a", "b"), ("b", "a")])
        elif action < 0.75:
            clouds.carry(*chance.choice([("a", "b"), ("b", "a")]))
        elif action < 0.8:
            Leftovers(clouds.caller, clouds.database).clean(["a", "b"])
        elif action < 0.85:
            assert clouds.paths(3) == sorted(model), step
        elif path in model:
            assert clouds.get(path) == model[path], step
        else:
            with pytest.raises(CloudNotFound):
                clouds.get(path)
    for path, content in model.items():
        assert clouds.get(path) == content


def _before(monkeypatch: pytest.MonkeyPatch, provider: MemoryProvider, name: str, action: Callable[[], None]) -> None:
    """Does something once, right before a call."""
    call = getattr(provider, name)

    def called(*arguments, **options):  # type: ignore[no-untyped-def]
        monkeypatch.setattr(provider, name, call)
        action()
        return call(*arguments, **options)

    monkeypatch.setattr(provider, name, called)


def _foreign(provider: MemoryProvider, path: str, content: bytes) -> None:
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
