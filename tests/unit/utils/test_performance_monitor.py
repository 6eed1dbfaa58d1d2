from __future__ import annotations

import json
import math
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_backend.utils.performance_monitor import (
    BUCKETS_S,
    MOST_MINUTES,
    MOST_NAMES,
    OTHER,
    Histogram,
    PerformanceMonitor,
)


def histogram(*seconds: float) -> Histogram:
    monitor = PerformanceMonitor()
    for each in seconds:
        monitor.observe("page", "p", each)
    return Histogram.of(monitor.snapshot()["series"]["page"]["p"])


def test_a_value_on_a_bound_is_within_it() -> None:
    counts = histogram(0.005, 0.0051, 1_000).counts
    assert counts[BUCKETS_S.index(0.005)] == 1
    assert counts[BUCKETS_S.index(0.01)] == 1
    assert counts[-1] == 1


@given(st.lists(st.floats(0, 2_000), min_size=1, max_size=60), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(seconds: list[float], share: float) -> None:
    found = histogram(*seconds).quantile(share)
    true = sorted(seconds)[max(math.ceil(share * len(seconds)), 1) - 1]
    assert found is not None
    assert found <= max(seconds) + 1e-6
    low = max((bound for bound in BUCKETS_S if bound < true), default=0.0)
    high = min((bound for bound in BUCKETS_S if bound >= true), default=max(seconds))
    assert low - 1e-6 <= found <= high + 1e-6


def test_nothing_has_no_quantile_and_sums_add_up() -> None:
    assert Histogram().quantile(0.5) is None
    whole = Histogram.sum([histogram(0.1, 0.2), histogram(5)])
    assert (whole.count, whole.longest_s) == (3, 5)
    assert Histogram.of({"counts": [1, 2], "failed": 0, "total_s": 1, "longest_s": 1}).count == 0


def test_what_is_kept_is_bounded() -> None:
    now = [0.0]
    monitor = PerformanceMonitor(now=lambda: now[0])
    for number in range(3 * MOST_NAMES):
        now[0] += 60
        monitor.observe("request", f"name {number}" + "x" * 500, 0.01)
        monitor.error(f"code {number}")
    kept = monitor.snapshot()
    assert len(kept["series"]["request"]) <= MOST_NAMES + 1
    assert Histogram.of(kept["series"]["request"][OTHER]).count == 2 * MOST_NAMES
    assert len(kept["errors"]) <= MOST_NAMES + 1
    assert len(kept["minutes"]) == MOST_MINUTES
    assert len(json.dumps(kept)) < 40_000


def test_failures_are_told_from_ends() -> None:
    class Stop(BaseException):
        pass

    monitor = PerformanceMonitor()
    for error in (ValueError(), Stop()):
        with pytest.raises(type(error)), monitor.timed("page", "p"):
            raise error
    found = Histogram.of(monitor.snapshot()["series"]["page"]["p"])
    assert (found.count, found.failed) == (2, 1)


def test_no_observation_is_lost_between_threads() -> None:
    monitor = PerformanceMonitor()

    def work() -> None:
        for _ in range(5_000):
            monitor.observe("request", "r", 0.2)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Histogram.of(monitor.snapshot()["series"]["request"]["r"]).count == 40_000


def test_an_observation_costs_next_to_nothing() -> None:
    monitor = PerformanceMonitor()
    best = min(_seconds_of(monitor, 10_000) for _ in range(5))
    assert best / 10_000 < 50e-6  # 2.5 µs measured; the rest is for a machine that does something else


def _seconds_of(monitor: PerformanceMonitor, times: int) -> float:
    begin = time.perf_counter()
    for _ in range(times):
        monitor.observe("page", "p", 0.1)
    return time.perf_counter() - begin
