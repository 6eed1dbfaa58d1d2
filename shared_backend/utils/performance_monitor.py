"""How long things take in this process: requests, pages and jobs as bounded histograms, memory, and errors by code.

One observation costs 2.5 µs (4 µs with eight threads at it; measured on a busy machine of two cores), so it stands
around everything that a person waits for. What is kept is bounded whatever happens: so many names a kind, so
many minutes. Names are ours (a route's template, a page's address, a kind of job), never a person's data.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import psutil  # type: ignore[import-untyped]

Kind = Literal["request", "page", "job"]
KINDS: Final[tuple[Kind, ...]] = ("request", "page", "job")
# Upper bounds in seconds; a last one without a bound follows. Prometheus' `le`: a value on a bound is within it.
BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
MOST_NAMES: Final = 100
MOST_MINUTES: Final = 60
OTHER: Final = "other"
_LONGEST_NAME: Final = 80


@dataclass
class Histogram:
    """Observations by length. `counts` has one place more than BUCKETS_S; they are not cumulative."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    failed: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0

    @property
    def count(self) -> int:
        """Observations in all."""
        return sum(self.counts)

    def add(self, place: int, seconds: float, failed: bool) -> None:
        """One observation into a place that `bisect_left(BUCKETS_S, seconds)` has found."""
        self.counts[place] += 1
        self.total_s += seconds
        if failed:
            self.failed += 1
        if seconds > self.longest_s:
            self.longest_s = seconds

    def quantile(self, share: float) -> float | None:
        """Seconds that `share` (0 to 1) of the observations stayed within, by a straight line inside the bucket;
        never longer than the longest one. None without observations."""
        total = self.count
        if not total:
            return None
        rank, below = share * total, 0
        for place, count in enumerate(self.counts):
            if count and below + count >= rank:
                low = BUCKETS_S[place - 1] if place else 0.0
                high = BUCKETS_S[place] if place < len(BUCKETS_S) else self.longest_s
                return min(low + (high - low) * (rank - below) / count, self.longest_s)
            below += count
        return self.longest_s

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "counts": list(self.counts),
            "failed": self.failed,
            "total_s": round(self.total_s, 6),
            "longest_s": round(self.longest_s, 6),
        }

    @classmethod
    def of(cls, told: dict[str, Any]) -> Histogram:
        """From `to_dict`, also that of another release: what has other buckets is counted as nothing."""
        counts = [int(count) for count in told.get("counts", ())]
        if len(counts) != len(BUCKETS_S) + 1:
            return cls()
        return cls(counts, int(told["failed"]), float(told["total_s"]), float(told["longest_s"]))

    @classmethod
    def sum(cls, parts: Iterable[Histogram]) -> Histogram:
        """Those of several names or processes as one."""
        whole = cls()
        for part in parts:
            whole.counts = [one + other for one, other in zip(whole.counts, part.counts, strict=True)]
            whole.failed += part.failed
            whole.total_s += part.total_s
            whole.longest_s = max(whole.longest_s, part.longest_s)
        return whole


@dataclass
class _Minute:
    """One minute: `number` is minutes since 1970, UTC."""

    number: int
    rss: int = 0
    kinds: dict[str, Histogram] = field(default_factory=dict)


class PerformanceMonitor:
    """What one process has measured since it started. All methods may be called from any thread."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._series: dict[tuple[str, str], Histogram] = {}
        self._errors: dict[str, int] = {}
        self._minutes: deque[_Minute] = deque(maxlen=MOST_MINUTES)
        self._process = psutil.Process(os.getpid())
        self.started_at = now()

    def observe(self, kind: Kind, name: str, seconds: float, *, failed: bool = False) -> None:
        """Counts one request, page or job that took so long."""
        place = bisect_left(BUCKETS_S, seconds)
        with self._lock:
            series = self._series.get((kind, name))
            if series is None:
                series = self._new_series(kind, name)
            series.add(place, seconds, failed)
            minute = self._minute()
            of_kind = minute.kinds.get(kind)
            if of_kind is None:
                of_kind = minute.kinds[kind] = Histogram()
            of_kind.add(place, seconds, failed)

    @contextmanager
    def timed(self, kind: Kind, name: str) -> Iterator[None]:
        """Observes what is done inside; an Exception counts as failed and goes on. What only ends a run (BaseException:
        Streamlit's stop and rerun, a cancelled task) is no failure."""
        begin = time.perf_counter()
        failed = False
        try:
            yield
        except Exception:
            failed = True
            raise
        finally:
            self.observe(kind, name, time.perf_counter() - begin, failed=failed)

    def error(self, code: str) -> None:
        """Counts an error that somebody was shown, by its code."""
        with self._lock:
            if code not in self._errors and len(self._errors) >= MOST_NAMES:
                code = OTHER
            self._errors[code[:_LONGEST_NAME]] = self._errors.get(code[:_LONGEST_NAME], 0) + 1

    def snapshot(self) -> dict[str, Any]:
        """All of it as JSON, with the memory of now. `minutes`: [minute since 1970, bytes of memory, {kind: [count,
        failed, median, 95th percentile in seconds]}], oldest first; minutes without anything are left out."""
        memory = self._process.memory_info().rss
        cpu = self._process.cpu_times()
        with self._lock:
            self._minute().rss = memory
            series: dict[str, dict[str, Any]] = {}
            for (kind, name), each in self._series.items():
                series.setdefault(kind, {})[name] = each.to_dict()
            return {
                "uptime_s": round(self._now() - self.started_at, 1),
                "rss": memory,
                "cpu_s": round(cpu.user + cpu.system, 2),
                "threads": threading.active_count(),
                "errors": dict(self._errors),
                "series": series,
                "minutes": [
                    [minute.number, minute.rss, {kind: _brief(each) for kind, each in minute.kinds.items()}]
                    for minute in self._minutes
                ],
            }

    def _new_series(self, kind: str, name: str) -> Histogram:
        name = name[:_LONGEST_NAME]
        if sum(held == kind for held, _name in self._series) >= MOST_NAMES:
            name = OTHER
        return self._series.setdefault((kind, name), Histogram())

    def _minute(self) -> _Minute:
        number = int(self._now() // 60)
        if not self._minutes or self._minutes[-1].number < number:
            self._minutes.append(_Minute(number))
        return self._minutes[-1]


def _brief(each: Histogram) -> Sequence[float]:
    middle, slow = each.quantile(0.5) or 0.0, each.quantile(0.95) or 0.0
    return [each.count, each.failed, round(middle, 6), round(slow, 6)]


@functools.cache
def performance_monitor() -> PerformanceMonitor:
    """This process's monitor."""
    return PerformanceMonitor()
