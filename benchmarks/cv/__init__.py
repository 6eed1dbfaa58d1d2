"""`intellicv bench cv`: what is read right, what is never made up, how long it takes. On data of others only.

The files are those of `../shared/data/cv` (or `INTELLICV_DATA`); each figure stands beside a control of the same run.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from benchmarks.figures import Report
from shared_backend.utils.exception_handler import InvalidInput

PARTS = ("themes", "annotated", "speed", "invented")


def run(report: Report, *, quick: bool, only: Sequence[str] = ()) -> None:
    """Runs the parts one after the other. Raises InvalidInput for an unknown part, or for want of data."""
    if unknown := set(only) - set(PARTS):
        raise InvalidInput(f"There is no part {', '.join(sorted(unknown))}. There is {', '.join(PARTS)}.")
    for part in PARTS:
        if not only or part in only:
            importlib.import_module(f"benchmarks.cv.{part}").run(report, quick=quick)
