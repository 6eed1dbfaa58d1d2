"""A backend to back up, and a restore that keeps what was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared_backend.config.backend_config import Settings
from shared_backend.database.backup import Restored, restore
from shared_backend.database.engine import Database
from shared_backend.services.backend import Backend
from tests.support.people import quick_passwords


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings)
    opened.people._passwords = quick_passwords()
    yield opened
    opened.close()


@pytest.fixture
def restored_by(tmp_path: Path) -> Callable[[Database, Path], Restored]:
    return lambda database, file: restore(database, file, keep_in=tmp_path / "backups")
