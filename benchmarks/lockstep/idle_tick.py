"""What a tick of the watcher costs when nothing has happened, beside the bare pragma."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from benchmarks.figures import Figure, Report
from benchmarks.lockstep.setup import sqlite_backend
from shared_backend.lockstep.watcher import Watcher


def run(report: Report, *, quick: bool) -> None:
    """idle_tick_ratio: the same connection's settings, alternating blocks, median of their ratios."""
    calls, rounds = (2_000, 9) if quick else (10_000, 25)
    with sqlite_backend() as backend:
        watcher = Watcher(backend.database)
        watcher.open_for_ticks()
        bare = backend.database.connect_raw().cursor()
        try:
            ratios, bares = [], []
            for _ in range(rounds):
                control = _seconds(lambda: bare.execute("PRAGMA data_version").fetchone(), calls)
                ratios.append(_seconds(watcher.tick, calls) / control)
                bares.append(control / calls * 1e6)
        finally:
            bare.connection.close()
            watcher.stop()
    beside = f"bare PRAGMA data_version {statistics.median(bares):.2f} µs"
    report.add(Figure("idle_tick_ratio", round(statistics.median(ratios), 3), "×", 1.5, "lower", beside))


def _seconds(action: Callable[[], object], calls: int) -> float:
    begin = time.perf_counter()
    for _ in range(calls):
        action()
    return time.perf_counter() - begin
