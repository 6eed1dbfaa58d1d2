"""A draft in Chromium while others change the same entity: nothing typed is lost, and the three answers are right."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.live_portal.running import Portal, chromium, running_portal, until

pytestmark = pytest.mark.browser
Open = Callable[[], Page]


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
    portal.change("user_profile", "42", headline="Analyst", place="Lyon", summary="Numbers")
    context = browser.new_context()
    yield context
    context.close()
    until(lambda: portal.state()["sockets"] == 0, "a closed tab leaves its socket behind")


@pytest.fixture
def open_page(context: BrowserContext, portal: Portal) -> Open:
    def opened() -> Page:
        page = context.new_page()
        page.goto(portal.address + "/test/sign-in/ada?page=edit")
        expect(page.get_by_text("touched: nothing")).to_be_visible(timeout=20_000)
        until(lambda: portal.shown("user_profile", "42") != [], "nothing was shown", page=page)
        return page

    return opened


def field(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-edit_{name} input, .st-key-edit_{name} textarea")


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click()


def values(page: Page, headline: str, place: str, summary: str) -> None:
    for name, value in (("headline", headline), ("place", place), ("summary", summary)):
        expect(field(page, name)).to_have_value(value)


def panel(page: Page) -> Locator:
    return page.locator(".st-key-incoming_edit")


@pytest.fixture
def collided(open_page: Open, portal: Portal) -> Page:
    """A draft of headline and summary, still being typed; Grace has changed headline and place meanwhile."""
    page = open_page()
    field(page, "headline").fill("My headline")
    field(page, "summary").fill("My summary")
    portal.change("user_profile", "42", by="Grace", headline="Her headline", place="Paris")
    expect(panel(page)).to_be_visible()
    values(page, "My headline", "Lyon", "My summary")
    expect(field(page, "summary")).to_be_focused()
    return page


def test_what_came_in_is_shown_beside_the_draft(collided: Page) -> None:
    words = panel(collided)
    expect(words).to_contain_text("Grace saved version")
    for text in ("Headline (you changed it too)", "Analyst", "Her headline", "My headline", "Place", "Lyon", "Paris"):
        expect(words).to_contain_text(text)
    expect(words).not_to_contain_text("Summary")


def test_the_panel_follows_the_draft_while_it_is_typed(collided: Page) -> None:
    field(collided, "headline").fill("My better headline")
    expect(panel(collided)).to_contain_text("My better headline")
    expect(field(collided, "headline")).to_be_focused()


def test_keep_mine(collided: Page, portal: Portal) -> None:
    press(collided, "keep_mine_edit")
    expect(panel(collided)).to_have_count(0)
    values(collided, "My headline", "Lyon", "My summary")
    press(collided, "save_edit")
    saved(collided, portal, headline="My headline", place="Lyon", summary="My summary")


def test_take_theirs(collided: Page, portal: Portal) -> None:
    press(collided, "take_theirs_edit")
    expect(panel(collided)).to_have_count(0)
    values(collided, "Her headline", "Paris", "Numbers")
    expect(collided.get_by_text("touched: nothing")).to_be_visible()


def test_merge(collided: Page, portal: Portal) -> None:
    press(collided, "merge_edit")
    expect(panel(collided)).to_have_count(0)
    values(collided, "My headline", "Paris", "My summary")
    press(collided, "save_edit")
    saved(collided, portal, headline="My headline", place="Paris", summary="My summary")


@pytest.mark.parametrize("answer", ["keep_mine", "take_theirs", "merge"])
def test_after_each_answer_one_can_type_on_and_be_told_again(collided: Page, portal: Portal, answer: str) -> None:
    press(collided, f"{answer}_edit")
    expect(panel(collided)).to_have_count(0)
    field(collided, "headline").click()
    collided.keyboard.press("End")
    collided.keyboard.type(" again")
    portal.change("user_profile", "42", by="Grace", headline="Hers again")
    expect(panel(collided)).to_contain_text("Hers again")
    expect(field(collided, "headline")).to_have_value(
        ("Her headline" if answer == "take_theirs" else "My headline") + " again"
    )


def test_a_draft_stands_while_changes_rain(open_page: Open, portal: Portal) -> None:
    page = open_page()
    for name in ("headline", "summary"):
        field(page, name).click()
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        for number in range(20):
            portal.change("user_profile", "42", by="Grace", headline=f"{name} rain {number}", summary=f"Drop {number}")
            page.keyboard.type(chr(ord("a") + number), delay=40)
        expect(panel(page)).to_contain_text(f"{name} rain 19")
        expect(field(page, name)).to_be_focused()
    values(page, "abcdefghijklmnopqrst", "Lyon", "abcdefghijklmnopqrst")


def test_theirs_are_taken_while_changes_rain(open_page: Open, portal: Portal) -> None:
    """A draw that follows too closely makes the browser skip the one that put the values into the inputs."""
    page = open_page()
    for number in range(10):
        field(page, "headline").fill(f"Mine {number}")
        portal.change("user_profile", "42", by="Grace", headline=f"Hers {number}", summary=f"Sum {number}")
        expect(panel(page)).to_contain_text(f"Hers {number}")
        with rain(portal):
            press(page, "take_theirs_edit")
            expect(panel(page)).to_have_count(0)
        values(page, f"Hers {number}", "Lyon", f"Sum {number}")
    expect(page.get_by_text("touched: nothing")).to_be_visible()


@contextmanager
def rain(portal: Portal) -> Iterator[None]:
    """Changes without end that concern the page and not the form."""
    dry = threading.Event()

    def fall() -> None:
        while not dry.wait(0.02):
            portal.change("user_profile", "42", by="Grace")

    cloud = threading.Thread(target=fall)
    cloud.start()
    try:
        yield
    finally:
        dry.set()
        cloud.join()


def test_a_form_that_nobody_touches_follows(open_page: Open, portal: Portal) -> None:
    page = open_page()
    portal.change("user_profile", "42", by="Grace", headline="Followed", summary="Followed too")
    values(page, "Followed", "Lyon", "Followed too")
    expect(panel(page)).to_have_count(0)


def test_a_focused_input_is_left_alone_even_before_the_first_letter(open_page: Open, portal: Portal) -> None:
    page = open_page()
    field(page, "headline").click()
    portal.change("user_profile", "42", by="Grace", headline="Not into the input")
    expect(panel(page)).to_contain_text("Not into the input")
    values(page, "Analyst", "Lyon", "Numbers")


def test_a_change_that_is_not_on_the_form_needs_no_answer(open_page: Open, portal: Portal) -> None:
    page = open_page()
    field(page, "headline").fill("Mine")
    version = portal.change("user_profile", "42", by="Grace")
    expect(page.get_by_text(f"Based on version {version}, touched: headline")).to_be_visible()
    expect(panel(page)).to_have_count(0)


def test_names_and_values_are_drawn_as_they_are(collided: Page, portal: Portal) -> None:
    portal.change(
        "user_profile", "42", by="**Eve** <img src=x>", headline="[a](http://b) <script>", place=":smile: $x$"
    )
    for text in ("**Eve** <img src=x>", "[a](http://b) <script>", ":smile: $x$"):
        expect(panel(collided)).to_contain_text(text)
    expect(panel(collided).locator("img, script, a")).to_have_count(0)


def test_a_save_says_what_becomes_of_it(open_page: Open, portal: Portal) -> None:
    page = open_page()
    field(page, "headline").fill("Status")
    press(page, "save_edit")
    status = page.locator(".st-key-save_status_edit")
    expect(status).to_contain_text("stored in 2 ms")
    expect(status).to_contain_text("Shown in the user portal after")
    version = portal.state()["versions"]["user_profile:42"]
    assert portal.shown("user_profile", "42").count(version) == 1


def test_a_status_line_draws_when_its_version_moves_and_not_otherwise(open_page: Open, portal: Portal) -> None:
    page = open_page()
    field(page, "headline").fill("Quiet")
    press(page, "save_edit")
    expect(page.locator(".st-key-save_status_edit")).to_contain_text("Shown in the user portal after")
    version = portal.state()["versions"]["user_profile:42"]
    until(lambda: portal.state()["topics"] == 3, "account, profile and acknowledgement", page=page)
    page.wait_for_timeout(300)
    before = portal.runs("acks")
    portal.do("ack", of=["user_profile", "42", version - 1])
    portal.do("ack", of=["user_profile", "41", version])
    portal.do("ack", of=["user_profile", "42", version])
    until(lambda: portal.runs("acks") == before + 1, "the status was not drawn again", page=page)
    page.wait_for_timeout(300)
    assert portal.runs("acks") == before + 1


def saved(page: Page, portal: Portal, **expected: str) -> None:
    until(lambda: portal.state()["data"]["user_profile:42"] == expected, f"not stored: {expected}", page=page)
    values(page, **expected)
