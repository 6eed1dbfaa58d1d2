"""What becomes of an open tab when its connection, or the process behind it, goes away."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from shared_backend.identity.actor import Actor
from tests.browser.journeys.product import PROFILE, Product, until
from tests.browser.journeys.screenshots import shoot
from tests.browser.journeys.visitors import USER, Visitors, button, draft, edit, field, key, save, value

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_cut_socket_comes_back_and_nothing_is_missed(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    home = visitors.tab()
    opened: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        opened.append(socket)

    home.route_web_socket("**/live", connect)
    visitors.sign_in(home, carl, USER)
    home.goto(product.address(USER) + "/profile")
    expect(value(home, "name")).to_be_visible()
    for number in range(1, 4):
        until(lambda number=number: len(opened) >= number, "the socket does not come back", page=home)
        opened[-1].close()
        product.save(carl, ada, label=f"Cut {number}")
        expect(value(home, "label")).to_have_text(f"Cut {number}")
    until(lambda: len(opened) > 3, "the socket does not come back", page=home)


def test_with_the_push_blocked_polling_alone_brings_it(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    office = visitors.candidate_page(ada, carl)
    home = visitors.profile_page(carl, push=False)
    edit(office, label="Polled")
    expect(value(home, "label")).to_have_text("Polled")
    # What is shown is told by another way, too.
    expect(key(office, "save_status_profile")).to_contain_text("Shown in the user portal after")
    edit(home, label="Polled back")
    expect(value(office, "label")).to_have_text("Polled back")


def test_a_tab_that_slept_catches_up(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    home = visitors.profile_page(carl)
    with asleep(home):
        for number in range(5):
            product.save(carl, ada, label=f"While asleep {number}")
    expect(value(home, "label")).to_have_text("While asleep 4")


def test_a_hidden_tab_whose_connections_died_catches_up_when_it_is_looked_at(
    product: Product, visitors: Visitors
) -> None:
    """Both of its sockets are cut and stay away; nothing is told to it, and nobody has seen anything."""
    ada, carl = product.person("admin"), product.person("candidate")
    office, home = visitors.candidate_page(ada, carl), visitors.tab()
    opened: list[WebSocketRoute] = []
    away: list[bool] = []

    def connect(socket: WebSocketRoute) -> None:
        if away:
            socket.close()
        else:
            socket.connect_to_server()
            opened.append(socket)

    home.route_web_socket("**/live", connect)
    home.route_web_socket("**/_stcore/stream", connect)
    visitors.sign_in(home, carl, USER)
    home.goto(product.address(USER) + "/profile")
    expect(value(home, "name")).to_be_visible()
    until(lambda: len(opened) >= 2, "the sockets do not open", page=home)
    home.evaluate(_LOOK, "hidden")
    away.append(True)
    for socket in opened[:]:
        socket.close()
    edit(office, label="While cut off")
    status = key(office, "save_status_profile")
    expect(status).to_contain_text("Seen by the user portal after")
    expect(status).not_to_contain_text("Shown in the user portal")
    away.clear()
    home.evaluate(_LOOK, "visible")
    expect(value(home, "label")).to_have_text("While cut off")
    expect(status).to_contain_text("Shown in the user portal after")
    edit(home, phone="+1 555 0101")
    assert product.basics(carl)["phone"] == "+1 555 0101"


# Headless Chromium never hides a page: this is all that a page can tell of it.
_LOOK = """
(state) => {
  Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}
"""


@contextmanager
def asleep(page: Page) -> Iterator[None]:
    """The tab's scripts stand still; Chromium freezes only tabs that are hidden, which it never does without a head."""
    debugger = page.context.new_cdp_session(page)
    paused: list[Any] = []
    debugger.on("Debugger.paused", lambda event: paused.append(event))
    debugger.send("Debugger.enable")
    page.evaluate("() => { setTimeout(() => {}, 200) }")  # the pause begins with the next statement
    debugger.send("Debugger.pause")
    until(lambda: paused, "it does not fall asleep", page=page)
    try:
        yield
    finally:
        debugger.send("Debugger.resume")
        debugger.detach()


def test_a_portal_that_is_killed_while_people_save(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    office, home = visitors.candidate_page(ada, carl), visitors.profile_page(carl)
    edit(home, label="Before it", phone="+1 555 0100")
    draft(home, label="At that very moment")
    victim = product.pid(USER)
    button(home, "save_basics").click()
    os.kill(victim, signal.SIGKILL)
    # The other portal does not notice.
    edit(office, summary="Meanwhile")
    until(lambda: _is_back(product, victim), "it does not come back", page=home)
    expect(value(home, "summary")).to_have_text("Meanwhile")
    shoot(home, "after-the-kill")

    # It is a tab like any other again.
    edit(home, phone="+1 555 0199")
    expect(value(office, "phone")).to_have_text("+1 555 0199")
    edit(office, label="After it")
    expect(value(home, "label")).to_have_text("After it")
    for page in (office, home):
        expect(value(page, "summary")).to_have_text("Meanwhile")

    versions = product.backend.bridge.history(PROFILE, carl.id, actor=Actor.system("test"), limit=100)
    assert [each.version for each in versions] == list(range(len(versions), 0, -1))
    saved = [
        (path, each.data["basics"].get(path.removeprefix("basics."))) for each in versions for path in each.changed
    ]
    for path, text in (("label", "Before it"), ("phone", "+1 555 0100"), ("summary", "Meanwhile")):
        assert saved.count((f"basics.{path}", text)) == 1
    # Nobody was told what became of this one: it is there once and whole, or not at all.
    assert saved.count(("basics.label", "At that very moment")) <= 1


def test_a_form_that_is_opened_while_the_page_comes_back_takes_nothing_from_the_dead_process(
    product: Product, visitors: Visitors
) -> None:
    """A page that is still being drawn has the inputs of before; what they held must not undo what came in since."""
    ada, carl = product.person("admin"), product.person("candidate")
    home = visitors.profile_page(carl)
    draft(home, label="Given up with the process")
    victim = product.pid(USER)
    home.evaluate(_OPEN_AT_ONCE, "basics")
    os.kill(victim, signal.SIGKILL)
    product.save(carl, ada, summary="Meanwhile")
    until(lambda: _is_back(product, victim), "it does not come back", page=home)
    until(lambda: home.evaluate("() => window.opened"), "the form does not close with its process", page=home)
    expect(field(home, "summary")).to_have_value("Meanwhile")
    expect(field(home, "label")).to_have_value("")
    field(home, "phone").fill("+1 555 0123")
    save(home)
    expect(value(home, "phone")).to_have_text("+1 555 0123")
    basics = product.basics(carl)
    assert (basics["summary"], basics["phone"], basics.get("label")) == ("Meanwhile", "+1 555 0123", None)


# Nobody is as quick as this; a person with a slow machine is.
_OPEN_AT_ONCE = """
(section) => {
  const look = () => {
    const button = document.querySelector(`.st-key-edit_${section} button`)
    if (!button) return setTimeout(look, 1)
    window.opened = true
    button.click()
  }
  look()
}
"""


def _is_back(product: Product, victim: int) -> bool:
    try:
        return product.pid(USER) != victim and product.answers(USER)
    except (LookupError, FileNotFoundError):
        return False
