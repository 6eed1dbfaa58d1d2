"""Job titles: any title read, occupations in full, and aliases from the form to the candidate's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from shared_backend.data_management.title_aliases import KIND, alias_id
from shared_backend.lockstep.event_log import Cursor
from shared_backend.services.title_aliases import TitleAliases
from tests.pages.conftest import Company, words
from tests.support.knowledge import share_knowledge

ADMIN, USER = "admin_portal", "user_portal"
SERVICE, SOFTWARE = "43-4051.00", "15-1252.00"
WIZARD = alias_id("Happiness Wizard")


@pytest.fixture
def admin(company: Callable[[str], Company]) -> Company:
    running = company(ADMIN)
    share_knowledge(running.backend.knowledge)
    return running


def add(running: Company, title: str = "Happiness Wizard", code: str = SERVICE) -> None:
    aliases = TitleAliases(running.bridge, running.backend.knowledge)
    answer = aliases.add(title, code, "Our word", actor=running.actor("admin"), source=ADMIN)
    assert answer["success"], answer


def stands(running: Company, entity_id: str = WIZARD) -> dict[str, Any]:
    return dict(running.bridge.get(KIND, entity_id, actor=running.actor("admin")).data)


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def plain(app: AppTest) -> str:
    return words(app).replace("\u2068", "").replace("\u2069", "").replace("\\", "")


def links(app: AppTest) -> list[str]:
    return [str(each.proto.label).replace("\u2068", "").replace("\u2069", "") for each in app.get("page_link")]


def test_a_title_is_taken_apart_and_has_candidates(admin: Company) -> None:
    app = admin.open("job_titles", "analyst", title="Sr. SWE II – Payments (Remote)")
    said = plain(app)
    assert not app.exception
    for word in ("software engineer", "senior", "II", "Payments", "Remote"):
        assert word in said
    assert "Software Developers" in links(app)
    assert "Source: O*NET (O*NET 30.1" in said and "likenesses" in said


def test_an_ambiguous_title_is_said_to_be(admin: Company) -> None:
    assert "This title is ambiguous" in plain(admin.open("job_titles", "admin", title="Teacher"))


def test_an_unknown_title_has_its_nearest(admin: Company) -> None:
    app = admin.open("job_titles", "admin", title="Happiness Wizard")
    assert "is not known" in plain(app) and "The nearest" in plain(app)
    assert "Say what your company means by it" in links(app)
    assert "Say what your company means by it" not in links(
        admin.open("job_titles", "analyst", title="Happiness Wizard")
    )


def test_the_alias_goes_first_and_says_who_set_it(admin: Company) -> None:
    add(admin)
    app = admin.open("job_titles", "analyst", title="Happiness Wizard")
    assert "set by The admin" in plain(app)
    assert "your company's alias" in app.get("progress")[0].proto.text
    assert "Customer Service Representatives" in links(app)


@pytest.mark.parametrize("role", ["owner", "admin", "analyst"])
def test_an_occupation_in_full(admin: Company, role: str) -> None:
    app = admin.open("job_titles", role, code=SOFTWARE)
    said = plain(app)
    assert not app.exception and not app.error
    for word in (
        "Software Developers",
        "4 of 5: considerable preparation",
        "Bachelor's degree",
        "Employment and openings",
        "Technology skills",
        "Career moves",
        "In ESCO",
        "It is not rated itself yet",
        "wages May 2024",
        "O*NET 30.1",
        "ESCO v1.2",
    ):
        assert word in said, word
    assert {"pay_chart", "employment_chart", "skills_chart", "knowledge_chart"} <= {
        each.proto.id.rsplit("-", 1)[-1] for each in app.get("plotly_chart")
    }


@pytest.mark.parametrize("code", ["11-1011.00", "27-2011.00", "55-1011.00", "29-1141.01", "31-1121.00"])
def test_what_is_not_published_breaks_nothing(admin: Company, code: str) -> None:
    app = admin.open("job_titles", "analyst", code=code)
    assert not app.exception and not app.error


def test_an_unknown_code_has_its_nearest(admin: Company) -> None:
    app = admin.open("job_titles", "admin", code="Nurse")
    assert "There is no occupation Nurse" in plain(app)
    assert any("Nurse" in each for each in links(app))


def test_browsing_by_group_and_zone(admin: Company) -> None:
    app = admin.open("job_titles", "analyst", view="Browse", group="15-0000")
    assert any("Computer Occupations" in each for each in links(app))
    app.selectbox(key="sort").set_value("Highest pay").run()
    assert not app.exception
    app.selectbox(key="zone").set_value("Zone 1: little or no preparation").run()
    assert "No occupation here" in plain(app)
    assert "No occupation here" in plain(admin.open("job_titles", "analyst", view="Browse", group="nonsense"))


def test_an_alias_is_added_changed_removed_and_brought_back(admin: Company) -> None:
    app = admin.open("job_titles", "admin", alias="new")
    app.text_input(key="alias_title").set_value("Happiness Wizard").run()
    app.selectbox(key="alias_code").set_value(SERVICE).run()
    app.text_input(key="alias_note").set_value("Our word").run()
    app.button(key="save_alias").click().run()
    assert not app.exception and not app.error, words(app)
    assert stands(admin) == {"title": "Happiness Wizard", "code": SERVICE, "note": "Our word"}

    app = admin.open("job_titles", "admin", alias=WIZARD)
    app.selectbox(key="alias_code").set_value(SOFTWARE).run()
    app.button(key="save_alias").click().run()
    assert stands(admin)["code"] == SOFTWARE

    app = admin.open("job_titles", "owner", view="Aliases")
    app.button(key=f"remove_alias_{WIZARD}").click().run()
    assert "was removed" in plain(app) and "No aliases yet" in plain(app)
    app.button(key="undo_alias").click().run()
    assert f"remove_alias_{WIZARD}" in keys(app)
    assert stands(admin)["code"] == SOFTWARE


def test_a_duplicate_is_refused_and_what_was_typed_is_kept(admin: Company) -> None:
    add(admin)
    app = admin.open("job_titles", "admin", alias="new", **{"for": "happiness WIZARDS", "means": SOFTWARE})
    assert (app.text_input(key="alias_title").value, app.selectbox(key="alias_code").value) == (
        "happiness WIZARDS",
        SOFTWARE,
    )
    assert "This title has an alias already" in plain(app)
    app.button(key="save_alias").click().run()
    assert "is an alias already, for Customer Service Representatives" in plain(app)
    assert app.text_input(key="alias_title").value == "happiness WIZARDS"
    assert stands(admin)["code"] == SERVICE


def test_what_is_missing_is_said(admin: Company) -> None:
    app = admin.open("job_titles", "admin", alias="new").button(key="save_alias").click().run()
    assert "Give the title as your company says it" in plain(app)
    app.text_input(key="alias_title").set_value("Wizard").run()
    app.button(key="save_alias").click().run()
    assert "Choose the occupation" in plain(app)


def test_an_analyst_reads_aliases_and_has_nothing_to_press(admin: Company) -> None:
    add(admin)
    app = admin.open("job_titles", "analyst", view="Aliases")
    assert "Happiness Wizard" in plain(app) and not keys(app) & {"add_alias", f"remove_alias_{WIZARD}"}
    app = admin.open("job_titles", "analyst", alias=WIZARD)
    assert "Owners and administrators write aliases" in plain(app)
    assert not app.text_input and "save_alias" not in keys(app)


@pytest.mark.parametrize("page", ["profile", "home"])
def test_the_candidate_is_told_what_their_title_means(company: Callable[[str], Company], page: str) -> None:
    running = company(USER)
    share_knowledge(running.backend.knowledge)
    actor = running.actor("candidate")

    def has(**profile: Any) -> str:
        answer = running.bridge.sync_user_data(actor.id, profile, USER, actor=actor)
        assert answer["success"], answer
        return plain(running.open(page, "candidate"))

    assert "understood as" not in plain(running.open(page, "candidate"))
    said = has(basics={"label": "Registered Nurse"})
    assert "Registered Nurse: **Registered Nurses**" in said and "O*NET-SOC 29-1141.00. From your headline" in said
    said = has(work=[{"id": "a", "position": "Happiness Wizard", "startDate": "2024"}])
    assert "Which occupation Happiness Wizard is, we can't say" in said
    assert "is ambiguous. It may be" in has(work=[{"id": "a", "position": "Teacher"}])
    add(running)
    said = has(work=[{"id": "a", "position": "Happiness Wizard"}])
    assert "Happiness Wizard, as your company's title: **Customer Service Representatives**" in said
    assert "The admin" not in said, "who set it is the company's affair"
    assert not running.open(page, "owner").exception


def test_what_somebody_else_saves_meanwhile_stands_beside_the_draft(admin: Company) -> None:
    add(admin)
    aliases, other = TitleAliases(admin.bridge, admin.backend.knowledge), admin.actor("owner")
    app = admin.open("job_titles", "admin", alias=WIZARD)
    app.selectbox(key="alias_code").set_value("29-1141.00").run()
    aliases.change(WIZARD, {"code": SOFTWARE, "note": "Theirs"}, base_version=1, actor=other, source=ADMIN)
    app.run()
    assert "This changed while you were editing" in plain(app)
    assert app.selectbox(key="alias_code").value == "29-1141.00"
    app.button(key="merge_alias").click().run()
    assert (app.selectbox(key="alias_code").value, app.text_input(key="alias_note").value) == ("29-1141.00", "Theirs")
    app.button(key="save_alias").click().run()
    assert not app.exception
    assert stands(admin) == {"title": "Happiness Wizard", "code": "29-1141.00", "note": "Theirs"}


def test_a_draft_of_an_alias_from_before_a_restore_is_not_saved_unseen(admin: Company) -> None:
    add(admin)
    app = admin.open("job_titles", "admin", alias=WIZARD)
    app.text_input(key="alias_note").set_value("Mine")
    # As after a restore: the same numbers are other versions from here on.
    admin.backend.watcher.position = Cursor("the next one", 1)
    app.button(key="save_alias").click().run()
    assert not app.exception
    assert "A backup was restored while you were editing" in plain(app)
    assert stands(admin)["note"] == "Our word"
    app.button(key="save_alias").click().run()
    assert stands(admin)["note"] == "Mine"


def test_a_conflict_of_an_alias_is_decided_where_all_are(admin: Company) -> None:
    add(admin)
    aliases = TitleAliases(admin.bridge, admin.backend.knowledge)
    for code, role in ((SOFTWARE, "admin"), ("29-1141.00", "owner")):
        aliases.change(WIZARD, {"code": code}, base_version=1, actor=admin.actor(role), source=ADMIN)
    app = admin.open("conflicts", "admin")
    assert "Happiness Wizard" in plain(app) and SOFTWARE in plain(app)
    (apply,) = (key for key in keys(app) if key.startswith("apply_"))
    app.button(key=apply).click().run()
    assert not app.exception and stands(admin)["code"] == SOFTWARE
