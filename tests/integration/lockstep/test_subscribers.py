"""Process-local subscribers: each on its own, and none holds the watcher up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from shared_backend.lockstep.event_bus import EventBus
from shared_backend.lockstep.event_types import EventRegister
from shared_backend.utils.exception_handler import InvalidInput
from tests.support.lockstep import ADMIN, eventually
from tests.support.watching import Watched, save


@pytest.fixture
def bus(watched: Watched) -> Iterator[EventBus]:
    opened = EventBus(watched[0].database, watched[0], EventRegister(["user"]))
    yield opened
    opened.close()


def test_a_raising_subscriber_stops_neither_the_others_nor_the_watcher(bus: EventBus, watched: Watched) -> None:
    heard: list[int] = []

    def bad(event: dict[str, Any]) -> None:
        raise SystemExit if event["seq"] == 1 else ValueError

    failing = bus.subscribe(["user_update"], bad)
    bus.subscribe(["user_update"], lambda event: heard.append(event["seq"]))
    for number in range(3):
        save(watched[0].database, f"x{number}")
    eventually(lambda: heard == [1, 2, 3] and failing.failures == 3)
    assert watched[0].health().state == "ok"


@pytest.mark.parametrize("more_comes", [False, True])
def test_a_slow_subscriber_is_told_to_resync(
    bus: EventBus, watched: Watched, monkeypatch: pytest.MonkeyPatch, more_comes: bool
) -> None:
    monkeypatch.setattr("shared_backend.lockstep.event_bus._QUEUE_LIMIT", 3)
    go, heard = threading.Event(), []

    def slow(event: dict[str, Any]) -> None:
        go.wait(20)
        heard.append((event["type"], event["seq"], event["data"].get("reason"), event["actor_id"]))

    subscription = bus.subscribe(["*"], slow)
    for number in range(10):
        save(watched[0].database, f"x{number}")
    eventually(lambda: watched[0].position.seq == 10)
    go.set()
    eventually(lambda: ("resync_required", None, "overflow", None) in heard)
    told = heard.index(("resync_required", None, "overflow", None))
    assert [seq for _type, seq, _reason, _actor in heard[:told]] == list(range(1, told + 1)), "in order until then"
    assert told < 10
    if more_comes:
        save(watched[0].database, "later")
        eventually(lambda: heard[-1][1] == 11)
    assert subscription.failures == 0


def test_closing_a_subscription_that_is_stuck_does_not_hang(
    bus: EventBus, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared_backend.lockstep.event_bus._QUEUE_LIMIT", 1)
    go = threading.Event()
    subscription = bus.subscribe(["*"], lambda event: go.wait(20))
    for number in range(4):
        save(watched[0].database, f"x{number}")
    eventually(lambda: watched[0].position.seq == 4)
    subscription.close()
    assert not go.is_set() and subscription._thread.is_alive(), "it came back while the callback was still stuck"
    go.set()
    subscription._thread.join(5)
    assert not subscription._thread.is_alive()


def test_subscribers_hear_of_a_new_life_of_the_log(bus: EventBus, watched: Watched) -> None:
    heard: list[dict[str, Any]] = []
    bus.subscribe(["user_update"], heard.append)
    with watched[0].database.write() as uow:
        uow.connection.execute(text("UPDATE log_counter SET epoch = 'another life'"))
    eventually(lambda: heard)
    assert [(event["type"], event["epoch"], event["data"]) for event in heard] == [
        ("resync_required", "another life", {"reason": "epoch"})
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"source": "x" * 41}, "source of an event"),
        ({"source": ""}, "source of an event"),
        ({"source": "a\x00"}, "source of an event"),
        ({"data": {"x": "y" * 70_000}}, "may carry"),
        ({"data": {"x": float("nan")}}, "can't be written as JSON"),
        ({"data": {"x": object()}}, "can't be written as JSON"),
        ({"data": {"x": "\ud800"}}, "can't be written as JSON"),
    ],
)
def test_events_that_cant_be_stored_are_refused_in_words(bus: EventBus, given: dict[str, Any], words: str) -> None:
    asked = {"data": {}, "source": "script", **given}
    with pytest.raises(InvalidInput, match=words):
        bus.publish("custom.x", asked["data"], source=asked["source"], actor=ADMIN)


def test_nul_in_the_data_of_an_event_comes_back(bus: EventBus, watched: Watched) -> None:
    heard: list[Any] = []
    bus.subscribe(["custom.x"], lambda event: heard.append(event["data"]))
    bus.publish("custom.x", {"x": "a\x00b \u202e \U0001f680"}, source="script", actor=ADMIN)
    eventually(lambda: heard)
    assert heard == [{"x": "a\x00b \u202e \U0001f680"}]
