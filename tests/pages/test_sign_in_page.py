"""The gate and its cards, without a browser: what is drawn for whom, and what a callback leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from shared_backend.portal_ui import session
from shared_backend.services.backend import close_backend, get_backend
from shared_backend.services.people import People
from shared_backend.utils.exception_handler import DatabaseBusy
from tests.support.people import ADMIN, PASSWORD, SYSTEM, USER, token_of

MAIN = Path(__file__).parents[1] / "browser" / "sign_in_portal" / "main.py"


@pytest.fixture
def people(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> People:
    close_backend()
    monkeypatch.setenv("INTELLICV_DATABASE_URL", sqlite_url)
    return get_backend(ADMIN).people


def opened(monkeypatch: pytest.MonkeyPatch, token: str | None = None, **state: Any) -> AppTest:
    monkeypatch.setattr(session, "read_session_token", lambda portal: token)
    page = AppTest.from_file(str(MAIN), default_timeout=20)
    for key, value in state.items():
        page.session_state[key] = value
    return page.run()


def messages(page: AppTest) -> list[str]:
    return [each.value for each in (*page.error, *page.info, *page.warning)]


def token_for(people: People, role: str, email: str, portal: str = ADMIN) -> tuple[str, str]:
    account = people.create_account(email, role, "Ada *Lovelace* :material/home:", PASSWORD, actor=SYSTEM)
    return people.exchange(people.sign_in(email, PASSWORD, portal), portal), account.id


def test_nobody_gets_past_the_gate(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch)
    assert [title.value for title in page.title] == ["IntelliCV"]
    assert {each.key for each in page.text_input} == {"sign_in_email", "sign_in_password"}
    assert messages(page) == []


def test_who_is_signed_in_sees_the_page_and_their_name_as_it_is(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = token_for(people, "analyst", "ada@example.org")
    page = opened(monkeypatch, token)
    assert [title.value for title in page.title] == ["Home"]
    assert "Ada *Lovelace* :material/home:" in [text.value for text in page.text]
    assert page.button(key="sign_out").label == "Sign out"


def test_a_session_that_ended_says_why(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    token, account = token_for(people, "analyst", "ada@example.org")
    page = opened(monkeypatch, token)
    people.lock(account, "script", actor=SYSTEM)
    assert "Your account was locked" in messages(page.run())[0]
    people.unlock(account, "script", actor=SYSTEM)
    assert "You have been signed out" in messages(page.run())[0]
    assert "no longer valid" in messages(opened(monkeypatch, "x" * 43))[0]


def test_a_role_that_may_no_longer_enter(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    token, account = token_for(people, "analyst", "ada@example.org")
    page = opened(monkeypatch, token)
    people.set_role(account, "candidate", "script", actor=SYSTEM)
    page.run()
    assert [title.value for title in page.title] == ["IntelliCV"]
    assert messages(page) == ["Your account may no longer use this portal."]


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("ada@example.org", "wrong password", "The e-mail or password is wrong."),
        ("nobody@example.org", PASSWORD, "The e-mail or password is wrong."),
        ("\x00", "\x00", "The e-mail or password is wrong."),
        ("ada@example.org", "x" * 100_000, "A password has at most 1,024 characters."),
        (" ", PASSWORD, "Enter your e-mail and your password."),
        ("ada@example.org", "", "Enter your e-mail and your password."),
    ],
)
def test_a_wrong_sign_in(people: People, monkeypatch: pytest.MonkeyPatch, email: str, password: str, said: str) -> None:
    token_for(people, "analyst", "ada@example.org")
    page = opened(monkeypatch)
    page.text_input(key="sign_in_email").input(email)
    page.text_input(key="sign_in_password").input(password)
    page.button(key="sign_in_submit").click().run()
    assert messages(page) == [said]
    assert page.text_input(key="sign_in_password").value == ""
    assert "_auth_ticket" not in page.session_state
    assert messages(page.run()) == [], "said once"


def test_a_right_sign_in_leaves_a_ticket_for_the_browser_to_carry(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    token_for(people, "analyst", "ada@example.org")
    page = opened(monkeypatch)
    page.text_input(key="sign_in_email").input("ADA@example.org")
    page.text_input(key="sign_in_password").input(PASSWORD)
    page.button(key="sign_in_submit").click().run()
    assert "Signing you in…" in [text.value for text in page.text]
    assert page.session_state["sign_in_password"] == ""
    assert people.who(people.exchange(page.session_state["_auth_ticket"], ADMIN), ADMIN)


def test_an_invitation_asks_for_name_and_password_only(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    link = token_of(people.invite("ina@example.org", "Ina", "analyst", "script", actor=SYSTEM))
    page = opened(monkeypatch, _auth_link=link)
    assert {each.key for each in page.text_input} == {"link_name", "link_password"}
    assert page.text_input(key="link_name").value == "Ina"
    page.text_input(key="link_name").input("I\u202ena")
    page.text_input(key="link_password").input(PASSWORD)
    page.button(key="link_submit").click().run()
    assert "RIGHT-TO-LEFT OVERRIDE (U+202E)" in messages(page)[0]
    page.text_input(key="link_name").input("Ina 🎻")
    page.text_input(key="link_password").input(PASSWORD)
    page.button(key="link_submit").click().run()
    assert "_auth_ticket" in page.session_state
    assert page.session_state["_auth_ticket"]


def test_a_link_for_the_other_portal_leads_there(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    link = people.invite("c@example.org", "Cleo", "candidate", "script", actor=SYSTEM)
    page = opened(monkeypatch, _auth_link=token_of(link))
    assert messages(page) == ["This link is for the user portal."]
    assert link.startswith(get_backend().settings.user_url)
    page.button(key="link_leave").click().run()
    assert {each.key for each in page.text_input} == {"sign_in_email", "sign_in_password"}


def test_signing_out_ends_the_session_and_forgets_the_page(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = token_for(people, "analyst", "ada@example.org")
    page = opened(monkeypatch, token, draft="something personal")
    page.button(key="sign_out").click().run()
    assert people.who(token, ADMIN) is None
    assert "draft" not in page.session_state
    assert "Signing you out…" in [text.value for text in page.text]


def test_a_database_that_does_not_answer_is_said_in_words(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise DatabaseBusy()

    monkeypatch.setattr(people, "recognise", refuse)
    assert "The database is busy." in messages(opened(monkeypatch))[0]


def test_each_portal_reads_its_own_cookie(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    import streamlit as st

    cookies = {"intellicv_admin_session": "a", "intellicv_user_session": "u"}
    monkeypatch.setattr(st, "context", SimpleNamespace(cookies=cookies))
    assert (session.read_session_token(ADMIN), session.read_session_token(USER)) == ("a", "u")
