"""What the breaker costs and saves: one probe at half-open, no queue while healthy, a quick way round while open."""

from __future__ import annotations

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.figures import Figure, Report
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudUnavailable
from shared_backend.cloud.registry import ProviderRegister

_THREADS = 50


class _Sleeper:
    """A provider whose call takes that long, or fails."""

    def __init__(self, seconds: float) -> None:
        self.name = self.provider = "sleeper"
        self.seconds = seconds
        self.failing = False
        self.calls = 0
        self._lock = threading.Lock()

    def offer(self, _capability: Capability) -> Any:
        return self

    def work(self) -> str:
        """The call."""
        with self._lock:
            self.calls += 1
        time.sleep(self.seconds)
        if self.failing:
            raise CloudUnavailable("failing")
        return "done"


def run(report: Report, *, quick: bool) -> None:
    """half_open_probes, healthy_concurrency and failover_ratio."""
    _probes(report)
    _healthy(report, rounds=5 if quick else 15)
    _failover(report, rounds=60 if quick else 300)


def _caller(sleeper: _Sleeper, **breaker: Any) -> Caller:
    register = ProviderRegister(factories={"sleeper": lambda: sleeper})  # type: ignore[dict-item, return-value]
    return Caller(register, breaker=lambda: Breaker(**breaker))


def _once(caller: Caller) -> bool:
    try:
        caller.on_one("sleeper", Capability.BLOBS, lambda it, _within: it.work(), Deadline(5), retry=False)
    except CloudError:
        return False
    return True


def _together(work: Any, pool: ThreadPoolExecutor) -> float:
    """Seconds for all threads to do it at once."""
    start = threading.Barrier(_THREADS + 1)

    def one() -> None:
        start.wait()
        work()

    futures = [pool.submit(one) for _ in range(_THREADS)]
    start.wait()
    begin = time.perf_counter()
    for future in futures:
        future.result()
    return time.perf_counter() - begin


def _probes(report: Report) -> None:
    sleeper = _Sleeper(0.05)
    caller = _caller(sleeper, cool_s=0.2)
    sleeper.failing = True
    while caller.breaker("sleeper", Capability.BLOBS).info().state == "closed":
        _once(caller)
    worst = 0
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in range(5):
            time.sleep(caller.breaker("sleeper", Capability.BLOBS).info().retry_in_s + 0.15)
            before = sleeper.calls
            _together(lambda: _once(caller), pool)
            worst = max(worst, abs(sleeper.calls - before - 1))
            probes = sleeper.calls - before
        naive = _Sleeper(0.05)
        naive.failing = True
        _together(lambda: _swallowed(naive), pool)
    beside = f"of {_THREADS} threads, 5 times, never another number; without a breaker {naive.calls}"
    report.add(Figure("half_open_probes", probes if not worst else worst + 1, "calls", 1, "lower", beside))


def _swallowed(sleeper: _Sleeper) -> None:
    try:
        sleeper.work()
    except CloudUnavailable:
        return


def _healthy(report: Report, *, rounds: int) -> None:
    sleeper = _Sleeper(0.2)
    caller = _caller(sleeper)
    ratios, ours, bare = [], [], []
    with ThreadPoolExecutor(_THREADS) as pool:
        _together(lambda: _once(caller), pool)
        for _ in range(rounds):
            bare.append(_together(sleeper.work, pool))
            ours.append(_together(lambda: _once(caller), pool))
            ratios.append(bare[-1] / ours[-1])
    beside = (
        f"{_THREADS} calls of 0.2 s at once: ours {statistics.median(ours):.3f} s, bare {statistics.median(bare):.3f} s"
    )
    report.add(Figure("healthy_concurrency", round(statistics.median(ratios), 3), "×", 0.95, "higher", beside))


def _failover(report: Report, *, rounds: int) -> None:
    """A read's way round an open breaker, and a write's with its journal, beside the fallback called directly."""
    quick = _Sleeper(0.003)
    away = _Sleeper(0.0)
    away.failing = True
    register = ProviderRegister(factories={"away": lambda: away, "sleeper": lambda: quick})  # type: ignore[dict-item, return-value]
    caller = Caller(register, breaker=lambda: Breaker(cool_s=3600))
    work = lambda it, _within: it.work()  # noqa: E731

    def ours() -> None:
        caller.either("away", "sleeper", Capability.TEXT, work, Deadline(5))

    for _ in range(3):
        ours()
    through, direct = _interleaved(ours, lambda: quick.work(), rounds)
    ratio = statistics.median(one / other for one, other in zip(through, direct, strict=True))
    beside = (
        f"breaker open {statistics.median(through) * 1000:.2f} ms, the fallback directly "
        f"{statistics.median(direct) * 1000:.2f} ms (a call of 3 ms); the primary was called {away.calls} times"
    )
    report.add(Figure("failover_ratio", round(ratio, 3), "×", 1.2, "lower", beside))


def _interleaved(one: Any, other: Any, rounds: int) -> tuple[list[float], list[float]]:
    first, second = [], []
    for number in range(rounds):
        for action, times in ((one, first), (other, second)) if number % 2 else ((other, second), (one, first)):
            begin = time.perf_counter()
            action()
            times.append(time.perf_counter() - begin)
    return first, second
