"""The breaker: one probe, no lock in health; the retry budget."""

from __future__ import annotations

import threading

from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.retry_budget import RetryBudget


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(time: Time) -> Breaker:
    breaker = Breaker(threshold=3, cool_s=5, clock=time)
    for _ in range(3):
        assert breaker.allow()
        breaker.failed("away")
    return breaker


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(threshold=3)
    for _ in range(5):
        breaker.failed("x")
        breaker.failed("x")
        breaker.succeeded()
    assert breaker.info().state == "closed"
    assert opened(Time()).info().state == "open"


def test_fifty_threads_at_half_open_send_one_probe() -> None:
    time = Time()
    breaker = opened(time)
    assert not breaker.allow()
    time.now = 5.1
    allowed: list[bool] = []
    gate = threading.Barrier(50)

    def ask() -> None:
        gate.wait()
        allowed.append(breaker.allow())

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowed.count(True) == 1


def test_a_failed_probe_waits_twice_as_long_and_a_good_one_closes() -> None:
    time = Time()
    breaker = opened(time)
    time.now = 5.1
    assert breaker.allow()
    breaker.failed("still away")
    time.now = 14.0
    assert not breaker.allow()
    time.now = 15.2
    assert breaker.allow()
    breaker.succeeded()
    assert breaker.info().state == "closed"


def test_retry_after_keeps_it_open_but_not_for_an_hour() -> None:
    time = Time()
    breaker = Breaker(cool_s=5, most_cool_s=120, clock=time)
    breaker.failed("throttled", wait_s=3600)
    time.now = 60
    assert not breaker.allow()
    time.now = 121
    assert breaker.allow()


def test_a_call_that_was_given_up_lets_the_next_one_probe() -> None:
    time = Time()
    breaker = opened(time)
    time.now = 6
    assert breaker.allow()
    breaker.released()
    assert breaker.allow()


def test_retries_stay_a_part_of_the_calls() -> None:
    budget = RetryBudget(share=0.2, reserve=2)
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    for _ in range(5):
        budget.earn()
    assert [budget.spend(), budget.spend()] == [True, False]
