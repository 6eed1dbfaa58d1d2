"""Who gets in, who is put out at once, and what a candidate can't reach."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared_backend.identity.portals import Portal
from tests.browser.journeys.product import PROFILE, Product, until
from tests.browser.journeys.visitors import ADMIN, USER, Visitors, button, key, value
from tests.support.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What a page of our own could say to the server, and all that it hears.
_RAW_SOCKET = """
async (topics) => {
  const { epoch, process } = window.__intellicvLive.client.frame.data;
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/live');
  window.__heard = [];
  socket.onmessage = (event) => window.__heard.push(JSON.parse(event.data));
  socket.onclose = (event) => window.__heard.push({ t: 'closed', code: event.code });
  await new Promise((resolve) => { socket.onopen = resolve; });
  socket.send(JSON.stringify({ t: 'hello', topics: topics.map(([kind, id]) => [kind, id, 0]), epoch, process }));
  window.__raw = socket;
}
"""


def fill_in(page: Page, email: str, password: str) -> None:
    key(page, "sign_in_email").locator("input").fill(email)
    key(page, "sign_in_password").locator("input").fill(password)
    button(page, "sign_in_submit").click()


def test_signing_in_and_out_with_two_tabs(product: Product, visitors: Visitors) -> None:
    carl = product.person("candidate", "Carl Candidate")
    first = visitors.stranger(USER)
    fill_in(first, carl.email, "not the password at all")
    expect(first.locator("[data-testid=stAlert]")).to_be_visible()
    expect(key(first, "sign_in_page")).to_be_visible()
    fill_in(first, carl.email, PASSWORD)
    expect(key(first, "account_menu")).to_contain_text("Carl Candidate")
    second = visitors.stranger(USER, "/profile", beside=first)
    expect(value(second, "name")).to_have_text("Carl Candidate")
    button(first, "sign_out").click()
    for page in (first, second):
        expect(key(page, "sign_in_page")).to_be_visible()
        expect(value(page, "name")).to_have_count(0)


def test_a_locked_account_is_at_the_gate_in_its_open_tab(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    office, home = visitors.candidate_page(ada, carl), visitors.profile_page(carl)
    button(office, "account_actions").click()
    button(office, "lock_account").click()
    expect(key(home, "sign_in_page")).to_be_visible()
    expect(value(home, "name")).to_have_count(0)
    expect(office.get_by_text("Account locked")).to_be_visible()
    fill_in(home, carl.email, PASSWORD)
    expect(home.locator("[data-testid=stAlert]")).to_contain_text("locked")


def test_a_lowered_role_counts_in_the_open_tab(product: Product, visitors: Visitors) -> None:
    ada, bob, carl = product.person("owner"), product.person("admin"), product.person("candidate")
    office = visitors.candidate_page(bob, carl)
    expect(button(office, "edit_basics")).to_be_visible()
    expect(office.get_by_role("link", name="Admin debug")).to_be_visible()
    product.backend.people.set_role(bob.id, "analyst", ADMIN, actor=ada.actor)
    expect(button(office, "edit_basics")).to_have_count(0)
    expect(office.get_by_role("link", name="Admin debug")).to_have_count(0)
    expect(value(office, "name")).to_be_visible()
    expect(key(office, "account_menu")).to_contain_text("Analyst")


def test_a_candidate_is_not_let_into_the_admin_portal(product: Product, visitors: Visitors) -> None:
    carl, dora = product.person("candidate"), product.person("candidate", "Dora Hidden")
    page = visitors.stranger(ADMIN, f"/candidate?id={dora.id}")
    fill_in(page, carl.email, PASSWORD)
    expect(page.locator("[data-testid=stAlert]")).to_be_visible()
    expect(key(page, "sign_in_page")).to_be_visible()
    # Their own session, put where the admin portal looks for one.
    page.context.add_cookies(
        [
            {
                "name": Portal.ADMIN.cookie_name,
                "value": product.session(carl, USER),
                "url": product.address(ADMIN),
            }
        ]
    )
    for path in ("", f"/candidate?id={dora.id}", "/candidates", "/event_log", "/admin_debug"):
        page.goto(product.address(ADMIN) + path)
        expect(key(page, "sign_in_page")).to_be_visible()
        assert "Dora Hidden" not in page.content()


def test_another_candidate_s_address_shows_nothing_of_theirs(product: Product, visitors: Visitors) -> None:
    carl, dora = product.person("candidate", "Carl Curious"), product.person("candidate", "Dora Hidden")
    product.save(dora, dora, label="Hidden headline")
    page = visitors.visit(carl, USER)
    for path in (f"/candidate?id={dora.id}", f"/profile?id={dora.id}", f"/?id={dora.id}", "/candidates", "/debug"):
        page.goto(product.address(USER) + path)
        own = value(page, "name") if path.startswith("/profile") else page.get_by_role("heading", name="Welcome, ")
        expect(own).to_contain_text("Carl")
        shown = page.locator("body").inner_text()
        assert not [words for words in ("Dora", "Hidden headline", dora.email) if words in shown], path


def test_another_candidate_s_topics_are_silent(product: Product, visitors: Visitors) -> None:
    ada, carl, dora = product.person("admin"), product.person("candidate"), product.person("candidate")
    page = visitors.profile_page(carl)
    until(lambda: page.evaluate("!!window.__intellicvLive?.client?.greeted"), "no socket", page=page)
    version = product.profile(dora).version
    others: list[list[Any]] = [
        [PROFILE, dora.id],
        [PROFILE, None],
        ["account", dora.id],
        ["account", None],
        ["conflict", dora.id],
        ["conflict", None],
        ["setting", None],
        ["ack", f"{PROFILE}:{dora.id}:{version + 1}"],
    ]
    page.evaluate(_RAW_SOCKET, [*others, [PROFILE, carl.id]])
    product.save(dora, ada, label="Not for Carl")
    product.backend.people.lock(dora.id, ADMIN, actor=ada.actor)
    # In the order of the log: when their own has come, anything of the other's would have come before.
    last = product.backend.bridge.sync_user_data(carl.id, {"label": "For Carl"}, ADMIN, actor=ada.actor)["seq"]
    until(lambda: any(mark >= last for _, _, mark in _heard(page)), "not even their own is heard", page=page)
    assert {(kind, entity_id) for kind, entity_id, _mark in _heard(page)} == {(PROFILE, carl.id)}

    status = page.evaluate(
        """async ([kind, id, version]) => (await fetch('/live/shown', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', 'X-IntelliCV-Live': '1' },
            body: JSON.stringify({ items: [[kind, id, version]] }),
        })).status""",
        [PROFILE, dora.id, version + 1],
    )
    assert status == 403
    page.evaluate("window.__raw.close()")


def _heard(page: Page) -> list[list[Any]]:
    messages = page.evaluate("window.__heard")
    return [topic for message in messages if message["t"] == "changed" for topic in message["topics"]]
