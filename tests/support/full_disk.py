"""A disk for temporary files that is full, as the system itself tells it."""

from __future__ import annotations

import tempfile
from typing import IO, Any

import pytest


def fill_the_disk_for_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no longer small enough for the memory meets ENOSPC."""

    def full(*_args: Any, **_kwargs: Any) -> IO[bytes]:
        return open("/dev/full", "r+b")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
