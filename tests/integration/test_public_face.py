"""The names that the product's owner gave, exactly so, from a plain script; and bad input through them, by name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from shared_backend.config.backend_config import Settings, child_environment
from shared_backend.database.tables import IdempotencyRow
from shared_backend.services.backend import Backend
from shared_backend.utils.clock import utc_now
from tests.support.lockstep import ADMIN, CANDIDATE, eventually
from user_portal.lockstep_monitor import monitor

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import json, threading
from shared_backend.services import portal_bridge
from shared_backend.services.portal_bridge import EventBus, PortalBridge, SharedStateManager

heard, came = [], threading.Event()
def callback(event):
    heard.append(event)
    came.set()

portal_bridge.subscribe_to_events(event_types=['user_update'], callback=callback)
first = portal_bridge.sync_user_data(user_id='42', data={'name': 'Ada', 'skills': ['Python']}, source='admin_portal')
by_default = portal_bridge.sync_user_data('42', {'label': 'Engineer'})
came.wait(10)
print(json.dumps({
    'first': first,
    'by_default': by_default,
    'refused': portal_bridge.sync_user_data(user_id='42', data={'nonsense': 1}, source='admin_portal'),
    'published': portal_bridge.publish_event('custom.hello', {'to': 'both'}),
    'synced': portal_bridge.sync_data(
        'api', {'user_profile': {'43': {'name': 'Grace'}}, 'setting': {'s': {'value': 1}}}),
    'metrics': portal_bridge.get_performance_metrics(),
    'heard': heard[0],
    'bridge': isinstance(portal_bridge.PortalBridge, type),
    'absent': [name for name in ('portal_comprehensive_analysis', 'portal_geographic_analysis',
               'portal_bayesian_inference') if hasattr(portal_bridge, name)],
    'source': portal_bridge.get('user_profile', '42').updated_source,
}))
"""


def run(script: str, settings: Settings) -> Any:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        env=child_environment(settings),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_plain_script_uses_the_bridge_by_its_given_names(settings: Settings) -> None:
    told = run(SCRIPT, settings)
    first = told["first"]
    assert {"success", "version", "seq", "conflict", "error"} <= first.keys()
    assert (first["success"], first["version"], first["seq"]) == (True, 1, 1)
    assert (first["conflict"], first["error"]) == (None, None)
    assert (told["by_default"]["version"], told["by_default"]["changed"]) == (2, ["basics.label"])
    assert told["source"] == "admin_portal"
    refused = told["refused"]
    assert refused.keys() == first.keys()
    assert (refused["success"], refused["version"]) == (False, None)
    assert "nonsense is not a field" in refused["error"]
    assert (told["published"]["success"], told["published"]["seq"]) == (True, 3)
    assert (told["synced"]["success"], told["synced"]["saved"]) == (True, {"user_profile": 1, "setting": 1})
    metrics = told["metrics"]
    assert 0 <= metrics["sync_health"] <= 100
    assert isinstance(metrics["latency"], float)
    assert metrics["event_count"] == 5
    event = told["heard"]
    assert {"type", "data", "timestamp", "source", "seq", "epoch", "kind", "entity_id", "version"} <= event.keys()
    assert (event["type"], event["entity_id"], event["source"]) == ("user_update", "42", "admin_portal")
    assert event["data"]["user_id"] == "42"
    assert told["bridge"] is True
    assert told["absent"] == []


def test_importing_does_nothing(settings: Settings, tmp_path: Path) -> None:
    script = """
import json, sys, threading
from shared_backend.services import portal_bridge
from shared_backend.services.portal_bridge import EventBus, PortalBridge, SharedStateManager
print(json.dumps({'streamlit': 'streamlit' in sys.modules, 'threads': threading.active_count()}))
"""
    assert run(script, settings) == {"streamlit": False, "threads": 1}


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings)
    assert opened.bridge.sync_user_data("c1", {"name": "Ada"}, actor=ADMIN)["success"]
    yield opened
    opened.close()


