"""Providers that come, go and are switched: an object stays readable wherever its newest state is."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest

from shared_backend.cloud import journal, places
from shared_backend.cloud.blob_reader import Route
from shared_backend.cloud.blob_service import BlobService, held_at
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import BlobInfo, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudInvalid,
    CloudNotFound,
    CloudPrecondition,
    CloudUnavailable,
)
from shared_backend.cloud.lease import Lease
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.write_ids import WriteIds
from shared_backend.database.engine import Database
from tests.support.cloud_memory import MemoryProvider

AWAY = CloudUnavailable("away")


class Clouds:
    """A and B, and the route in force."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.a, self.b = MemoryProvider("a"), MemoryProvider("b")
        register = ProviderRegister(factories={"a": lambda: self.a, "b": lambda: self.b})
        self.caller = Caller(register, breaker=lambda: Breaker(threshold=10**9))
        self.blobs = BlobService(self.caller, database)
        self.reconciler = Reconciler(self.caller, database)
        self.route: Route = ("a", None)

    def put(self, path: str, content: bytes, condition: Condition | None = None):  # type: ignore[no-untyped-def]
        return self.blobs.put(self.route, path, content, condition=condition or Condition(), deadline=Deadline(5))

    def get(self, path: str) -> bytes:
        return self.blobs.get(self.route, path, deadline=Deadline(5)).value

    def delete(self, path: str, condition: Condition | None = None):  # type: ignore[no-untyped-def]
        return self.blobs.delete(self.route, path, condition=condition or Condition(), deadline=Deadline(5))

    def paths(self, limit: int = 100) -> list[str]:
        return [item.path for page in self.pages(limit) for item in page]

    def pages(self, limit: int) -> Iterator[list[BlobInfo]]:
        after: str | None = None
        while True:
            page = self.blobs.list(self.route, "", after=after, limit=limit, deadline=Deadline(5)).value
            assert len(page.items) <= limit
            yield page.items
            if page.after is None:
                return
            assert after is None or page.after > after
            after = page.after


@pytest.fixture
def clouds(database: Database) -> Clouds:
    return Clouds(database)


def test_after_a_switch_everything_stays_readable(clouds: Clouds) -> None:
    clouds.put("x", b"on a")
    clouds.route = ("b", None)
    assert clouds.get("x") == b"on a"
    outcome = clouds.blobs.stat(clouds.route, "x", deadline=Deadline(5))
    assert outcome.provider == "a" and outcome.degraded and "carried over" in outcome.notes[0]
    assert clouds.paths() == ["x"]


def test_after_a_roll_back_the_newest_is_read_and_not_the_older_one_that_is_nearer(clouds: Clouds) -> None:
    clouds.put("x", b"old")
    clouds.route = ("b", None)
    clouds.put("x", b"new")
    clouds.route = ("a", None)
    assert clouds.get("x") == b"new"
    assert [(i.path, i.size) for i in next(clouds.pages(10))] == [("x", 3)]
    clouds.put("x", b"newest")
    clouds.route = ("b", None)
    assert clouds.get("x") == b"newest"


def test_what_was_deleted_does_not_rise_again_on_any_switch(clouds: Clouds) -> None:
    clouds.put("x", b"old")
    clouds.route = ("b", None)
    clouds.put("x", b"new")
    clouds.a.away = AWAY
    assert "still holds" in clouds.delete("x").notes[0]
    clouds.a.away = None
    assert "x" in clouds.a.objects, "it could not be removed there"
    for route in (("a", None), ("b", None), ("a", "b")):
        clouds.route = route
        with pytest.raises(CloudNotFound):
            clouds.get("x")
        assert clouds.paths() == []


def test_deleting_removes_it_wherever_it_is(clouds: Clouds) -> None:
    clouds.put("x", b"old")
    clouds.route = ("b", None)
    clouds.delete("x")
    assert not clouds.a.objects
    clouds.put("y", b"1")
    clouds.route = ("a", None)
    clouds.put("y", b"2")
    clouds.delete("y")
    assert not clouds.a.objects and not clouds.b.objects
    with pytest.raises(CloudNotFound):
        clouds.delete("y")


def test_who_served_before_and_is_away_is_not_taken_for_one_that_has_nothing(clouds: Clouds) -> None:
    clouds.put("x", b"1")
    clouds.route = ("b", None)
    clouds.put("z", b"1")
    clouds.a.away = AWAY
    with pytest.raises(CloudUnavailable):
        clouds.get("x")
    with pytest.raises(CloudUnavailable, match="served before"):
        clouds.get("nobody knows")
    page = clouds.blobs.list(clouds.route, "", after=None, limit=10, deadline=Deadline(5))
    assert [item.path for item in page.value.items] == ["x", "z"] and page.degraded and "a: away" in page.notes[0]


def test_what_was_on_a_former_provider_before_us_is_found_too(clouds: Clouds) -> None:
    clouds.put("ours", b"1")
    _foreign(clouds.a, "theirs", b"2")
    clouds.route = ("b", None)
    assert clouds.get("theirs") == b"2"
    assert clouds.paths() == ["ours", "theirs"]
    clouds.delete("theirs")
    assert "theirs" not in clouds.a.objects
    with pytest.raises(CloudNotFound):
        clouds.get("theirs")


def test_conditions_hold_across_a_switch(clouds: Clouds) -> None:
    info = clouds.put("x", b"1").value
    clouds.route = ("b", None)
    with pytest.raises(CloudAlreadyExists):
        clouds.put("x", b"2", Condition("absent"))
    with pytest.raises(CloudPrecondition):
        clouds.put("x", b"2", Condition("etag", "another"))
    with pytest.raises(CloudPrecondition):
        clouds.delete("x", Condition("etag", "another"))
    second = clouds.put("x", b"2", Condition("etag", info.etag)).value
    clouds.route = ("a", None)
    clouds.put("x", b"3", Condition("etag", second.etag))
    assert clouds.get("x") == clouds.a.objects["x"][1] == b"3"
    clouds.delete("x")
    clouds.put("x", b"4", Condition("absent"))
    assert clouds.get("x") == b"4"


