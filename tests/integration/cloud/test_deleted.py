"""What was deleted stays deleted, whoever held an earlier state of it and was away then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared_backend.cloud import places
from shared_backend.cloud.contract import Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotFound, CloudUnavailable
from shared_backend.cloud.leftovers import Cleaned, Leftovers
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.database.engine import Database
from shared_backend.utils.clock import utc_now
from tests.integration.cloud.test_places import Clouds, _foreign
from tests.support.cloud_memory import MemoryProvider


@pytest.fixture
def clouds(database: Database) -> Clouds:
    """A, B, and a third one to fall back on."""
    made = Clouds(database)
    here = MemoryProvider("here")
    made.caller.providers._factories["here"] = lambda: here
    made.here = here  # type: ignore[attr-defined]
    return made


def away() -> CloudUnavailable:
    """One for each provider: whose it is, is noted on it."""
    return CloudUnavailable("away")


def is_gone(clouds: Clouds, path: str) -> bool:
    """For reads and listings, on every route."""
    for route in (clouds.route, ("a", "here"), ("b", "here")):
        clouds.route = route
        with pytest.raises(CloudNotFound):
            clouds.get(path)
        if path in clouds.paths():
            return False
    return True


def clean(clouds: Clouds, older_than: timedelta = timedelta(days=-1)) -> Cleaned:
    return Leftovers(clouds.caller, clouds.database).clean(["a", "b"], older_than=older_than)


def test_a_deletion_after_a_switch_back_takes_the_earlier_state_beside_what_waits_for_another(clouds: Clouds) -> None:
    clouds.put("x", b"old")
    clouds.route = ("b", "here")
    clouds.b.away = away()
    assert clouds.put("x", b"waits for b").pending_sync
    clouds.route = ("a", "here")
    assert clouds.get("x") == b"waits for b"
    clouds.delete("x")
    assert not clouds.a.objects
    with pytest.raises(CloudNotFound):
        clouds.get("x")
    clouds.b.away = None
    Reconciler(clouds.caller, clouds.database).run()
    assert is_gone(clouds, "x")
    assert not clouds.a.objects and not clouds.b.objects and not clouds.here.objects  # type: ignore[attr-defined]


def test_a_deletion_while_the_primary_that_has_an_earlier_state_is_away_is_a_tombstone(clouds: Clouds) -> None:
    clouds.put("x", b"old")
    clouds.route = ("b", "here")
    clouds.put("x", b"new")
    clouds.route = ("a", "here")
    clouds.a.away = away()
    outcome = clouds.delete("x")
    assert outcome.pending_sync and outcome.durable_at == ("here",)
    assert not clouds.b.objects, "what can be removed now is removed now"
    clouds.a.away = None
    with pytest.raises(CloudNotFound):
        clouds.get("x")
    assert clouds.paths() == []
    assert Reconciler(clouds.caller, clouds.database).run().synced == 1
    assert not clouds.a.objects
    assert is_gone(clouds, "x")


def test_a_deletion_that_can_reach_neither_the_primary_nor_a_fallback_fails_and_changes_nothing(
    clouds: Clouds,
) -> None:
    clouds.put("x", b"old")
    clouds.route = ("b", None)
    clouds.put("x", b"new")
    clouds.route = ("a", None)
    clouds.a.away = away()
    with pytest.raises(CloudUnavailable):
        clouds.delete("x")
    clouds.a.away = None
    assert clouds.get("x") == b"new"


def test_a_tombstone_keeps_down_what_was_on_an_earlier_provider_before_us(clouds: Clouds) -> None:
    clouds.put("ours", b"1")
    _foreign(clouds.a, "theirs", b"2")
    clouds.route = ("b", "here")
    clouds.put("another", b"3")
    clouds.a.away, clouds.b.away = away(), away()
    assert clouds.delete("theirs").pending_sync
    clouds.a.away = clouds.b.away = None
    Reconciler(clouds.caller, clouds.database).run()
    with pytest.raises(CloudNotFound):
        clouds.get("theirs")
    assert clouds.paths() == ["another", "ours"]


def buried_with_its_earlier_state(clouds: Clouds) -> None:
    """As a process leaves it that is killed between noting a deletion and removing what there is."""
    clouds.put("x", b"old")
    clouds.route = ("b", None)
    clouds.put("y", b"another")
    clouds.route = ("a", None)
    clouds.put("z", b"another")
    with clouds.database.write() as uow:
        places.bury(uow.connection, "a", "x", at=utc_now(), generation=3)


def test_an_earlier_state_that_lies_where_we_deleted_is_neither_read_nor_listed(clouds: Clouds) -> None:
    buried_with_its_earlier_state(clouds)
    with pytest.raises(CloudNotFound):
        clouds.get("x")
    with pytest.raises(CloudNotFound):
        clouds.blobs.stat(clouds.route, "x", deadline=Deadline(5))
    assert clouds.paths() == ["y", "z"]


def test_where_we_deleted_a_new_one_may_be_created_and_is_read(clouds: Clouds) -> None:
    buried_with_its_earlier_state(clouds)
    clouds.put("x", b"new", Condition("absent"))
    assert clouds.get("x") == b"new" and clouds.paths() == ["x", "y", "z"]
    clean(clouds)
    assert clouds.get("x") == b"new"


def test_what_somebody_else_has_put_where_we_deleted_is_read(clouds: Clouds) -> None:
    buried_with_its_earlier_state(clouds)
    _foreign(clouds.a, "x", b"theirs")
    assert clouds.get("x") == b"theirs" and clouds.paths() == ["x", "y", "z"]
    clean(clouds)
    assert clouds.get("x") == b"theirs"


def test_what_lies_where_we_deleted_goes_with_the_leftovers_once_it_is_old_enough(clouds: Clouds) -> None:
    buried_with_its_earlier_state(clouds)
    assert clean(clouds, timedelta(days=1)).earlier == 0 and "x" in clouds.a.objects
    assert clean(clouds).earlier == 1 and "x" not in clouds.a.objects
    calls = clouds.a.calls
    assert clean(clouds).earlier == 0
    # Its uploads and what it holds are looked through, and nothing that was seen to be gone is asked for again.
    assert clouds.a.calls == calls + 1
    with pytest.raises(CloudNotFound):
        clouds.get("x")


def test_leftovers_name_a_provider_that_is_away_and_come_back_for_what_is_buried_there(clouds: Clouds) -> None:
    buried_with_its_earlier_state(clouds)
    clouds.a.away = away()
    assert any(problem.startswith("a: ") for problem in clean(clouds).problems)
    clouds.a.away = None
    assert clean(clouds).earlier == 1


def test_what_is_written_where_we_deleted_is_noted_for_good(clouds: Clouds, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note that may be lost with the machine's power would let an acknowledged write pass for what was to go."""
    buried_with_its_earlier_state(clouds)
    monkeypatch.setattr(places, "quick_remember", lambda *_args, **_given: None)
    clouds.put("x", b"new")
    assert clouds.get("x") == b"new"
