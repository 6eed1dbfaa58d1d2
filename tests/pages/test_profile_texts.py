"""The texts that a portal sends ahead of a redraw: of what, to whom, and under which names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared_backend.identity.portals import Portal
from shared_backend.portal_ui.process import PortalProcess, portal_process
from shared_backend.portal_ui.profile_sections import BASICS, SECTIONS
from shared_backend.portal_ui.profile_texts import section_texts, topic_of
from tests.pages.conftest import Company
from tests.support.people import PASSWORD

WORK = next(spec for spec in SECTIONS if spec.key == "work")
PROFILE: dict[str, Any] = {
    "basics": {"name": "Ana", "label": "<b>Analyst</b>", "location": {"city": "Lyon"}},
    "work": [{"id": "w1", "name": "Acme", "position": "Analyst", "startDate": "2020", "highlights": ["Saved it"]}],
}


def cookies_of(running: Company, email: str) -> dict[str, str]:
    people = running.backend.people
    token = people.exchange(people.sign_in(email, PASSWORD, running.portal), running.portal)
    assert token is not None
    return {Portal(running.portal).cookie_name: token}


@pytest.fixture
def running(company: Callable[[str], Company]) -> Company:
    running = company("user_portal")
    for email in ("ana@example.org", "bob@example.org"):
        actor = running.actor("candidate", email)
        assert running.bridge.sync_user_data(actor.id, PROFILE, source="user_portal", actor=actor)["success"]
    return running


def process() -> PortalProcess:
    return portal_process("user_portal")


def test_the_changed_section_is_told_to_whose_profile_it_is(running: Company) -> None:
    ana, cookies = running.actor("candidate", "ana@example.org").id, cookies_of(running, "ana@example.org")
    assert process()._read_texts(cookies, [(topic_of(BASICS), ana), ("user_profile", ana)]) == {
        "value_basics_name": "Ana",
        "value_basics_label": "<b>Analyst</b>",
        "value_basics_email": "ana@example.org",
        "value_basics_city": "Lyon",
    }
    assert process()._read_texts(cookies, [("announcement", None), ("user_profile", ana)]) == {}


def test_nobody_is_told_what_they_may_not_read(running: Company) -> None:
    ana, bob = (running.actor("candidate", f"{name}@example.org").id for name in ("ana", "bob"))
    cookies = cookies_of(running, "ana@example.org")
    topics = [(topic_of(BASICS), bob)]
    assert process()._read_texts(cookies, topics) == {}
    assert process()._read_texts({}, topics) == {}
    assert process()._read_texts({next(iter(cookies)): "another token"}, topics) == {}
    people = running.backend.people
    people.sign_out(next(iter(cookies.values())), "user_portal")
    assert process()._read_texts(cookies, [(topic_of(BASICS), ana)]) == {}


def test_a_deleted_profile_has_no_texts(running: Company) -> None:
    actor = running.actor("candidate", "ana@example.org")
    cookies = cookies_of(running, "ana@example.org")
    admin = running.actor("admin")
    assert running.bridge.delete("user_profile", actor.id, source="admin_portal", actor=admin)["success"]
    assert process()._read_texts(cookies, [(topic_of(BASICS), actor.id)]) == {}


def test_only_what_is_one_piece_of_text_on_the_page_has_a_name() -> None:
    assert section_texts(WORK, PROFILE) == {"value_work_name_w1": "Acme", "value_work_position_w1": "Analyst"}
    long = {"work": [{"id": str(number), "summary": "x" * 1000} for number in range(40)]}
    assert section_texts(WORK, long) == {}
    assert section_texts(BASICS, {}) == {}