class Unspeakable:
    """Nothing that JSON knows."""


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(depth):
        found = {"a": found}
    return found


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "wrong type": ({"data": {"name": 7}}, "invalid_input"),
    "wrong length": ({"data": {"name": "x" * 301}}, "invalid_input"),
    "unknown field": ({"data": {"nam": "x"}}, "invalid_input"),
    "no dictionary": ({"data": "name=Ada"}, "invalid_input"),
    "nothing": ({"data": None}, "invalid_input"),
    "bytes": ({"data": {"name": b"Ada"}}, "invalid_input"),
    "an object": ({"data": {"name": Unspeakable()}}, "invalid_input"),
    "not a number": ({"data": {"name": float("nan")}}, "invalid_input"),
    "mixed keys": ({"data": {"name": "x", 1: "y"}}, "invalid_input"),
    "too deep": ({"data": nested(5_000)}, "invalid_input"),
    "too large": ({"data": {"summary": "x" * 300_000}}, "payload_too_large"),
    "NUL": ({"data": {"name": "A\x00"}}, "invalid_input"),
    "half a surrogate": ({"data": {"name": "\ud800"}}, "invalid_input"),
    "script as a link": ({"data": {"url": "javascript:alert(1)"}}, "invalid_input"),
    "unknown source": ({"source": "elsewhere"}, "invalid_input"),
    "no id": ({"user_id": ""}, "invalid_input"),
    "no id at all": ({"user_id": None}, "invalid_input"),
    "an id with a space": ({"user_id": "a b"}, "invalid_input"),
    "an id with NUL": ({"user_id": "a\x00"}, "invalid_input"),
    "an id with a line break": ({"user_id": "a\n"}, "invalid_input"),
    "an id that is too long": ({"user_id": "x" * 129}, "invalid_input"),
    "a base version of the future": ({"base_version": 9}, "future_version"),
    "a base version of nothing": ({"user_id": "new", "base_version": 1}, "not_found"),
    "a negative base version": ({"base_version": -1}, "invalid_input"),
    "a base version in words": ({"base_version": "1"}, "invalid_input"),
    "a base version that is true": ({"base_version": True}, "invalid_input"),
    "an empty key": ({"idempotency_key": ""}, "invalid_input"),
    "a key that is too long": ({"idempotency_key": "x" * 201}, "invalid_input"),
    "a key with NUL": ({"idempotency_key": "a\x00"}, "invalid_input"),
    "a key that is a number": ({"idempotency_key": 7}, "invalid_input"),
    "a correlation id that is too long": ({"correlation_id": "x" * 41}, "invalid_input"),
    "a correlation id with NUL": ({"correlation_id": "a\x00"}, "invalid_input"),
}


def test_bad_input_is_refused_by_name_and_leaves_nothing(backend: Backend) -> None:
    wrong = {}
    for name, (given, code) in BAD.items():
        asked = {"user_id": "c1", "data": {"label": "x"}, "actor": ADMIN, **given}
        answer = backend.bridge.sync_user_data(**asked)
        if (answer["success"], answer["code"]) != (False, code) or not answer["error"]:
            wrong[name] = answer
    assert wrong == {}
    assert backend.bridge.get("user_profile", "c1", actor=ADMIN).version == 1
    assert backend.bridge.get_performance_metrics()["event_count"] == 1


GOOD = {
    "right to left": "עדה \u202eלאבלייס",
    "emoji": "\U0001f469\u200d\U0001f680 Ada",
    "script": "<script>alert(1)</script>",
    "a formula": '=HYPERLINK("http://x","y")',
    "sql": "Robert'); DROP TABLE event;--",
    "percent": "100 %s {} :name",
}


def test_what_people_write_comes_back_letter_by_letter(backend: Backend) -> None:
    for text in GOOD.values():
        assert backend.bridge.sync_user_data("c1", {"name": text, "summary": text}, actor=ADMIN)["success"]
        found = backend.bridge.get("user_profile", "c1", actor=ADMIN)
        assert (found.data["basics"]["name"], found.data["basics"]["summary"], found.label) == (text, text, text)
        (listed,) = backend.bridge.find("user_profile", actor=ADMIN, search=text.split()[0]).items
        assert listed.id == "c1"


