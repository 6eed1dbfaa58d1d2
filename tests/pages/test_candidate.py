"""The admin portal's Candidate page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.conftest import Company, words

ADMIN = "admin_portal"


@pytest.fixture
def admin(company: Callable[[str], Company]) -> Company:
    return company(ADMIN)


def ada(admin: Company) -> str:
    """A candidate with a profile that has something in it."""
    account = admin.account("candidate", name="Ada Lovelace")
    admin.bridge.sync_user_data(
        account.id,
        {
            "basics": {"label": "Engineer", "location": {"city": "London"}},
            "work": [
                {"id": "w1", "position": "Analyst", "name": "Engines Ltd", "startDate": "2020"},
                {"id": "w2", "position": "Tutor", "startDate": "2012", "endDate": "2014"},
            ],
        },
        ADMIN,
        actor=admin.actor("admin"),
    )
    return account.id


@pytest.mark.parametrize("role", ["owner", "admin", "analyst"])
def test_who_reads_and_who_edits(admin: Company, role: str) -> None:
    app = admin.open("candidate", role, id=ada(admin))
    assert not app.exception
    said = words(app)
    assert "Ada Lovelace" in said and "Engineer" in said and "London" in said
    keys = {button.key for button in app.button}
    if role == "analyst":
        assert not keys & {"edit_basics", "add_work", "delete_profile", "lock_account", "undelete_profile"}
    else:
        assert keys >= {"edit_basics", "add_work", "edit_work", "delete_profile", "lock_account", "add_skills"}


def test_a_candidate_does_not_get_in(admin: Company) -> None:
    account = admin.account("candidate")
    app = admin.open("candidate", "admin", id="nobody")
    assert "There is no profile" in words(app)
    app = admin.open("candidate", "admin")
    assert "No candidate is chosen" in words(app)
    assert account.id


def test_a_save_is_told_and_stays(admin: Company) -> None:
    candidate_id = ada(admin)
    app = admin.open("candidate", "admin", id=candidate_id)
    app.button(key="edit_basics").click().run()
    app.text_input(key="basics_label").set_value("Programmer").run()
    app.text_input(key="basics_city").set_value("").run()
    app.button(key="save_basics").click().run()
    entity = admin.bridge.get("user_profile", candidate_id, actor=admin.actor("admin"))
    assert entity.data["basics"]["label"] == "Programmer" and not entity.data["basics"].get("location")
    said = words(app)
    assert f"Version {entity.version} stored" in said and "Programmer" in said
    assert "edit_basics" in {button.key for button in app.button}


def test_nothing_changed_is_nothing_saved(admin: Company) -> None:
    candidate_id = ada(admin)
    before = admin.bridge.get("user_profile", candidate_id, actor=admin.actor("admin")).version
    app = admin.open("candidate", "admin", id=candidate_id)
    app.button(key="edit_basics").click().run()
    app.button(key="save_basics").click().run()
    assert admin.bridge.get("user_profile", candidate_id, actor=admin.actor("admin")).version == before


def test_history_compares_and_restores(admin: Company) -> None:
    candidate_id = ada(admin)
    admin.bridge.sync_user_data(candidate_id, {"basics": {"label": "Second"}}, ADMIN, actor=admin.actor("admin"))
    app = admin.open("candidate", "admin", id=candidate_id, view="History")
    said = words(app)
    assert "Headline" in said and "Engineer" in said and "Second" in said
    app.button(key="restore_version").click().run()
    entity = admin.bridge.get("user_profile", candidate_id, actor=admin.actor("admin"))
    assert entity.data["basics"]["label"] == "Engineer" and entity.version == 4
    app.selectbox(key="compare_from").set_value(0).run()
    assert not app.exception
    assert "restore_version" not in {button.key for button in app.button}


def test_an_analyst_reads_the_history_and_restores_nothing(admin: Company) -> None:
    app = admin.open("candidate", "analyst", id=ada(admin), view="History")
    assert "Compare two versions" in words(app)
    assert "restore_version" not in {button.key for button in app.button}


def test_deleting_is_apart_and_can_be_undone(admin: Company) -> None:
    candidate_id = ada(admin)
    app = admin.open("candidate", "admin", id=candidate_id)
    app.button(key="delete_profile").click().run()
    assert "This profile is deleted" in words(app)
    assert "edit_basics" not in {button.key for button in app.button}
    app.button(key="undelete_profile").click().run()
    assert "Engines Ltd" in words(app)


def test_locking_is_of_the_account_and_leaves_the_profile(admin: Company) -> None:
    app = admin.open("candidate", "admin", id=ada(admin))
    app.button(key="lock_account").click().run()
    assert "Account locked" in words(app) and "Engineer" in words(app)
    app.button(key="unlock_account").click().run()
    assert "Account active" in words(app)


def test_conflicts_of_the_candidate_are_decided_here(admin: Company) -> None:
    candidate_id = ada(admin)
    candidate = admin.actor("candidate")
    admin.bridge.sync_user_data(candidate_id, {"basics": {"label": "A"}}, ADMIN, actor=admin.actor("admin"))
    answer = admin.bridge.sync_user_data(
        candidate_id, {"basics": {"label": "B"}}, "user_portal", base_version=2, actor=candidate
    )
    (conflict,) = answer["conflict"]["ids"]
    assert "One edit was kept aside" in words(admin.open("candidate", "admin", id=candidate_id))
    app = admin.open("candidate", "admin", id=candidate_id, view="Conflicts")
    assert "was changed twice at once" in words(app)
    app.button(key=f"apply_mine_{conflict}").click().run()
    entity = admin.bridge.get("user_profile", candidate_id, actor=candidate)
    assert entity.data["basics"]["label"] == "B"
    assert "Decided" in words(app)


def test_a_conflict_that_was_overtaken_shows_what_stands_now(admin: Company) -> None:
    candidate_id = ada(admin)
    by_admin = {"actor": admin.actor("admin")}
    admin.bridge.sync_user_data(candidate_id, {"basics": {"label": "A"}}, ADMIN, **by_admin)
    answer = admin.bridge.sync_user_data(
        candidate_id, {"basics": {"label": "B"}}, "user_portal", base_version=2, actor=admin.actor("candidate")
    )
    admin.bridge.sync_user_data(candidate_id, {"basics": {"label": "Written later"}}, ADMIN, **by_admin)
    app = admin.open("candidate", "admin", id=candidate_id, view="Conflicts")
    assert "Stands: edited again since" in words(app)
    assert "Written later" in words(app)
    assert app.button(key=f"apply_mine_{answer['conflict']['ids'][0]}").disabled
    marks = app.session_state["_live"].regions["candidate_conflicts"].marks
    heard = {(kind, entity_id) for kind, entity_id, _seq in marks}
    assert heard == {("conflict", candidate_id), ("user_profile", candidate_id)}


def test_texts_that_would_run_are_shown(admin: Company) -> None:
    candidate_id = ada(admin)
    evil = "<script>alert(1)</script> **b** :material/home:"
    admin.bridge.sync_user_data(
        candidate_id,
        {"basics": {"name": evil}, "work": [{"id": "w1", "position": evil}]},
        ADMIN,
        actor=admin.actor("admin"),
    )
    app = admin.open("candidate", "admin", id=candidate_id)
    assert not app.exception
    assert not any("<script>" in each.value for each in (*app.markdown, *app.title, *app.caption))
    assert evil in [text.value for text in app.text]
