"""Conflicts, event log, monitor, dashboard and debug: what they show and what they do."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from admin_portal import conflict_list
from shared_backend.identity.actor import Actor
from shared_backend.lockstep.requests import SaveRequest
from shared_backend.portal_ui import lockstep_refresh
from shared_backend.portal_ui.context import PageContext
from shared_backend.services import overview
from shared_backend.services.event_reads import EventFilter, find_events
from shared_backend.utils.clock import utc_now
from tests.pages.conftest import Company, words


def conflicting(running: Company) -> str:
    """Two edits of the headline from one version; answers the conflict's id. The administrator's stands."""
    person, admin = running.actor("candidate"), running.actor("admin")
    base = running.bridge.get("user_profile", person.id, actor=admin).version
    for actor, source, label in ((person, "user_portal", "Baker"), (admin, "admin_portal", "Cook")):
        answer = running.bridge.sync_user_data(
            person.id, {"basics": {"label": label}}, source=source, base_version=base, actor=actor
        )
        assert answer["success"], answer
    return str(answer["conflict"]["ids"][0])


def headline(running: Company) -> str:
    person = running.account("candidate").id
    return str(running.bridge.get("user_profile", person, actor=Actor.system()).data["basics"]["label"])


@pytest.mark.parametrize(
    ("button", "status", "label"),
    [("accept", "accepted", "Cook"), ("dismiss", "dismissed", "Cook"), ("apply", "applied", "Baker")],
)
def test_a_conflict_is_decided(company: Callable[[str], Company], button: str, status: str, label: str) -> None:
    running = company("admin_portal")
    conflict_id = conflicting(running)
    app = running.open("conflicts", "admin")
    said = words(app)
    assert "Baker" in said
    assert "Cook" in said
    app.button(key=f"{button}_{conflict_id}").click().run()
    assert "No conflict waits for a decision" in words(app)
    found, _total = running.bridge.conflicts(actor=running.actor("admin"), status=status)
    assert [each.id for each in found] == [conflict_id]
    assert headline(running) == label


def test_a_conflict_shows_what_stands_now_and_nothing_is_applied_over_it(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    conflict_id = conflicting(running)
    person, admin = running.actor("candidate"), running.actor("admin")
    running.bridge.sync_user_data(person.id, {"basics": {"label": "Pilot"}}, source="admin_portal", actor=admin)
    app = running.open("conflicts", "admin")
    said = words(app)
    assert "Pilot" in said and "Edited again" in said
    assert "Cook" not in said
    assert app.button(key=f"apply_{conflict_id}").disabled
    app.button(key=f"dismiss_{conflict_id}").click().run()
    assert "No conflict waits for a decision" in words(app)
    assert headline(running) == "Pilot"


def test_a_conflict_about_what_is_deleted_says_so(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    conflict_id = conflicting(running)
    person = running.actor("candidate")
    running.backend.state.delete(
        SaveRequest("user_profile", person.id, {}, "admin_portal", running.actor("admin"), correlation_id="c")
    )
    app = running.open("conflicts", "admin")
    said = words(app)
    assert "Deleted since" in said and "bring it back" in said and "Edited again" not in said
    assert app.button(key=f"apply_{conflict_id}").disabled
    app.button(key=f"dismiss_{conflict_id}").click().run()
    assert "No conflict waits for a decision" in words(app)


def test_the_conflicts_hear_of_every_kind_that_they_can_be_about(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    app = running.open("conflicts", "admin")
    heard = {(kind, entity_id) for kind, entity_id, _seq in app.session_state["_live"].regions["conflicts"].marks}
    assert heard == {("conflict", None), *((kind.name, None) for kind in running.backend.kinds)}


def test_the_export_of_conflicts_says_what_stands_now(
    company: Callable[[str], Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = company("admin_portal")
    conflict_id = conflicting(running)
    person, admin = running.actor("candidate"), running.actor("admin")
    context = PageContext(admin, running.backend)
    monkeypatch.setattr(conflict_list, "page_context", lambda: context)

    def stands(status: str) -> list[str]:
        made = conflict_list._export(status, "").decode("utf-8-sig")
        _header, row = csv.reader(io.StringIO(made, newline=""))
        return row[5:7]

    assert stands("open") == ["Cook", "The admin, admin portal"]
    running.bridge.sync_user_data(person.id, {"basics": {"label": "Pilot"}}, source="admin_portal", actor=admin)
    assert stands("open") == ["Pilot", "Edited again since the two edits met"]
    running.bridge.resolve_conflict(conflict_id, "dismiss", source="admin_portal", actor=admin)
    assert stands("dismissed") == ["Cook", "The admin, admin portal"]


def test_conflicts_are_found_by_person_and_an_analyst_only_reads(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    conflict_id = conflicting(running)
    app = running.open("conflicts", "analyst")
    assert f"accept_{conflict_id}" not in {str(button.key) for button in app.button}
    app.text_input(key="conflict_person").set_value("nobody of this name").run()
    assert "No conflict matches" in words(app)
    app.text_input(key="conflict_person").set_value("THE CANDID").run()
    assert "Baker" in words(app)


def seqs(app: AppTest) -> list[int]:
    return [int(seq) for seq in app.dataframe[0].value["Seq"]]


def test_the_event_log_pages_by_number_and_filters(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    admin = running.actor("admin")
    for number in range(60):
        running.bridge.publish_event("custom.tried", {"number": number}, source="script", actor=admin)
    app = running.open("event_log", "admin")
    newest = seqs(app)
    assert len(newest) == 50
    assert newest == sorted(newest, reverse=True)
    app.button(key="older_events").click().run()
    assert seqs(app)[0] == newest[-1] - 1
    app.button(key="newer_events").click().run()
    assert seqs(app) == newest
    app.multiselect(key="event_type").set_value(["account_update"]).run()
    assert set(app.dataframe[0].value["Type"]) == {"account_update"}
    app.text_input(key="event_actor").set_value("nobody of this name").run()
    assert "No event matches" in words(app)


def test_the_event_log_says_when_it_was_trimmed(company: Callable[[str], Company]) -> None:
    from shared_backend.lockstep.event_log import trim

    running = company("admin_portal")
    running.account("candidate")
    running.backend.database.run(lambda uow: trim(uow, 1))
    assert "have been trimmed" in words(running.open("event_log", "admin"))


def test_events_are_found_by_time_and_entity(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    person, actor = running.account("candidate").id, Actor.system()
    find = lambda **wanted: find_events(running.backend.database, EventFilter(**wanted), actor=actor).events  # noqa: E731
    assert {event.entity_id for event in find(entity=person)} == {person}
    assert find(since=utc_now() + timedelta(hours=1)) == []
    assert find(until=utc_now() - timedelta(hours=1)) == []


@pytest.mark.parametrize(
    ("portal", "page"),
    [("admin_portal", "lockstep_monitor"), ("admin_portal", "admin_debug"), ("user_portal", "debug")],
)
def test_refresh_is_a_timer_only_while_it_is_on(
    company: Callable[[str], Company], monkeypatch: pytest.MonkeyPatch, portal: str, page: str
) -> None:
    timers: list[int] = []
    monkeypatch.setattr(lockstep_refresh, "st_autorefresh", lambda interval, key: timers.append(interval))
    app = company(portal).open(page, "owner", refresh_every="Off")
    assert timers == []
    app.button_group(key="refresh_every").set_value("5").run()
    assert timers == [5_000]
    app.button_group(key="refresh_every").set_value("off").run()
    assert timers == [5_000]
    assert not app.exception


def test_a_canary_is_sent_by_who_operates(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    assert running.open("lockstep_monitor", "analyst").button(key="send_canary").disabled
    app = running.open("lockstep_monitor", "owner").button(key="send_canary").click().run()
    assert "Sent from the admin portal" in words(app)


def test_the_dashboard_counts_and_points(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    conflicting(running)
    app = running.open("dashboard", "analyst")
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["Candidates"] == "1"
    assert "conflict" in words(app)
    assert "changed headline" in words(app).replace("\\", "")


def test_counting_on_from_what_is_known_gives_what_counting_afresh_gives(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    database, actor, now = running.backend.database, Actor.system(), utc_now()
    known = overview.edit_counts(database, actor=actor, now=now)
    conflicting(running)
    on = overview.edit_counts(database, actor=actor, now=now, known=known)
    afresh = overview.edit_counts(database, actor=actor, now=now)
    assert dict(on.hours) == dict(afresh.hours)
    assert sum(afresh.hours.values()) == 3
    assert on.cursor == afresh.cursor


def test_the_permission_explainer_says_why(company: Callable[[str], Company]) -> None:
    app = company("admin_portal").open("admin_debug", "owner")
    app.session_state["debug_section"] = "Permissions"
    app.run()
    said = words(app)
    assert "No: analysts may not edit any candidate" in said.replace("\\", "")
    assert "owners and administrators have it" in said.replace("\\", "")


def test_no_secret_is_on_the_debug_page(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    app = running.open("admin_debug", "owner")
    app.session_state["debug_section"] = "Settings"
    app.run()
    table = app.dataframe[0].value.to_csv()
    assert running.backend.settings.secret_key.get_secret_value() not in table
    assert "INTELLICV_SECRET_KEY" in table


def test_an_administrator_without_a_profile_is_told_where_to_go(company: Callable[[str], Company]) -> None:
    assert "You are here as a colleague" in words(company("user_portal").open("home", "admin"))


def test_the_next_step_is_what_is_worth_most(company: Callable[[str], Company]) -> None:
    app = company("user_portal").open("home", "candidate")
    assert app.button(key="next_step").label == "Add your work experience (+20 points)"
