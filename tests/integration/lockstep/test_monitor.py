"""The monitor from outside: quiet when all is well, and loud, in words, about every corruption that we can think of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from shared_backend.cli.main import app
from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from shared_backend.lockstep.consumers import trim_log
from shared_backend.services.backend import Backend
from tests.support.lockstep import ADMIN, CANDIDATE
from user_portal.lockstep_checks import fields_of
from user_portal.lockstep_monitor import monitor


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    """A database with a history: edits, merges, a conflict, entries of lists, a deletion and its undoing."""
    opened = Backend.open(settings)
    bridge = opened.bridge
    for number in range(4):
        person = f"p{number}"
        made = bridge.sync_user_data(person, {"label": "Engineer", "skills": ["Python", "SQL"]}, actor=ADMIN)
        base = made["version"]
        bridge.sync_user_data(person, {"work": [{"id": "w1", "name": "A"}, {"id": "w2", "name": "B"}]}, actor=ADMIN)
        bridge.sync_user_data(person, {"label": "Lead"}, actor=ADMIN, base_version=base)
        bridge.sync_user_data(person, {"label": "Captain", "city": None}, actor=ADMIN, base_version=base)
        bridge.sync_user_data(person, {"work": [{"id": "w2", "name": "B"}]}, actor=ADMIN)
    bridge.sync_user_data("c1", {"name": "Ada"}, "user_portal", actor=CANDIDATE)
    assert bridge.delete("user_profile", "p0", source="admin_portal", actor=ADMIN)["success"]
    assert bridge.undelete("user_profile", "p0", source="admin_portal", actor=ADMIN)["success"]
    assert bridge.delete("user_profile", "p1", source="admin_portal", actor=ADMIN)["success"]
    assert bridge.restore("user_profile", "p2", 1, source="admin_portal", actor=ADMIN)["success"]
    assert bridge.publish_event("custom.greeting", {"word": "hello"}, actor=ADMIN)["success"]
    yield opened
    opened.close()


def found(backend: Backend) -> dict[str, str]:
    """What is wrong, by check."""
    return {check.name: check.words for check in monitor(backend.settings, portals=False).checks if not check.ok}


def change(database: Database, statement: str, **values: Any) -> None:
    with database.write() as uow:
        assert uow.connection.execute(text(statement), values).rowcount > 0


def test_a_sound_history_is_found_sound(backend: Backend) -> None:
    report = monitor(backend.settings, portals=False)
    assert {check.name: check.words for check in report.checks if not check.ok} == {}
    assert (report.ok, report.health) == (True, 100)


def test_a_trimmed_history_is_found_sound(backend: Backend) -> None:
    backend.database.run(lambda uow: trim_log(uow, keep=7, hold_cap=100))
    assert found(backend) == {}
    backend.database.run(lambda uow: trim_log(uow, keep=0, hold_cap=100))
    assert found(backend) == {}


def test_an_empty_database_is_sound(settings: Settings) -> None:
    assert monitor(settings, portals=False).ok


OF_P3 = "kind = 'user_profile' AND entity_id = 'p3'"
CORRUPTIONS = {
    "deleted event": ("DELETE FROM event WHERE seq = 3", "event 3 missing"),
    "deleted first event": ("DELETE FROM event WHERE seq = 1", "event 1 missing"),
    "deleted last event": (
        "DELETE FROM event WHERE seq = (SELECT seq FROM log_counter)",
        "and the counter says",
    ),
    "event numbered ahead": ("UPDATE event SET seq = seq + 5 WHERE seq = (SELECT seq FROM log_counter)", "missing"),
    "counter set back": ("UPDATE log_counter SET seq = seq - 1", "and the counter says"),
    "floor without a trim": ("UPDATE log_counter SET floor = 4", "below the floor"),
    "floor above the log": ("UPDATE log_counter SET floor = seq + 1", "is not between"),
    "head's data changed": (
        f"""UPDATE entity_head SET data = '{{"basics":{{"label":"Forged"}}}}' WHERE {OF_P3}""",
        "head's data is not what",
    ),
    "head's version changed": (f"UPDATE entity_head SET version = version - 1 WHERE {OF_P3}", "newest version is"),
    "head marked deleted": (f"UPDATE entity_head SET deleted = (1 = 1) WHERE {OF_P3}", "the head says deleted"),
    "head gone": (f"DELETE FROM entity_head WHERE {OF_P3}", "without a head"),
    "versions gone": (f"DELETE FROM entity_version WHERE {OF_P3}", "has no versions"),
    "middle version gone": (f"DELETE FROM entity_version WHERE {OF_P3} AND version = 2", "version 2 is missing"),
    "newest version gone": (f"DELETE FROM entity_version WHERE {OF_P3} AND version = 5", "newest version is"),
    "version's data forged": (
        f"""UPDATE entity_version SET data = '{{"basics":{{"label":"Forged"}}}}' WHERE {OF_P3} AND version = 2""",
        "does not say truly",
    ),
    "head and version forged alike": (
        f"""UPDATE entity_version SET data = replace(data, 'Captain', 'Forged') WHERE {OF_P3} AND version > 3""",
        "is not what its versions add up to",
    ),
    "changed forged": (
        f"""UPDATE entity_version SET changed = '["basics.phone"]' WHERE {OF_P3} AND version = 3""",
        "does not say truly",
    ),
    "base of the future": (f"UPDATE entity_version SET base_version = 9 WHERE {OF_P3} AND version = 3", "claims to"),
    "tombstone unmarked": (
        "UPDATE entity_version SET deleted = (1 = 0) WHERE action = 'delete' AND entity_id = 'p1'",
        "is a delete",
    ),
    "event of no version": ("UPDATE event SET version = 77 WHERE seq = 2", "does not exist"),
    "event of another entity": ("UPDATE event SET entity_id = 'nobody' WHERE seq = 2", "does not exist"),
    "event that tells a lie": (
        """UPDATE event SET data = '{"action":"update","changed":["basics.phone"]}' WHERE seq = 2""",
        "does not tell what",
    ),
    "events swapped": (
        "UPDATE event SET version = CASE version WHEN 2 THEN 3 ELSE 2 END "
        "WHERE entity_id = 'p3' AND version IN (2, 3) AND kind = 'user_profile'",
        "from version",
    ),
    "acknowledgement of nothing": (
        "INSERT INTO acknowledgement (kind, entity_id, version, portal, stage, at, elapsed_ms, people, ack_seq) "
        "VALUES ('user_profile', 'p3', 99, 'user_portal', 'seen', '2026-01-01 00:00:00.000000', 1, 0, 0)",
        "acknowledgements of versions",
    ),
    "acknowledgement ahead": (
        "INSERT INTO acknowledgement (kind, entity_id, version, portal, stage, at, elapsed_ms, people, ack_seq) "
        "VALUES ('user_profile', 'p3', 1, 'user_portal', 'seen', '2026-01-01 00:00:00.000000', 1, 0, 99)",
        "never given out",
    ),
    "conflict of nothing": ("UPDATE conflict SET version = 99", "conflicts about versions"),
    "consumer ahead": (
        "INSERT INTO consumer (name, epoch, seq, state, failures, updated_at) "
        "SELECT 'x', epoch, seq + 9, 'live', 0, '2026-01-01 00:00:00.000000' FROM log_counter",
        "consumers ahead",
    ),
    "counter gone": ("DELETE FROM log_counter", "0 counters"),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_planted_corruption_is_named(backend: Backend, name: str) -> None:
    statement, words = CORRUPTIONS[name]
    change(backend.database, statement)
    report = monitor(backend.settings, portals=False)
    assert not report.ok
    assert report.health <= 70
    assert words in " | ".join(check.words for check in report.checks if not check.ok)


@pytest.fixture
def environment(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Backend:
    monkeypatch.setenv("INTELLICV_DATABASE_URL", backend.settings.database_url)
    return backend


def test_the_command_prints_and_exits(environment: Backend) -> None:
    result = CliRunner().invoke(app, ["lockstep", "check", "--no-portals"])
    assert result.exit_code == 0, result.output
    assert "Health 100 of 100. Everything is right." in result.output
    change(environment.database, "DELETE FROM event WHERE seq = 3")
    result = CliRunner().invoke(app, ["lockstep", "check", "--no-portals"])
    assert result.exit_code == 1
    assert "event 3 missing" in " ".join(result.output.split())


def test_the_command_speaks_json(environment: Backend) -> None:
    result = CliRunner().invoke(app, ["lockstep", "check", "--no-portals", "--json"])
    told = json.loads(result.stdout)
    assert (told["ok"], told["health"]) == (True, 100)
    assert {"name", "ok", "words", "ms", "points"} == set(told["checks"][0])


def test_portals_that_are_not_running_are_a_finding(environment: Backend) -> None:
    result = CliRunner().invoke(app, ["lockstep", "check", "--timeout", "0.2"])
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert "The user portal is not running" in said
    assert "The admin portal is not running" in said


def test_running_portals_answer(environment: Backend) -> None:
    portals = [Backend.open(environment.settings, portal=name) for name in ("admin_portal", "user_portal")]
    try:
        for portal in portals:
            portal.start()
        result = CliRunner().invoke(app, ["lockstep", "check"])
        assert result.exit_code == 0, result.output
        assert "answered by the user_portal" in result.output
        # One that is there and does not answer is told apart from one that is not there.
        portals[1].acknowledgements.stop()
        result = CliRunner().invoke(app, ["lockstep", "check", "--timeout", "0.3"])
        assert result.exit_code == 1
        assert "The user portal is running, and has not answered" in " ".join(result.output.split())
    finally:
        for portal in portals:
            portal.close()


def test_a_database_of_a_newer_release_is_said(environment: Backend) -> None:
    change(environment.database, "UPDATE alembic_version SET version_num = '9999'")
    result = CliRunner().invoke(app, ["lockstep", "check", "--timeout", "0.2"])
    assert result.exit_code == 1
    assert "newer release" in " ".join(result.output.split())


def test_status_tells_what_the_bridge_thinks_of_itself(environment: Backend) -> None:
    result = CliRunner().invoke(app, ["lockstep", "status", "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["health"] == 100
    assert "The user portal is not running." in [reason["text"] for reason in told["reasons"]]


def test_the_monitor_shares_no_code_with_what_it_checks() -> None:
    import user_portal.lockstep_checks as checks

    with open(str(checks.__file__), encoding="utf-8") as source:
        assert "shared_backend" not in source.read()
    assert fields_of({"a": {"b": 1}, "w": [{"id": "x", "n": None, "m": "1"}], "e": [], "f": {}}) == {
        "a.b": "1",
        "w[]": '["x"]',
        "w[x].m": '"1"',
    }
