"""Texts that come ahead of their redraw, in Chromium: shown while the run is still to come, right when it has come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.live_portal.running import Portal, chromium, running_portal, until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(params=["push", "polling"])
def page(browser: Browser, portal: Portal, request: pytest.FixtureRequest) -> Iterator[Page]:
    portal.do("forget")
    portal.do("texts", told=True)
    portal.do("age", minutes=0)
    portal.change("user_profile", "42", place="Lyon", summary="Numbers")
    context = browser.new_context()
    if request.param == "polling":
        context.route_web_socket("**/live", lambda route: route.close(code=1011))
    page = context.new_page()
    page.goto(portal.address + "/test/sign-in/ada?page=card")
    expect(page.get_by_text("Last paragraph")).to_be_visible(timeout=20_000)
    expect(place(page)).to_have_text("Lyon")
    if request.param == "push":
        until(lambda: portal.state()["topics"] > 0, "no socket", page=page)
    else:
        until(lambda: portal.runs("looks") > 3, "polling did not become tight", page=page)
    yield page
    portal.do("release")
    context.close()


def place(page: Page) -> Locator:
    return page.locator(".st-key-value_place")


def summary(page: Page) -> Locator:
    return page.locator(".st-key-value_summary")


def drawn_again(portal: Portal, page: Page, before: int) -> None:
    until(lambda: portal.runs("card") > before, "the card was not drawn again", page=page)
    expect(page.get_by_text(f"Card runs: {portal.runs('card')}")).to_be_visible()


def test_a_text_is_shown_before_its_run_and_stays(portal: Portal, page: Page) -> None:
    before = portal.runs("card")
    portal.do("hold")
    portal.change("user_profile", "42", place="<b>Nîmes</b> & more", summary="Words")
    expect(place(page)).to_have_text("<b>Nîmes</b> & more")
    expect(summary(page).locator("strong")).to_have_text("Words")
    assert portal.runs("card") == before
    portal.do("release")
    drawn_again(portal, page, before)
    expect(place(page)).to_have_text("<b>Nîmes</b> & more")


def test_what_went_back_before_it_was_drawn_is_shown_as_it_is(portal: Portal, page: Page) -> None:
    """React finds nothing to do then: the run draws what the run before it has drawn."""
    before = portal.runs("card")
    portal.do("hold")
    portal.change("user_profile", "42", place="Rome")
    expect(place(page)).to_have_text("Rome")
    portal.do("texts", told=False)
    portal.change("user_profile", "42", place="Lyon")
    portal.do("release")
    drawn_again(portal, page, before)
    expect(place(page)).to_have_text("Lyon")
    portal.change("user_profile", "42", place="Turin")
    expect(place(page)).to_have_text("Turin")


def test_what_is_not_told_is_drawn(portal: Portal, page: Page) -> None:
    portal.do("texts", told=False)
    portal.change("user_profile", "42", place="Oslo")
    expect(place(page)).to_have_text("Oslo")


def test_a_burst_ends_at_the_newest(portal: Portal, page: Page) -> None:
    for number in range(40):
        portal.change("user_profile", "42", place=f"Place {number}")
    expect(place(page)).to_have_text("Place 39")
    until(
        lambda: portal.state()["versions"]["user_profile:42"] in portal.shown("user_profile", "42"),
        "never shown",
        page=page,
    )
    expect(place(page)).to_have_text("Place 39")


def test_what_is_not_as_we_know_it_is_left_alone(portal: Portal, page: Page) -> None:
    """Another script of the page, or the person's translator, has put its own text there."""
    portal.do("hold")
    place(page).evaluate("(element) => { element.querySelector('[data-testid=stText]').innerText = 'Lugdunum' }")
    portal.change("user_profile", "42", place="Rome", summary="Told")
    expect(summary(page)).to_have_text("Told")
    expect(place(page)).to_have_text("Lugdunum")


def test_how_long_ago_it_was_stays_true_while_somebody_looks(portal: Portal, page: Page) -> None:
    expect(page.get_by_text("Opened just now")).to_be_visible()
    # What it waits comes right after the redraw.
    waits = "(wait) => [...window.__intellicvLive.regions.values()].every((region) => region.ageWait === wait)"
    page.wait_for_function(waits, arg=60_000)
    portal.do("age", minutes=3)
    # The hour that passes: nobody waits for it here.
    page.evaluate("() => { for (const region of window.__intellicvLive.regions.values()) region.ageAt = 0 }")
    expect(page.get_by_text("Opened 3 minutes ago")).to_be_visible(timeout=20_000)
    page.wait_for_function(waits, arg=120_000)
    portal.do("age", minutes=0)
    portal.change("user_profile", "42", place="Oslo")
    expect(page.get_by_text("Opened just now")).to_be_visible()
    page.wait_for_function(waits, arg=60_000)