def test_a_stale_edit_merges_or_meets(backend: Backend) -> None:
    bridge = backend.bridge
    bridge.sync_user_data("c1", {"label": "by the admin"}, actor=ADMIN, base_version=1)
    disjoint = bridge.sync_user_data("c1", {"phone": "1"}, "user_portal", actor=CANDIDATE, base_version=1)
    assert (disjoint["success"], disjoint["conflict"]) == (True, None)
    met = bridge.sync_user_data("c1", {"label": "by the candidate"}, "user_portal", actor=CANDIDATE, base_version=1)
    assert met["success"]
    assert (met["conflict"]["fields"], met["conflict"]["kept"], met["changed"]) == (["basics.label"], "theirs", [])
    (conflict,), total = bridge.conflicts(actor=CANDIDATE)
    assert (conflict.losing_value, conflict.winning_value, total) == ("by the candidate", "by the admin", 1)
    applied = bridge.resolve_conflict(conflict.id, "apply_mine", source="user_portal", actor=CANDIDATE)
    assert applied["success"], applied
    assert bridge.get("user_profile", "c1", actor=ADMIN).data["basics"]["label"] == "by the candidate"
    again = bridge.resolve_conflict(conflict.id, "dismiss", source="user_portal", actor=CANDIDATE)
    assert (again["success"], again["code"]) == (False, "state_conflict")


def test_an_entry_removed_and_edited_is_one_conflict_and_can_be_applied(backend: Backend) -> None:
    bridge = backend.bridge
    job, other = {"id": "j", "name": "A", "position": "Engineer"}, {"id": "k", "name": "B"}
    base = bridge.sync_user_data("c1", {"work": [job, other]}, actor=ADMIN)["version"]
    bridge.sync_user_data("c1", {"work": [{**job, "position": "Lead"}, other]}, actor=ADMIN, base_version=base)
    met = bridge.sync_user_data("c1", {"work": [other]}, "user_portal", actor=CANDIDATE, base_version=base)
    assert (met["conflict"]["fields"], met["conflict"]["kept"]) == (["work[j]"], "theirs")
    work = bridge.get("user_profile", "c1", actor=ADMIN).data["work"]
    assert work == [{**job, "position": "Lead"}, other]
    applied = bridge.resolve_conflict(met["conflict"]["ids"][0], "apply_mine", source="user_portal", actor=CANDIDATE)
    assert (applied["success"], applied["conflict"]) == (True, None), applied
    assert bridge.get("user_profile", "c1", actor=ADMIN).data["work"] == [other]
    assert monitor(backend.settings, portals=False).ok


def test_a_kept_value_never_covers_an_edit_of_later(backend: Backend) -> None:
    bridge = backend.bridge
    bridge.sync_user_data("c1", {"label": "by the admin"}, actor=ADMIN, base_version=1)
    met = bridge.sync_user_data("c1", {"label": "kept"}, "user_portal", actor=CANDIDATE, base_version=1)
    (conflict,) = met["conflict"]["ids"]
    later = bridge.sync_user_data("c1", {"label": "written later"}, actor=ADMIN, base_version=met["version"])
    refused = bridge.resolve_conflict(conflict, "apply_mine", source="user_portal", actor=CANDIDATE)
    assert (refused["success"], refused["code"]) == (False, "state_conflict")
    assert "written later" in refused["error"]
    entity = bridge.get("user_profile", "c1", actor=ADMIN)
    assert (entity.version, entity.data["basics"]["label"]) == (later["version"], "written later")
    assert [each.id for each in bridge.conflicts(actor=CANDIDATE)[0]] == [conflict], "it stays open"
    bridge.sync_user_data("c1", {"label": "by the admin"}, actor=ADMIN)
    assert bridge.resolve_conflict(conflict, "apply_mine", source="user_portal", actor=CANDIDATE)["success"]


