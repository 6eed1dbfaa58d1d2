"""`intellicv bench cloud`: fault schedules, deadlines, the breaker, what calls cost, reconciling, and local silence.

`--seed N` replays one schedule of the part `schedules` and tells it step by step.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence

import structlog

from benchmarks.figures import Report
from shared_backend.utils.exception_handler import InvalidInput

PARTS = ("schedules", "deadlines", "breaker", "overhead", "reconcile", "local")


def run(report: Report, *, quick: bool, only: Sequence[str] = (), seed: int | None = None) -> None:
    """Runs the parts one after the other. Raises InvalidInput for a part that there is not."""
    unknown = set(only) - set(PARTS)
    if unknown:
        raise InvalidInput(f"There is no part {', '.join(sorted(unknown))}. There is {', '.join(PARTS)}.")
    # Thousands of failovers are not worth a line each.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("azure").setLevel(logging.ERROR)
    for part in PARTS if seed is None else ("schedules",):
        if not only or part in only:
            options = {"seed": seed} if part == "schedules" else {}
            importlib.import_module(f"benchmarks.cloud.{part}").run(report, quick=quick, **options)
