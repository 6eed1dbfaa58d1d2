"""Kinds of jobs: their names, their pauses, and which errors are worth another try."""

from __future__ import annotations

import pytest

from shared_backend.jobs.errors import RetryLater
from shared_backend.jobs.kinds import JobKind, JobRegister, Recurring
from shared_backend.utils.exception_handler import DatabaseBusy, InvalidInput, PermissionDenied


def kind(name: str = "test.one", **given: object) -> JobKind:
    return JobKind(name, "One", lambda run, payload: None, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "x", "Test.one", "test one", "1test", "t" * 81])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        JobRegister().add(kind(name))


def test_a_name_is_taken_once_and_the_nearest_is_named() -> None:
    register = JobRegister()
    register.add(kind())
    with pytest.raises(InvalidInput, match="already"):
        register.add(kind())
    with pytest.raises(InvalidInput, match=r"Did you mean test\.one"):
        register.get("test.ome")
    with pytest.raises(InvalidInput):
        register.every(Recurring("test.two", 5.0))
    assert register.title("test.one") == "One" and register.title("other.release") == "other.release"


def test_pauses_double_up_to_the_longest() -> None:
    paused = kind(backoff_s=5.0, backoff_most_s=60.0)
    assert [paused.pause_s(tried) for tried in (1, 2, 3, 4, 5, 6, 1_000_000)] == [5, 10, 20, 40, 60, 60, 60]


@pytest.mark.parametrize(
    ("error", "worth_it"),
    [
        (DatabaseBusy(), True),
        (RetryLater(), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (PermissionDenied(), False),
        (InvalidInput(), False),
        (ValueError(), False),
    ],
)
def test_what_may_pass_is_tried_again(error: Exception, worth_it: bool) -> None:
    assert kind().may_retry(error) is worth_it