def test_a_removal_that_was_kept_takes_no_later_edit_of_the_entry_with_it(backend: Backend) -> None:
    bridge = backend.bridge
    job = {"id": "j", "name": "A", "position": "Engineer"}
    base = bridge.sync_user_data("c1", {"work": [job]}, actor=ADMIN)["version"]
    bridge.sync_user_data("c1", {"work": [{**job, "position": "Lead"}]}, actor=ADMIN, base_version=base)
    met = bridge.sync_user_data("c1", {"work": []}, "user_portal", actor=CANDIDATE, base_version=base)
    now = {**job, "position": "Lead", "summary": "Added later"}
    bridge.sync_user_data("c1", {"work": [now]}, actor=ADMIN)
    refused = bridge.resolve_conflict(met["conflict"]["ids"][0], "apply_mine", source="user_portal", actor=CANDIDATE)
    assert refused["code"] == "state_conflict"
    assert bridge.get("user_profile", "c1", actor=ADMIN).data["work"] == [now]


@pytest.mark.parametrize("known", [False, True])
def test_an_entry_without_a_field_is_none_beside_whatever_it_is_sent(backend: Backend, known: bool) -> None:
    bridge = backend.bridge
    if known:
        bridge.sync_user_data("c2", {"basics": {"label": "Known"}}, actor=ADMIN)
    score = bridge.get("user_profile", "c2", actor=ADMIN).score if known else 0
    data = {"work": [{"id": "e1"}, {}], "skills": [{"id": "s1"}, {"id": "s2", "name": "Knots"}]}
    answer = bridge.sync_user_data("c2", data, actor=ADMIN)
    assert sorted(answer["changed"]) == ["skills[]", "skills[s2].name"]
    entity = bridge.get("user_profile", "c2", actor=ADMIN)
    assert "work" not in entity.data
    assert entity.data["skills"] == [{"id": "s2", "name": "Knots"}]
    assert entity.score == score + 15
    found = monitor(backend.settings, portals=False)
    assert found.ok, found


@pytest.mark.parametrize("depth", [101, 300, 450, 900, 5_000])
def test_what_is_nested_too_deep_is_refused_and_said_so(backend: Backend, depth: int) -> None:
    data: dict[str, Any] = {}
    for _level in range(depth - 1):
        data = {"a": data}
    bridge = backend.bridge
    seq = bridge.publish_event("custom.before", {}, actor=ADMIN)["seq"]
    for answer in (
        bridge.save("setting", "s", data, source="admin_portal", actor=ADMIN),
        bridge.sync_user_data("c1", data, actor=ADMIN),
        bridge.sync_data("api", {"user_profile": {"c1": data}}, actor=ADMIN),
        bridge.publish_event("custom.deep", data, actor=ADMIN),
    ):
        assert (answer["success"], answer["code"]) == (False, "invalid_input")
        assert "100 levels deep" in answer["error"]
    assert bridge.publish_event("custom.after", {}, actor=ADMIN)["seq"] == seq + 1


def test_a_replayed_key_with_another_payload(backend: Backend) -> None:
    first = backend.bridge.sync_user_data("c1", {"label": "x"}, actor=ADMIN, idempotency_key="k")
    assert backend.bridge.sync_user_data("c1", {"label": "x"}, actor=ADMIN, idempotency_key="k") == first
    other = backend.bridge.sync_user_data("c1", {"label": "y"}, actor=ADMIN, idempotency_key="k")
    assert (other["success"], other["code"]) == (False, "idempotency_mismatch")
    elsewhere = backend.bridge.sync_user_data("c1", {"label": "z"}, "user_portal", actor=CANDIDATE, idempotency_key="k")
    assert elsewhere["success"], "keys are each actor's own"


def test_keys_are_forgotten_in_time_by_the_housekeeping(backend: Backend) -> None:
    now = utc_now()
    for key, age in (("old", timedelta(days=91)), ("new", timedelta(days=89))):
        backend.bridge.sync_user_data("c1", {"label": "x"}, actor=ADMIN, idempotency_key=key)
        with backend.database.write() as uow:
            row = IdempotencyRow.__table__  # type: ignore[attr-defined]
            uow.connection.execute(update(IdempotencyRow).where(row.c.key == key).values(at=now - age))
    (task,) = [task for task in backend.housekeeping() if task.name == "prune_idempotency"]
    assert task.run() == 1
    assert task.run() == 0
    for key, success in (("old", True), ("new", False)):
        answer = backend.bridge.sync_user_data("c1", {"label": "y"}, actor=ADMIN, idempotency_key=key)
        assert answer["success"] is success


