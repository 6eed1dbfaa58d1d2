"""kill -9 in the middle of whatever it is doing: what was acknowledged is there, and the log is whole."""

from __future__ import annotations

import json
import random
import sqlite3
from pickle import UnpicklingError
from typing import Any

import pytest
from sqlalchemy import text

from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from tests.integration.lockstep.writers import processes, save_until_killed
from user_portal.lockstep_monitor import monitor

Acknowledged = tuple[str, int, int, str]


def kill_writers(url: str, times: int) -> list[Acknowledged]:
    """Starts a writer, lets it write for some milliseconds, kills it; answers all saves whose call had returned."""
    context, dice = processes(), random.Random(1)
    acknowledged: list[Acknowledged] = []
    for run in range(times):
        ours, theirs = context.Pipe(duplex=False)
        writer = context.Process(target=save_until_killed, args=(url, run, theirs))
        writer.start()
        theirs.close()
        # From its first save on, at any point of its next ones.
        acknowledged.append(ours.recv())
        writer.join(dice.uniform(0, 0.03))
        assert writer.exitcode is None, "the writer stopped by itself"
        writer.kill()
        writer.join()
        acknowledged += _rest(ours)
        ours.close()
    return acknowledged


def _rest(pipe: Any) -> list[Acknowledged]:
    found = []
    try:
        while True:
            found.append(pipe.recv())
    except (EOFError, OSError, UnpicklingError):
        return found


def lost(url: str, acknowledged: list[Acknowledged]) -> list[Acknowledged]:
    database = Database(url)
    with database.read() as connection:
        versions = {
            (row.entity_id, row.version): json.loads(row.data)["basics"]["label"]
            for row in connection.execute(text("SELECT entity_id, version, data FROM entity_version"))
        }
        events = {
            row.seq: (row.entity_id, row.version)
            for row in connection.execute(text("SELECT seq, entity_id, version FROM event"))
        }
    database.dispose()
    return [
        (entity, version, seq, label)
        for entity, version, seq, label in acknowledged
        if versions.get((entity, version)) != label or events.get(seq) != (entity, version)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database_url", "times"),
    [("sqlite", 200), pytest.param("postgresql", 60, marks=pytest.mark.postgres)],
    indirect=["database_url"],
)
def test_killed_writers_lose_nothing_that_was_acknowledged(database_url: str, times: int, settings: Settings) -> None:
    acknowledged = kill_writers(database_url, times)
    print(f"{times} writers killed, {len(acknowledged):,} saves acknowledged")
    assert len(acknowledged) >= times
    assert lost(database_url, acknowledged) == []
    report = monitor(settings, portals=False)
    assert report.ok, [check.words for check in report.checks if not check.ok]
    if settings.database_url.startswith("sqlite"):
        connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
