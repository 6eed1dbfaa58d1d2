"""A job's share, speed and time left, and how they are said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from admin_portal.job_words import progress_words, rate_words, span_words
from shared_backend.jobs.endings import Ending, after_crash
from shared_backend.jobs.job import Job
from shared_backend.jobs.kinds import JobKind

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
BASE = Job(
    id="j",
    kind="test.one",
    job_key=None,
    payload={},
    state="running",
    wish=None,
    actor_id="ada",
    actor_name="Ada",
    actor_role="admin",
    source="script",
    correlation_id="c",
    due_at=NOON,
    claim="c1",
    beats=1,
    attempts=0,
    crashes=0,
    progress_done=0,
    progress_total=None,
    progress_unit="files",
    progress_words="",
    progress_at=None,
    run_at=NOON,
    run_from=0,
    ran_s=0.0,
    result=None,
    error=None,
    created_at=NOON,
    started_at=NOON,
    ended_at=None,
)


def job(seconds: float = 10.0, **given: Any) -> Job:
    return replace(BASE, progress_at=NOON + timedelta(seconds=seconds), **given)


def test_speed_counts_this_run_alone() -> None:
    going_on = job(progress_done=300, progress_total=500, run_from=200)
    assert (going_on.share, going_on.rate, going_on.left_s) == (0.6, 10.0, 20.0)
    assert progress_words(going_on) == "300 of 500 files, 10 a second, about 20 s left"


@pytest.mark.parametrize(
    "given",
    [
        {"progress_done": 0, "progress_total": 500},
        {"progress_done": 100, "progress_total": 500, "run_from": 200},
        {"progress_done": 5, "seconds": 0.0, "progress_total": 10},
        {"progress_done": 5, "seconds": -3.0, "progress_total": 10},
        {"progress_done": 5, "progress_total": None},
    ],
)
def test_nothing_is_said_of_what_is_not_known(given: dict[str, Any]) -> None:
    assert job(**given).left_s is None
    assert "left" not in progress_words(job(**given))


def test_more_than_all_is_all_and_a_job_that_waits_has_no_time_left() -> None:
    assert job(progress_done=12, progress_total=10).share == 1.0
    assert job(progress_done=12, progress_total=10).left_s == 0.0
    assert job(progress_done=5, progress_total=10, state="paused").left_s is None


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (1_234.4, "1,234 a second"),
        (2.44, "2.4 a second"),
        (0.5, "30 a minute"),
        (0.02, "1.2 a minute"),
        (0, "0.0 an hour"),
    ],
)
def test_speeds_are_said_in_a_unit_that_says_something(rate: float, words: str) -> None:
    assert rate_words(rate) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (27.4, "27 s"), (150, "2 min"), (5_000, "83 min"), (7_500, "2 h 5 min")],
)
def test_spans_are_said_in_a_unit_that_says_something(seconds: float, words: str) -> None:
    assert span_words(seconds) == words


def test_after_a_crash_it_waits_longer_each_time_and_then_fails() -> None:
    kind = JobKind("test.one", "One", lambda run, payload: None, crashes=3, backoff_s=5.0)
    endings = [after_crash(replace(BASE, crashes=crashes), kind) for crashes in range(3)]
    assert [(ending.state, ending.pause_s) for ending in endings] == [
        ("waiting", 0.0),
        ("waiting", 5.0),
        ("failed", 0.0),
    ]
    assert after_crash(replace(BASE, crashes=2), None).state == "failed"
    assert after_crash(replace(BASE, wish="cancel"), kind).state == "cancelled"


@pytest.mark.parametrize(
    ("state", "wish", "expected"),
    [
        ("paused", "pause", "paused"),
        ("paused", "cancel", "cancelled"),  # cancelled while it was on its way to a pause
        ("paused", None, "waiting"),  # resumed before it had stopped
        ("waiting", "pause", "paused"),
        ("waiting", None, "waiting"),
        ("done", "cancel", "done"),
        ("failed", "pause", "failed"),
    ],
)
def test_the_newest_wish_counts(state: str, wish: str | None, expected: str) -> None:
    assert Ending(state).as_wished(wish)[0] == expected
