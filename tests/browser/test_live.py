"""Live pages in Chromium: what changed is redrawn and nothing else, whatever becomes of the socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from tests.browser.live_portal.running import Portal, chromium, running_portal, until

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def context(browser: Browser, portal: Portal) -> Iterator[BrowserContext]:
    portal.do("forget")
    portal.do("sign_in", who="ada", role="admin")
    context = browser.new_context()
    yield context
    context.close()
    until(lambda: portal.state()["sockets"] == 0, "a closed tab leaves its socket behind")


@pytest.fixture
def open_page(context: BrowserContext, portal: Portal) -> Open:
    def opened(wait_for_push: bool = True) -> Page:
        page = context.new_page()
        before = portal.state()["sockets"]
        page.goto(portal.address + "/test/sign-in/ada")
        expect(page.get_by_text("Last paragraph")).to_be_visible(timeout=20_000)
        expect(page.locator(".st-key-note_outside input")).to_be_visible()
        if wait_for_push:
            until(lambda: portal.state()["sockets"] > before, "no socket", page=page)
            until(lambda: portal.shown("announcement", "1") != [], "nothing was shown", page=page)
        return page

    return opened


def headline(page: Page, text: str) -> None:
    expect(page.get_by_text(f"Headline is {text}", exact=True)).to_be_visible(timeout=15_000)


def test_a_change_redraws_its_region_alone(portal: Portal, open_page: Open) -> None:
    page = open_page()
    before = portal.state()["runs"]
    portal.change("user_profile", "42", headline="Alone")
    headline(page, "Alone")
    after = portal.state()["runs"]
    assert after == {**before, "profile": before["profile"] + 1}


def test_a_region_of_a_kind_shows_what_is_new(portal: Portal, open_page: Open) -> None:
    page = open_page()
    portal.change("announcement", "new", text="Doors open at nine")
    expect(page.get_by_text("Announcement new: Doors open at nine")).to_be_visible()
    until(lambda: portal.shown("announcement", "new") == [1], "the new one was not reported as shown", page=page)


def test_each_version_is_reported_as_shown_once(portal: Portal, open_page: Open) -> None:
    page = open_page()
    version = portal.change("user_profile", "42", headline="Once")
    headline(page, "Once")
    until(lambda: version in portal.shown("user_profile", "42"), "the version was not reported as shown", page=page)
    portal.change("announcement", "1", text="Another region")
    expect(page.get_by_text("Announcement 1: Another region")).to_be_visible()
    assert portal.shown("user_profile", "42").count(version) == 1


def test_many_changes_end_at_the_newest(portal: Portal, open_page: Open) -> None:
    page = open_page()
    for number in range(60):
        portal.change("user_profile", "42", headline=f"Burst {number}")
    headline(page, "Burst 59")


def test_two_tabs_have_a_socket_each_and_both_follow(portal: Portal, open_page: Open) -> None:
    pages = [open_page(), open_page()]
    assert portal.state()["sockets"] == 2
    portal.change("user_profile", "42", headline="Both")
    for page in pages:
        headline(page, "Both")


def test_nothing_moves_and_nothing_takes_room(portal: Portal, open_page: Open) -> None:
    page = open_page()

    def places() -> list[list[object]]:
        return page.evaluate(
            "() => [...document.querySelectorAll('h1, p, input')].map(e => Math.round(e.getBoundingClientRect().top))"
        )

    before = places()
    portal.change("user_profile", "42", headline="Still")
    headline(page, "Still")
    assert places() == before
    hidden = page.evaluate(
        """() => [...document.querySelectorAll('[class*="st-key-live-frame"], [class*="st-key-live-region-"]')]
        .map(e => [getComputedStyle(e).position, e.getBoundingClientRect().height])"""
    )
    assert len(hidden) == 3 and all(each == ["absolute", 0] for each in hidden)


def test_what_changed_is_marked_and_the_mark_settles(portal: Portal, open_page: Open) -> None:
    page = open_page()
    mark = page.locator(".st-key-live-mark-profile .mark")
    expect(mark).to_have_text("")
    portal.change("user_profile", "42", by="Grace <b>Hopper</b>", headline="Marked")
    headline(page, "Marked")
    expect(mark).to_have_text("Updated just now by Grace <b>Hopper</b>")
    expect(mark).to_have_css("opacity", "0", timeout=10_000)


@pytest.mark.parametrize("key", ["note_live", "note_form_live", "note_outside"])
def test_typing_is_never_wiped(portal: Portal, open_page: Open, key: str) -> None:
    page = open_page()
    field = page.locator(f".st-key-{key} input")
    field.click()
    field.fill("")
    for number in range(25):
        portal.change("user_profile", "42", headline=f"Typing {number}")
        page.keyboard.type(f"{number % 10}")
    headline(page, "Typing 24")
    expect(field).to_have_value("0123456789012345678901234")
    expect(field).to_be_focused()


def test_a_cut_socket_comes_back_and_misses_nothing(portal: Portal, context: BrowserContext, open_page: Open) -> None:
    sockets: list[WebSocketRoute] = []

    def through(route: WebSocketRoute) -> None:
        sockets.append(route)
        route.connect_to_server()

    context.route_web_socket("**/live", through)
    page = open_page()
    sockets[-1].close(code=1011)
    portal.change("user_profile", "42", headline="While it was cut")
    headline(page, "While it was cut")
    until(lambda: len(sockets) == 2, "no new socket", page=page)
    before = portal.runs("app")
    portal.change("user_profile", "42", headline="After it came back")
    headline(page, "After it came back")
    assert portal.runs("app") == before, "the push was not used"


@pytest.mark.parametrize("way", ["refused", "swallowed"])
def test_polling_alone_carries_the_page(portal: Portal, context: BrowserContext, open_page: Open, way: str) -> None:
    """A socket that is refused, and one that opens and never says a word."""
    block: dict[str, Callable[[WebSocketRoute], None]] = {
        "refused": lambda route: route.close(code=1011),
        "swallowed": lambda route: None,
    }
    context.route_web_socket("**/live", block[way])
    page = open_page(wait_for_push=False)
    until(lambda: portal.runs("looks") > 3, "polling did not become tight", page=page)
    for number in range(3):
        version = portal.change("user_profile", "42", headline=f"Polled {number}")
        headline(page, f"Polled {number}")
        until(lambda version=version: version in portal.shown("user_profile", "42"), "not reported by POST", page=page)
    assert portal.state()["sockets"] == 0


def test_polling_slackens_when_the_push_is_back(portal: Portal, context: BrowserContext, open_page: Open) -> None:
    blocked = True

    def route(socket: WebSocketRoute) -> None:
        if blocked:
            socket.close(code=1011)
        else:
            socket.connect_to_server()

    context.route_web_socket("**/live", route)
    page = open_page(wait_for_push=False)
    until(lambda: portal.runs("looks") > 3, "polling did not become tight", page=page)
    blocked = False
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until(lambda: portal.state()["sockets"] == 1, "the push did not come back", page=page)
    portal.change("user_profile", "42", headline="Pushed again")
    headline(page, "Pushed again")

    def looks_in_two_seconds() -> int:
        before = portal.runs("looks")
        page.wait_for_timeout(2_000)
        return portal.runs("looks") - before

    until(lambda: looks_in_two_seconds() == 0, "the tight timer goes on", page=page)


@pytest.mark.parametrize("socket_survives", [True, False])
def test_a_tab_that_slept_catches_up(
    portal: Portal, context: BrowserContext, open_page: Open, socket_survives: bool
) -> None:
    """All that goes to and from the tab is lost while it sleeps; its socket may be dead then without knowing it."""
    asleep: set[WebSocketRoute] = set()
    sockets: list[WebSocketRoute] = []

    def route(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        server = socket.connect_to_server()
        socket.on_message(lambda text: None if socket in asleep else server.send(text))
        server.on_message(lambda text: None if socket in asleep else socket.send(text))

    context.route_web_socket("**/live", route)
    page = open_page()
    asleep.update(sockets)
    portal.change("user_profile", "42", headline=f"Overslept {socket_survives}")
    page.wait_for_timeout(300)
    expect(page.get_by_text(f"Headline is Overslept {socket_survives}")).to_have_count(0)
    if socket_survives:
        asleep.clear()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    headline(page, f"Overslept {socket_survives}")
    assert len(sockets) == (1 if socket_survives else 2)


def test_a_hidden_tab_has_shown_nothing_until_it_is_looked_at(portal: Portal, open_page: Open) -> None:
    page = open_page()
    page.evaluate(
        """() => {
            window.hiddenNow = true
            Object.defineProperty(document, "visibilityState", { get: () => (window.hiddenNow ? "hidden" : "visible") })
        }"""
    )
    version = portal.change("user_profile", "42", headline="Behind")
    headline(page, "Behind")
    page.wait_for_timeout(300)
    assert version not in portal.shown("user_profile", "42")
    page.evaluate("() => { window.hiddenNow = false; document.dispatchEvent(new Event('visibilitychange')) }")
    until(lambda: version in portal.shown("user_profile", "42"), "shown was not reported on return", page=page)


def test_a_locked_account_is_out_at_once(portal: Portal, open_page: Open) -> None:
    page = open_page()
    portal.do("lock", who="ada")
    expect(page.get_by_text("Please sign in")).to_be_visible()
    expect(page.get_by_text("Last paragraph")).to_have_count(0)


def test_a_new_epoch_draws_the_whole_page_again(portal: Portal, open_page: Open) -> None:
    page = open_page()
    before = portal.runs("app")
    portal.do("resync")
    until(lambda: portal.runs("app") == before + 1, "the page was not drawn again", page=page)
    portal.change("user_profile", "42", headline="New life")
    headline(page, "New life")
    assert portal.runs("app") == before + 1


def test_an_idle_tab_runs_nothing(portal: Portal, open_page: Open) -> None:
    page = open_page()
    before = portal.state()["runs"]
    page.wait_for_timeout(2_500)
    assert portal.state()["runs"] == before
