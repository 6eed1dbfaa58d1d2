"""The admin portal's list of candidates."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from admin_portal import candidate_export
from shared_backend.identity.actor import Actor
from shared_backend.portal_ui.context import PageContext
from shared_backend.services.candidates import Filter
from tests.pages.conftest import Company, words

ADMIN = "admin_portal"


@pytest.fixture
def admin(company: Callable[[str], Company]) -> Company:
    return company(ADMIN)


def crowd(admin: Company, number: int = 3) -> list[str]:
    """Profiles without accounts, named Person 000 and on."""
    data = {f"p{i:03}": {"basics": {"name": f"Person {i:03}", "label": "=SUM(A1)"}} for i in range(number)}
    assert admin.bridge.sync_data("script", {"user_profile": data}, actor=Actor.system())["success"]
    return list(data)


def links(app: AppTest) -> list[str]:
    """The rows' links, top to bottom."""
    return [link.proto.label for link in app.get("page_link")]  # type: ignore[attr-defined]


def name(link: str) -> str:
    """The name in a row's link."""
    return link.split("**")[1].strip("\u2068\u2069")


@pytest.mark.parametrize("role", ["owner", "admin", "analyst"])
def test_who_sees_what(admin: Company, role: str) -> None:
    crowd(admin)
    app = admin.open("candidates", role)
    assert not app.exception
    said = words(app)
    assert "3 candidates" in said and "No account" in " ".join(each.label for each in app.get("badge")) + said
    keys = {button.key for button in app.button}
    assert ("invite_candidate" in keys) == (role != "analyst")
    assert "export_candidates" in keys


def test_nobody_yet_and_nobody_found(admin: Company) -> None:
    assert "No candidates yet" in words(admin.open("candidates", "owner"))
    crowd(admin)
    app = admin.open("candidates", "owner", search="zzz")
    assert "Nobody matches" in words(app)
    app.button(key="clear_filters").click().run()
    assert "3 candidates" in words(app)
    assert "No profile is deleted" in words(admin.open("candidates", "owner", deleted="true"))


def test_the_address_carries_filters_sort_and_page(admin: Company) -> None:
    crowd(admin, 60)
    app = admin.open("candidates", "analyst", sort="Name, Z to A", page="3")
    assert "51–60 of 60" in words(app)
    assert "Person 000" in links(app)[-1]
    app.text_input(key="search").set_value("person 01").run()
    assert "11 candidates" in words(app)
    assert admin.open("candidates", "analyst", page="99").exception == []


def test_rows_stay_where_they_are_until_asked(admin: Company) -> None:
    ids = crowd(admin)
    app = admin.open("candidates", "owner", sort="Changed last")
    before = [name(link) for link in links(app)]
    admin.bridge.sync_user_data(ids[1], {"basics": {"label": "Newly headed"}}, "script", actor=Actor.system())
    app.run()
    assert [name(link) for link in links(app)] == before
    assert "Newly headed" in " ".join(links(app))
    app.button(key="refresh_candidates").click().run()
    assert name(links(app)[0]) == "Person 001"


def test_an_invitation_is_shown_once(admin: Company) -> None:
    app = admin.open("candidates", "admin")
    app.button(key="invite_candidate").click().run()
    app.text_input(key="invite_email").set_value("not an address")
    app.text_input(key="invite_name").set_value("Ada")
    app.button(key="send_invitation").click().run()
    assert "not an e" in words(app)
    app.text_input(key="invite_email").set_value("ada@example.org")
    app.button(key="send_invitation").click().run()
    assert [code.value for code in app.code if "#link=" in code.value]
    assert "Ada" in " ".join(links(app))
    app.run()  # a live redraw of the whole page keeps it open
    assert [code.value for code in app.code if "#link=" in code.value]


def test_the_export_is_of_what_is_filtered_and_holds_no_formula(
    admin: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = PageContext(admin.actor("analyst"), admin.backend)
    monkeypatch.setattr(candidate_export, "page_context", lambda: context)
    crowd(admin, 30)
    made = candidate_export.candidates_csv(Filter(search="person 01"), "-name")
    rows = list(csv.DictReader(io.StringIO(made.decode("utf-8-sig"), newline="")))
    assert [row["name"] for row in rows] == [f"Person {i:03}" for i in (*range(19, 9, -1), 1)]
    assert {row["headline"] for row in rows} == {"'=SUM(A1)"}


def test_who_comes_back_from_a_candidate_finds_the_list_as_it_was(admin: Company) -> None:
    crowd(admin, 60)
    app = admin.open("candidates", "owner", search="person 0", page="2")
    assert "26–50 of 60" in words(app)
    app.switch_page("app_pages/candidate.py")
    app.query_params["id"] = "p001"
    app.run()
    assert "Person 001" in words(app)
    app.switch_page("app_pages/candidates.py")
    app.query_params["id"] = "p001"
    app.run()
    assert app.text_input(key="search").value == "person 0"
    assert "26–50 of 60" in words(app)
