"""The bridge's own log stays out of the way: rendering a traceback takes longer than many a test. And watchers of a
database of one test alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from shared_backend.database.engine import Database
from tests.support.watching import Watched, watching


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
def watched(database_url: str) -> Iterator[Watched]:
    yield from watching(Database(database_url, busy_timeout_s=0.2))


@pytest.fixture
def watched_file(sqlite_url: str) -> Iterator[Watched]:
    yield from watching(Database(sqlite_url, busy_timeout_s=0.2))
