"""The official releases, as published: one reader a source."""

from __future__ import annotations

import importlib
from pathlib import Path

from shared_backend.data_management.dataset import SOURCES, Dataset
from shared_backend.data_management.releases.findings import ImportReport, Progress
from shared_backend.utils.exception_handler import InvalidInput


def read_release(source: str, folder: Path, report: ImportReport, progress: Progress) -> Dataset:
    """Reads and checks the release of a source in a folder.

    Raises ReleaseRefused with everything that is wrong, and InvalidInput for a source or folder that there is not.
    """
    if source not in SOURCES:
        raise InvalidInput(f"{source!r} is no source of knowledge. There is {', '.join(SOURCES)}.")
    # A reader is loaded by who imports, and by nobody else.
    module = importlib.import_module(f"{__name__}.{source}")
    return getattr(module, f"read_{source}")(folder, report, progress)
