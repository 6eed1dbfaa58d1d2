"""Where jobs are tried: on either database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared_backend.database.engine import Database
from tests.support.job_stage import Stage


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    found = Stage(database)
    yield found
    found.go_on.set()
    found.runner.stop()
