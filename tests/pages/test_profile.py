"""The user portal's Profile page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from shared_backend.identity.accounts import by_id
from shared_backend.lockstep.event_log import read_since
from shared_backend.lockstep.topics import Topics
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.profile_desk import ProfileDesk
from shared_backend.portal_ui.profile_view import _Reader
from tests.pages.conftest import Company, words

USER = "user_portal"


@pytest.fixture
def user(company: Callable[[str], Company]) -> Company:
    return company(USER)


def data(user: Company) -> dict:  # type: ignore[type-arg]
    actor = user.actor("candidate")
    return user.bridge.get("user_profile", actor.id, actor=actor).data


def save(user: Company, patch: dict, role: str = "admin", base_version: int | None = None) -> None:  # type: ignore[type-arg]
    source = USER if role == "candidate" else "admin_portal"
    answer = user.bridge.sync_user_data(
        user.account("candidate").id, patch, source, base_version=base_version, actor=user.actor(role)
    )
    assert answer["success"], answer


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def test_a_fresh_candidate_finds_the_next_step(user: Company) -> None:
    app = user.open("profile", "candidate")
    assert not app.exception
    assert "Next: your work experience (+20%)" in words(app)
    assert keys(app) >= {"edit_basics", "add_work", "add_references", "add_profiles"}


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_a_colleague_has_no_profile_here(user: Company, role: str) -> None:
    app = user.open("profile", role)
    assert not app.exception
    assert "You have no profile of your own" in words(app)


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(user: Company) -> None:
    app = user.open("profile", "candidate")
    app.button(key="edit_basics").click().run()
    app.text_input(key="basics_email").set_value("nonsense").run()
    app.text_input(key="basics_phone").set_value("123").run()
    app.button(key="save_basics").click().run()
    assert "It must be an e\\-mail address" in words(app)
    assert app.text_input(key="basics_phone").value == "123"
    assert app.text_input(key="basics_email").value == "nonsense"
    app.text_input(key="basics_email").set_value("ada@example.org").run()
    app.button(key="save_basics").click().run()
    assert data(user)["basics"]["phone"] == "123"


def test_cancel_gives_the_draft_up(user: Company) -> None:
    app = user.open("profile", "candidate")
    app.button(key="edit_basics").click().run()
    app.text_input(key="basics_label").set_value("Draft").run()
    app.button(key="cancel_basics").click().run()
    app.button(key="edit_basics").click().run()
    assert app.text_input(key="basics_label").value == ""


def test_entries_are_added_in_time_changed_moved_removed_and_brought_back(user: Company) -> None:
    save(user, {"work": [{"id": "a", "position": "Old", "startDate": "2001", "endDate": "2005"}]})
    app = user.open("profile", "candidate")
    app.button(key="add_work").click().run()
    app.text_input(key="work_position").set_value("New").run()
    app.text_input(key="work_startDate").set_value("2020").run()
    app.text_area(key="work_highlights").set_value("One\n\n Two ").run()
    app.button(key="save_work").click().run()
    new, old = data(user)["work"]
    assert (new["position"], new["highlights"], old["position"]) == ("New", ["One", "Two"], "Old")
    app.button(key="edit_work").click().run()
    app.button(key=f"down_work_{new['id']}").click().run()
    assert [job["id"] for job in data(user)["work"]] == ["a", new["id"]]
    app.button(key="sort_work").click().run()
    assert [job["id"] for job in data(user)["work"]] == [new["id"], "a"]
    app.button(key="edit_work_a").click().run()
    app.text_input(key="work_position").set_value("Older").run()
    app.button(key="save_work").click().run()
    assert data(user)["work"][1] == {**old, "position": "Older"}
    app.button(key=f"remove_work_{new['id']}").click().run()
    assert [job["id"] for job in data(user)["work"]] == ["a"]
    app.button(key="undo_work").click().run()
    assert data(user)["work"][0] == new


def test_an_entry_needs_a_field(user: Company) -> None:
    save(user, {"skills": [{"id": "s", "name": "Python"}]})
    app = user.open("profile", "candidate")
    app.button(key="edit_skills").click().run()
    app.button(key="edit_skills_s").click().run()
    app.text_input(key="skills_name").set_value("").run()
    app.button(key="save_skills").click().run()
    assert "needs at least one field" in words(app)
    assert data(user)["skills"] == [{"id": "s", "name": "Python"}]


def test_what_comes_in_stands_beside_the_draft(user: Company) -> None:
    save(user, {"basics": {"label": "First", "phone": "1"}})
    app = user.open("profile", "candidate")
    app.button(key="edit_basics").click().run()
    app.text_input(key="basics_label").set_value("Mine").run()
    save(user, {"basics": {"label": "Theirs", "phone": "2"}})
    app.run()
    assert "This changed while you were editing" in words(app)
    assert app.text_input(key="basics_label").value == "Mine"
    app.button(key="merge_basics").click().run()
    assert app.text_input(key="basics_phone").value == "2"
    app.button(key="save_basics").click().run()
    assert (data(user)["basics"]["label"], data(user)["basics"]["phone"]) == ("Mine", "2")


def test_a_conflict_is_told_plainly_and_mine_can_be_applied(user: Company) -> None:
    save(user, {"basics": {"label": "First"}})
    app = user.open("profile", "candidate")
    app.button(key="edit_basics").click().run()
    app.text_input(key="basics_label").set_value("Mine").run()
    save(user, {"basics": {"label": "Theirs"}})
    app.button(key="save_basics").click().run()
    assert data(user)["basics"]["label"] == "Theirs"
    assert "kept aside, because an administrator changed it at the same time" in words(app)
    (apply,) = [key for key in keys(app) if key and key.startswith("apply_mine_")]
    app.button(key=apply).click().run()
    assert data(user)["basics"]["label"] == "Mine"
    assert not [key for key in keys(app) if key and key.startswith("apply_mine_")]


def test_two_people_edit_two_jobs(user: Company) -> None:
    jobs = [{"id": "a", "position": "A", "name": "X"}, {"id": "b", "position": "B"}]
    save(user, {"work": jobs})
    app = user.open("profile", "candidate")
    app.button(key="edit_work").click().run()
    app.button(key="edit_work_a").click().run()
    app.text_input(key="work_position").set_value("A2").run()
    save(user, {"work": [{**jobs[0], "name": "Y"}, {**jobs[1], "position": "B2"}]})
    app.button(key="save_work").click().run()
    assert data(user)["work"] == [{"id": "a", "position": "A2", "name": "Y"}, {"id": "b", "position": "B2"}]


def test_history_is_for_reading(user: Company) -> None:
    save(user, {"basics": {"label": "First"}})
    app = user.open("profile", "candidate", view="History")
    assert not app.exception
    assert "Compare two versions" in words(app)
    assert "restore_version" not in keys(app)


def test_a_long_profile_opens_folded(user: Company) -> None:
    save(user, {"work": [{"id": f"w{i}", "position": f"Job {i}"} for i in range(40)]})
    app = user.open("profile", "candidate")
    assert "Job 4" in words(app) and "Job 39" not in words(app)
    app.button(key="more_work").click().run()
    assert "Job 39" in words(app)


def test_a_deleted_profile_is_said_to_be_and_comes_back(user: Company) -> None:
    save(user, {"basics": {"label": "Analyst"}})
    person, admin = user.account("candidate").id, user.actor("admin")
    assert user.bridge.delete("user_profile", person, source="admin_portal", actor=admin)["success"]
    app = user.open("profile", "candidate")
    assert not app.exception
    assert "Your profile is deleted" in words(app) and "Analyst" not in words(app)
    assert user.bridge.undelete("user_profile", person, source="admin_portal", actor=admin)["success"]
    assert "Analyst" in words(app.run())


def test_whose_profile_is_deleted_can_still_erase_themself(user: Company) -> None:
    person, admin = user.account("candidate"), user.actor("admin")
    save(user, {"basics": {"label": "Analyst"}})
    assert user.bridge.delete("user_profile", person.id, source="admin_portal", actor=admin)["success"]
    app = user.open("profile", "candidate")
    app.text_input(key="erase_address").set_value(person.email)
    app.button(key="erase_person").click().run()
    assert not app.exception
    with user.backend.database.read() as connection:
        assert by_id(connection, person.id) is None
    assert not any(each.data for each in user.bridge.history("user_profile", person.id, actor=admin, limit=10))


def test_the_page_hears_that_its_profile_is_deleted_and_brought_back(user: Company) -> None:
    save(user, {"basics": {"label": "Analyst"}})
    person, admin = user.account("candidate").id, user.actor("admin")
    topics, whole = Topics(), ("user_profile.*", person)

    def heard() -> int:
        with user.backend.database.read() as connection:
            topics.note(read_since(connection, 0))
        return topics.seq(*whole)

    for change in (user.bridge.delete, user.bridge.undelete):
        before = heard()
        assert heard() == before
        assert change("user_profile", person, source="admin_portal", actor=admin)["success"]
        assert heard() > before


def test_a_section_of_a_profile_that_is_deleted_has_the_page_drawn_anew(
    user: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DrawnAnew(Exception):
        pass

    def drawn_anew() -> None:
        raise DrawnAnew

    save(user, {"basics": {"label": "Analyst"}})
    actor = user.actor("candidate")
    reader = _Reader(user.bridge.get("user_profile", actor.id, actor=actor), ("basics",), ProfileDesk(actor.id))
    reader.forget()
    context = PageContext(actor, user.backend)
    assert reader.read(context).data["basics"]["label"] == "Analyst"
    user.bridge.delete("user_profile", actor.id, source="admin_portal", actor=user.actor("admin"))
    monkeypatch.setattr("streamlit.rerun", drawn_anew)
    with pytest.raises(DrawnAnew):
        reader.read(context)