def test_a_candidate_gets_whole_pages_of_what_they_may_see_and_a_true_total(backend: Backend) -> None:
    bridge = backend.bridge
    for number in range(9):
        status = ("draft", "published", "withdrawn")[number % 3]
        note = {"title": f"Note {number}", "status": status}
        assert bridge.save("announcement", f"a{number}", note, source="admin_portal", actor=ADMIN)["success"]
    bridge.delete("announcement", "a1", source="admin_portal", actor=ADMIN)

    def found(**filters: Any) -> tuple[list[str], int]:
        listing = bridge.find("announcement", actor=CANDIDATE, **filters)
        return [entity.id for entity in listing.items], listing.total

    assert found(limit=1) == (["a4"], 2)
    assert found(limit=2) == (["a4", "a7"], 2)
    assert found(limit=1, offset=1) == (["a7"], 2)
    assert found(status=("draft", "published")) == (["a4", "a7"], 2)
    assert found(status=("draft",)) == ([], 0)
    assert found(deleted=True) == (["a4", "a7"], 2)
    assert bridge.find("announcement", actor=ADMIN).total == 8


def test_unknown_entities_and_kinds(backend: Backend) -> None:
    bridge = backend.bridge
    for answer in (
        bridge.delete("user_profile", "nobody", source="api", actor=ADMIN),
        bridge.undelete("user_profile", "nobody", source="api", actor=ADMIN),
        bridge.restore("user_profile", "c1", 77, source="api", actor=ADMIN),
        bridge.resolve_conflict("nothing", "accept", source="api", actor=ADMIN),
    ):
        assert (answer["success"], answer["code"]) == (False, "not_found")
    assert bridge.save("user_profil", "c1", {}, source="api", actor=ADMIN)["code"] == "invalid_input"
    assert bridge.sync_data("api", {"nokind": {"a": {}}}, actor=ADMIN)["code"] == "invalid_input"
    assert bridge.publish_event("user_updat", {}, actor=ADMIN)["code"] == "invalid_input"


def test_sync_data_is_all_or_nothing(backend: Backend) -> None:
    answer = backend.bridge.sync_data(
        "api", {"setting": {"s": {"value": 1}}, "user_profile": {"c1": {"nonsense": 1}}}, actor=ADMIN
    )
    assert (answer["success"], answer["saved"]) == (False, {})
    assert backend.bridge.find("setting", actor=ADMIN).total == 0


def test_a_candidate_reaches_their_own_alone(backend: Backend) -> None:
    bridge = backend.bridge
    for answer in (
        bridge.sync_user_data("c2", {"name": "x"}, "user_portal", actor=CANDIDATE),
        bridge.sync_user_data("c1", {"name": "x"}, "admin_portal", actor=CANDIDATE),
        bridge.sync_user_data("c1", {"name": "x"}, "user_portal", actor=CANDIDATE, override=True),
        bridge.publish_event("custom.x", {}, actor=CANDIDATE),
        bridge.save("announcement", "a", {"title": "x"}, source="user_portal", actor=CANDIDATE),
    ):
        assert (answer["success"], answer["code"]) == (False, "denied")


def test_subscribers_hear_both_portals(backend: Backend) -> None:
    heard: list[tuple[str, str]] = []
    backend.bridge.subscribe_to_events(["*"], lambda event: heard.append((event["type"], event["source"])))
    backend.bridge.sync_user_data("c1", {"label": "x"}, "admin_portal", actor=ADMIN)
    backend.bridge.sync_user_data("c1", {"label": "y"}, "user_portal", actor=CANDIDATE)
    eventually(lambda: len(heard) >= 2)
    assert heard == [("user_update", "admin_portal"), ("user_update", "user_portal")]
