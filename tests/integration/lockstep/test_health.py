"""The bridge's health by the processes that report: who is missing, and who has been replaced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from shared_backend.database.engine import Database
from shared_backend.database.tables import ProcessRow
from shared_backend.lockstep.health import Health, HealthReport
from shared_backend.lockstep.watcher import Watcher

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def company(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    yield database
    database.dispose()


def reported(
    database: Database,
    pid: int,
    *,
    last_s: float,
    started_s: float | None = None,
    portal: str = "user_portal",
    host: str = "one",
) -> None:
    """A process that started and last reported so many seconds ago."""
    beat_at = NOW - timedelta(seconds=last_s)
    row = {
        "id": f"{host}-{pid}",
        "portal": portal,
        "pid": pid,
        "host": host,
        "started_at": beat_at - HOUR if started_s is None else NOW - timedelta(seconds=started_s),
        "beat_at": beat_at,
        "epoch": "e",
        "seq": 0,
        "watcher": {"state": "ok"},
    }
    database.run(lambda uow: uow.connection.execute(insert(ProcessRow), row))


def health(database: Database) -> HealthReport:
    return Health(database, Watcher(database), clock=lambda: NOW).report()


def said(report: HealthReport) -> list[tuple[int, str]]:
    return [(reason.points, reason.text) for reason in report.reasons if "process" in reason.text]


def test_a_process_that_was_killed_and_started_again_takes_no_points(company: Database) -> None:
    for pid, ago in ((100, 1800), (101, 900), (102, 300)):
        reported(company, pid, last_s=ago)
    reported(company, 200, last_s=1, started_s=60)
    report = health(company)
    assert report.score == 100
    assert said(report) == [
        (0, f"The user portal (process {pid}) stopped without signing off; process 200 has taken its place.")
        for pid in (100, 101, 102)
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"last_s": 1, "started_s": 4000},  # beside it all the time: it has replaced nobody
        {"last_s": 1, "started_s": 60, "host": "two"},
        {"last_s": 1, "started_s": 60, "portal": "admin_portal"},
        {"last_s": 30, "started_s": 60},  # silent itself
    ],
    ids=["older", "another host", "another portal", "silent"],
)
def test_a_process_that_nobody_has_replaced_is_missing(company: Database, other: dict[str, float | str]) -> None:
    reported(company, 100, last_s=300)
    reported(company, 200, **other)  # type: ignore[arg-type]
    assert (30, "The user portal (process 100) has stopped reporting.") in said(health(company))
    assert health(company).score <= 70
