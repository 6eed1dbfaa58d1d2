"""Latencies as a histogram that adds up over processes and minutes; percentiles from it, within a class's width."""

from __future__ import annotations

import bisect
from collections.abc import Mapping

# Each class is a quarter wider than the one before: from 0.5 ms to beyond an hour, so a percentile is right to 12 %.
_BOUNDS = [0.5 * 1.25**step for step in range(72)]


def class_of(elapsed_ms: float) -> int:
    """The number of the class that a latency falls into."""
    return bisect.bisect_left(_BOUNDS, elapsed_ms)


def percentile(counts: Mapping[str, int] | Mapping[int, int], share: float) -> float | None:
    """The latency in ms that `share` (0 to 1) of the calls stayed below; None without calls."""
    classes = sorted((int(number), count) for number, count in counts.items())
    wanted = share * sum(count for _, count in classes)
    passed = 0
    for number, count in classes:
        passed += count
        if passed >= wanted and passed:
            upper = _BOUNDS[min(number, len(_BOUNDS) - 1)]
            # The middle of the class.
            return round(upper / 1.118, 2)
    return None


def added(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    """Two histograms as one."""
    return {key: a.get(key, 0) + b.get(key, 0) for key in {*a, *b}}
