"""`intellicv bench lockstep`: the watcher, the writes, the callbacks, the screens, idle tabs and killed writers."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from benchmarks.figures import Report

PARTS = ("idle_tick", "writes", "callbacks", "killed", "screen", "idle_sessions")


def run(report: Report, *, quick: bool, only: Sequence[str] = ()) -> None:
    """Runs the parts one after the other, each alone on the machine."""
    for part in PARTS:
        if not only or part in only:
            importlib.import_module(f"benchmarks.lockstep.{part}").run(report, quick=quick)
