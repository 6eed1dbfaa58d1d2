"""A conflict on a whole entry: one side took it out while the other changed it."""

from __future__ import annotations

from collections.abc import Callable

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
