"""A conflict on a whole entry: one side took it out while the other changed it."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Company, words


def _conflict(company: Company) -> None:
    person = company.account("candidate")
    bridge = company.bridge
    admin, candidate = company.actor("admin"), company.actor("candidate")
    first = bridge.sync_user_data(
        person.id, {"work": [{"id": "a1", "name": "Tinkers Ltd", "position": "Smith"}]}, "admin_portal", actor=admin
    )
    base = first["version"]
    changed = {"work": [{"id": "a1", "name": "Tinkers Ltd", "position": "Master smith"}]}
    assert bridge.sync_user_data(person.id, changed, "admin_portal", base_version=base, actor=admin)["success"]
    answer = bridge.sync_user_data(person.id, {"work": None}, "user_portal", base_version=base, actor=candidate)
    assert answer["conflict"]["kept"] == "theirs", answer


def test_the_admin_sees_the_entry_in_words(company: Callable[[str], Company]) -> None:
    admin_portal = company("admin_portal")
    _conflict(admin_portal)
    app = admin_portal.open("conflicts", "admin")
    assert not app.exception
    assert "Master smith" in words(app)


def test_the_candidate_sees_it_too(company: Callable[[str], Company]) -> None:
    user_portal = company("user_portal")
    _conflict(user_portal)
    app = user_portal.open("profile", "candidate")
    assert not app.exception
    assert "Master smith" in words(app)


JOB = {"id": "a1", "name": "Tinkers Ltd", "position": "Smith"}
EDITED = {**JOB, "position": "Master smith"}


def _save(company: Company, work: list[dict[str, str]]) -> None:
    """What an admin makes of the candidate's jobs."""
    person = company.account("candidate")
    answer = company.bridge.sync_user_data(person.id, {"work": work}, "admin_portal", actor=company.actor("admin"))
    assert answer["success"], answer


def _jobs(company: Company) -> list[dict[str, str]]:
    actor = company.actor("candidate")
    return company.bridge.get("user_profile", actor.id, actor=actor).data.get("work", [])


def _arranging(company: Company) -> AppTest:
    return company.open("profile", "candidate").button(key="edit_work").click().run()


def test_an_entry_that_stays_for_an_admins_edit_is_not_called_removed(company: Callable[[str], Company]) -> None:
    user_portal = company("user_portal")
    _save(user_portal, [JOB])
    app = _arranging(user_portal)
    _save(user_portal, [EDITED])
    app.button(key="remove_work_a1").click().run()
    assert "Removed" not in words(app)
    assert "undo_work" not in {button.key for button in app.button}
    assert "kept aside, because an administrator changed it at the same time" in words(app)
    assert _jobs(user_portal) == [EDITED]


def test_what_an_admin_has_taken_out_already_is_not_theirs_to_bring_back(company: Callable[[str], Company]) -> None:
    user_portal = company("user_portal")
    _save(user_portal, [JOB, {"id": "b2", "position": "Baker"}])
    app = _arranging(user_portal)
    _save(user_portal, [{"id": "b2", "position": "Baker"}])
    app.button(key="remove_work_a1").click().run()
    assert not app.exception
    assert "undo_work" not in {button.key for button in app.button}


def test_undo_leaves_an_entry_that_stands_again_as_it_is(company: Callable[[str], Company]) -> None:
    user_portal = company("user_portal")
    _save(user_portal, [JOB])
    app = _arranging(user_portal)
    app.button(key="remove_work_a1").click().run()
    assert "Removed" in words(app)
    _save(user_portal, [EDITED])
    app.button(key="undo_work").click().run()
    assert _jobs(user_portal) == [EDITED]
    assert "in the profile again already" in words(app)
    assert "undo_work" not in {button.key for button in app.button}
