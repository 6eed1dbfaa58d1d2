"""What the breaker costs and saves: one probe at half-open, no queue while healthy, a quick way round while open."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.cloud.setup import template
from benchmarks.cloud.torture.fallback import Fallback
from benchmarks.figures import Figure, Report
from benchmarks.lockstep.setup import folder
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudUnavailable
from shared_backend.cloud.local.blobs import LocalBlobs
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.database.engine import Database

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
    """half_open_probes, healthy_concurrency and failover_ratio; and what a journaled write costs."""
    _probes(report)
    _healthy(report, rounds=5 if quick else 15)
    _failover(report, rounds=60 if quick else 300)
    _failover_put(report, rounds=30 if quick else 150)


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


def _failover_put(report: Report, *, rounds: int) -> None:
    """A write of 4 KiB while the breaker is open: the fallback's file and two commits of the journal, all synced."""
    content = os.urandom(4096)
    digest = hashlib.sha256(content).hexdigest()
    with folder() as path:
        database = Database(f"sqlite:///{template(path)}")
        local = LocalBlobs(path / "fallback", base_url="http://127.0.0.1", secret_key="x" * 40)
        away = _Sleeper(0.0)

        def refused(*_: Any, **__: Any) -> Any:
            raise CloudUnavailable("failing")

        away.put = refused  # type: ignore[attr-defined]
        register = ProviderRegister(factories={"away": lambda: away, "fallback": lambda: Fallback(local)})  # type: ignore[dict-item, return-value]
        blobs = BlobService(Caller(register, breaker=lambda: Breaker(cool_s=3600)), database)
        numbers = itertools.count()

        def ours() -> None:
            assert blobs.put(("away", "fallback"), f"f/{next(numbers)}", content, deadline=Deadline(30)).pending_sync

        def direct() -> None:
            local.put(
                f"d/{next(numbers)}",
                io.BytesIO(content),
                size=len(content),
                sha256=digest,
                content_type="application/octet-stream",
                metadata={},
                condition=Condition(),
                deadline=Deadline(30),
            )

        for _ in range(3):
            ours()
        through, bare = _interleaved(ours, direct, rounds)
        database.dispose()
    ratio = statistics.median(one / other for one, other in zip(through, bare, strict=True))
    beside = (
        f"journaled {statistics.median(through) * 1000:.2f} ms, the local store directly "
        f"{statistics.median(bare) * 1000:.2f} ms; the journal's two durable commits are the difference"
    )
    report.add(Figure("failover_ratio_local_put_4k", round(ratio, 3), "×", None, "lower", beside))


def _interleaved(one: Any, other: Any, rounds: int) -> tuple[list[float], list[float]]:
    first: list[float] = []
    second: list[float] = []
    for number in range(rounds):
        for action, times in ((one, first), (other, second)) if number % 2 else ((other, second), (one, first)):
            begin = time.perf_counter()
            action()
            times.append(time.perf_counter() - begin)
    return first, second