def test_an_etag_from_the_time_when_the_primary_was_away_still_counts(clouds: Clouds) -> None:
    clouds.route = ("a", "b")
    clouds.a.away = AWAY
    info = clouds.put("x", b"1").value
    clouds.a.away = None
    clouds.reconciler.run()
    clouds.put("x", b"2", Condition("etag", info.etag))
    assert clouds.get("x") == b"2"
    with pytest.raises(CloudPrecondition):
        clouds.put("x", b"3", Condition("etag", info.etag))


def test_a_write_that_waits_for_a_provider_is_overtaken_by_a_later_one_elsewhere(clouds: Clouds) -> None:
    clouds.route = ("a", "b")
    clouds.a.away = AWAY
    clouds.put("x", b"waits")
    clouds.route = ("b", None)
    assert clouds.get("x") == b"waits"
    clouds.put("x", b"later")
    assert clouds.get("x") == b"later"
    clouds.a.away = None
    done = clouds.reconciler.run()
    assert (done.superseded, done.synced) == (1, 0)
    clouds.route = ("a", "b")
    assert clouds.get("x") == b"later"
    assert not clouds.a.objects and not [path for path in clouds.b.objects if path.startswith(held_at(""))]


def test_a_write_that_waits_is_read_after_the_fallback_was_taken_out_of_the_route(clouds: Clouds) -> None:
    clouds.route = ("a", "b")
    clouds.a.away = AWAY
    clouds.put("x", b"waits")
    clouds.route = ("a", None)
    assert clouds.get("x") == b"waits"
    clouds.put("x", b"behind it")
    assert clouds.get("x") == b"behind it"


def test_listing_in_small_pages_is_the_same_as_in_one(clouds: Clouds) -> None:
    for number in range(0, 30, 3):
        clouds.put(f"p{number:02}", b"a")
    clouds.route = ("b", "a")
    for number in range(0, 30, 2):
        clouds.put(f"p{number:02}", b"b")
    clouds.delete("p06")
    clouds.b.away = AWAY
    clouds.put("p07", b"waits")
    clouds.b.away = None
    whole = clouds.paths(100)
    assert whole == sorted({f"p{n:02}" for n in [*range(0, 30, 3), *range(0, 30, 2), 7]} - {"p06"})
    for limit in (1, 2, 7):
        assert clouds.paths(limit) == whole


def test_the_place_where_writes_wait_is_nobodys(clouds: Clouds) -> None:
    for path in ("pending-sync/x", "pending-sync"):
        with pytest.raises(CloudInvalid):
            clouds.put(path, b"x")
        with pytest.raises(CloudInvalid):
            clouds.get(path)


def test_what_we_noted_of_a_write_may_be_lost_and_it_is_still_ours(clouds: Clouds) -> None:
    clouds.put("x", b"1")
    with clouds.database.write() as uow:
        places.drop(uow.connection, "a", "x")
    clouds.route = ("a", "b")
    clouds.a.away = AWAY
    clouds.put("x", b"2")
    clouds.a.away = None
    assert clouds.reconciler.run().conflicts == 0
    assert clouds.a.objects["x"][1] == b"2"


def test_write_ids_are_known_by_all_processes_of_an_installation_and_by_no_other(
    database: Database, sqlite_url: str
) -> None:
    ids = WriteIds(database)
    made = ids.new()
    assert ids.ours(made) and WriteIds(database).ours(made) and len(made) == 36
    assert not ids.ours(made[:-1] + ("0" if made[-1] != "0" else "1"))
    assert not ids.ours("") and not ids.ours("0" * 36)


def test_the_compare_pass_keeps_a_copy_of_what_its_primary_has_lost(
    clouds: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    clouds.route = ("a", "b")
    clouds.a.away = AWAY
    for path in ("kept", "lost", "replaced", "changed"):
        clouds.put(path, b"bytes")
    clouds.a.away = None
    settled = clouds.reconciler._settle_all

    def settle_and_lose(*arguments):  # type: ignore[no-untyped-def]
        done = settled(*arguments)
        clouds.a.objects.pop("lost", None)
        _foreign(clouds.a, "replaced", b"by others")
        info, _ = clouds.a.objects["changed"]
        clouds.a.objects["changed"] = (replace(info, sha256="0" * 64), b"wrong")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(clouds.reconciler, "_settle_all", settle_and_lose)
        done = clouds.reconciler.run()
    assert done.compared == 2 and len(done.missing) == 2
    assert any("lost is not on a any more" in words for words in done.missing)
    assert len([path for path in clouds.b.objects if path.startswith(held_at(""))]) == 2
    again = clouds.reconciler.run()
    assert clouds.a.objects["changed"][1] == b"bytes"
    assert again.compared == 1 and len(again.missing) == 1


def test_one_reconciles_at_a_time_and_a_dead_holder_is_forgotten(clouds: Clouds) -> None:
    clouds.route = ("a", "b")
    clouds.a.away = AWAY
    clouds.put("x", b"1")
    clouds.a.away = None
    dead = Lease(clouds.database, "reconcile", seconds=30)
    assert dead.take()
    assert clouds.reconciler.run().busy and "x" not in clouds.a.objects
    short = Lease(clouds.database, "reconcile", seconds=0.0)
    short.holder = dead.holder
    assert short.take()
    assert clouds.reconciler.run().synced == 1
    with clouds.database.read() as connection:
        assert journal.counts(connection) == {"done": 1}


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
