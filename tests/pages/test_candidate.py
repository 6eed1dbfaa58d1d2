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
