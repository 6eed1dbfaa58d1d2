"""What people see: announcements as they come and go, texts as they were typed, and everything on a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys.product import Person, Product, until
from tests.browser.journeys.screenshots import shoot
from tests.browser.journeys.visitors import ADMIN, PHONE, USER, Visitors, button, draft, edit, field, key, save, value

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MARK = "injected"  # as an id or a variable: what must never come to be
HTML = f'<img src=x id={MARK} onerror="window.{MARK}=1">'
HOSTILE = {
    "name": f"<script>window.{MARK}=1</script> O'Brien & Söhne",
    "label": f"**bold** _it_ [x](javascript:window.{MARK}=1) :red[r] :material/lock: `c` $x^2$ <b id={MARK}>b</b>",
    "phone": '=HYPERLINK("http://evil.example";"x")',
    "url": "https://example.org/?a=**b**&c=[d](javascript:e)&f=$g^2$:red[h]#_i_",
    "image": "https://example.org/{{7*7}}/`j`.png?onerror=alert(1)",
    "summary": f"# Not a heading\n{HTML}\n<iframe srcdoc='<script>parent.{MARK}=1</script>'></iframe>\n| a |\n|---|",
    "address": "-2+3+cmd|' /C calc'!A0",
    "postalCode": "@SUM(1+1)",
    "city": "مدينة القدس",
    "region": "👩‍💻🏽 🇮🇳 e\u0301 ﷽",
    "countryCode": "{{7*7}} ${7*7}",
}
# What keeps a text to its own direction and away from Streamlit's replacements: nobody can see it.
INVISIBLE = re.compile("[\u2060\u2068\u2069]")


def test_an_announcement_comes_and_goes_on_open_home_pages(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    home = visitors.visit(carl, USER)
    expect(home.get_by_role("heading", name="Announcements")).to_be_visible()
    office = visitors.visit(ada, ADMIN, "/announcements")
    button(office, "new_announcement").click()
    key(office, "announcement_title").locator("input").fill("Doors open at nine")
    key(office, "announcement_body").locator("textarea").fill("Bring your **papers**.")
    button(office, "save_draft").click()
    expect(key(office, "save_status_announcement")).to_contain_text("stored")
    entity_id = office.url.partition("id=")[2]
    assert entity_id
    card = key(home, f"announcement_{entity_id}")
    expect(card).to_have_count(0)
    button(office, f"publish_{entity_id}").click()
    expect(card).to_contain_text("Doors open at nine")
    expect(card.locator("strong")).to_have_text("papers")
    expect(key(office, "save_status_announcement")).to_contain_text("Shown in the user portal after")
    shoot(home, "announcement")

    button(office, "close_announcement").click()
    expect(key(office, f"readers_{entity_id}")).to_contain_text("Read by 1 of")
    other = visitors.visit(product.person("candidate"), USER)
    expect(key(other, f"announcement_{entity_id}")).to_be_visible()
    expect(key(office, f"readers_{entity_id}")).to_contain_text("Read by 2 of")
    shoot(office, "announcements")
    button(office, f"withdraw_{entity_id}").click()
    for page in (home, other):
        expect(key(page, f"announcement_{entity_id}")).to_have_count(0)


def test_whatever_is_typed_is_shown_as_it_was_typed(product: Product, visitors: Visitors) -> None:
    ada = product.person("admin")
    carl = product.person("candidate", f"<b id={MARK}>**Carl**</b>")
    office, home = visitors.candidate_page(ada, carl), visitors.profile_page(carl)
    draft(home, **HOSTILE)
    refused = {"email": f"<script>{MARK}</script>@example.org", "url": "javascript:alert(1)", "image": HTML}
    draft(home, **refused)
    button(home, "save_basics").click()
    for name, text in refused.items():
        expect(key(home, f"problem_basics_{name}")).to_contain_text("must be")
        expect(field(home, name)).to_have_value(text)
    _is_clean(home)
    draft(home, email=carl.email, url=HOSTILE["url"], image=HOSTILE["image"])
    draft(office, label="Analyst")
    save(office)
    save(home)  # with a conflict on the headline, so that its texts are on the pages of conflicts, too
    (conflict,) = product.conflicts(carl)
    button(home, f"apply_mine_{conflict.id}").click()
    for page in (home, office):
        for name, text in HOSTILE.items():
            _shows(value(page, name), text)
        _is_clean(page)
    button(home, "edit_basics").click()
    for name, text in HOSTILE.items():
        expect(field(home, name)).to_have_value(text)
    draft(home, city="London")
    product.save(carl, ada, summary=HTML * 3)
    expect(key(home, "incoming_basics")).to_contain_text(HTML * 3)
    _is_clean(home)
    shoot(office, "hostile-candidate")
    shoot(home, "hostile-profile")

    pages = {
        "/": "Dashboard",
        f"/candidate?id={carl.id}&view=History": "Compare two versions",
        f"/candidate?id={carl.id}&view=Conflicts": "Decided",
        "/candidates": "andidates",
        "/conflicts?conflict_status=All": "Kept aside",
        "/event_log": "Event log",
    }
    for path, words in pages.items():
        office.goto(product.address(ADMIN) + path)
        expect(office.locator("[data-testid=stMain]").get_by_text(words).first).to_be_visible()
        expect(office.locator("[data-testid=stSkeleton]")).to_have_count(0)
        _is_clean(office)
        shoot(office, f"hostile-{words.split()[0]}")
    for path in ("/", "/profile?view=History"):
        home.goto(product.address(USER) + path)
        expect(key(home, "account_menu")).to_contain_text(carl.name)
        expect(home.locator("[data-testid=stSkeleton]")).to_have_count(0)
        _is_clean(home)


def test_the_history_and_the_conflicts_show_texts_as_they_were_typed(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    base = product.profile(carl).version
    bridge = product.backend.bridge
    bridge.sync_user_data(carl.id, {"label": "Analyst"}, ADMIN, base_version=base, actor=ada.actor)
    bridge.sync_user_data(carl.id, {"label": HOSTILE["label"]}, USER, base_version=base, actor=carl.actor)
    (conflict,) = product.conflicts(carl)
    desk = visitors.visit(ada, ADMIN, "/conflicts")
    _shows_within(key(desk, f"conflict_{conflict.id}"), HOSTILE["label"])
    _is_clean(desk)
    home = visitors.profile_page(carl)
    _shows_within(key(home, f"conflict_{conflict.id}"), HOSTILE["label"])
    product.save(carl, ada, label=HOSTILE["label"], summary=HOSTILE["summary"])
    office = visitors.candidate_page(ada, carl, view="History")
    changes = key(office, "changes")
    _shows_within(changes, HOSTILE["label"])
    _shows_within(changes, HOSTILE["summary"])
    _is_clean(office)


def test_a_portal_s_first_page_is_found_by_its_name_too(product: Product, visitors: Visitors) -> None:
    for person, portal, name, heading in (
        (product.person("admin"), ADMIN, "/dashboard", "Dashboard"),
        (product.person("candidate"), USER, "/home", "Welcome"),
    ):
        page = visitors.visit(person, portal, name)
        expect(page.locator("h1")).to_contain_text(heading)
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert not page.url.endswith(name)


def test_on_a_phone_no_page_is_wider_than_the_screen(product: Product, visitors: Visitors) -> None:
    carl = _with_a_long_profile(product)
    page = visitors.visit(carl, USER, size=PHONE)
    expect(key(page, "profile_completeness")).to_be_visible()
    _fits(page, "phone-home")
    page.goto(product.address(USER) + "/profile?view=History")
    expect(key(page, "changes")).to_be_visible()
    _fits(page, "phone-history")
    page.goto(product.address(USER) + "/profile")
    expect(value(page, "name")).to_be_visible()
    _fits(page, "phone-profile")
    edit(page, label="Typed on a phone, with a headline that is longer than the screen of that phone is wide")
    expect(key(page, "save_status_profile")).to_contain_text("stored")
    draft(page, summary="W" * 300)
    product.save(carl, product.person("admin"), summary="M" * 300)
    expect(key(page, "incoming_basics")).to_be_visible()
    _fits(page, "phone-form")


def _shows(element: Any, text: str) -> None:
    """The element's text is this one, to the character."""
    expect(element).to_be_visible()
    until(lambda: INVISIBLE.sub("", element.text_content()) == text, f"not shown: {text}", page=element.page)


def _shows_within(element: Any, text: str) -> None:
    """The text stands in the element, to the character."""
    expect(element).to_be_visible()
    assert text in INVISIBLE.sub("", element.text_content())


def _is_clean(page: Page) -> None:
    """Nothing that was typed has become an element, or has run; dialogs are noticed by the visitors."""
    assert page.locator(f"#{MARK}, iframe[srcdoc*={MARK}], a[href^='javascript:']").count() == 0
    assert page.evaluate(f"typeof window.{MARK}") == "undefined"


def _fits(page: Page, name: str) -> None:
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
    shoot(page, name)
    wide = page.evaluate(
        """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
            .map((element) => [element.scrollWidth, element.clientWidth])"""
    )
    for scroll, client in wide:
        assert scroll <= client <= PHONE["width"], name


def _with_a_long_profile(product: Product) -> Person:
    carl = product.person("candidate", "Wolfeschlegelsteinhausenbergerdorff Llanfairpwllgwyngyllgogerychwyrndrobwll")
    basics = {
        "label": "Donaudampfschifffahrtsgesellschaftskapitänsanwärterbetreuungskoordinator",
        "url": "https://example.org/" + "a-very-long-address-without-a-place-to-break" * 6,
        "summary": "X" * 200 + " and words that can be broken, " * 20,
    }
    job = {"name": "Y" * 120, "position": "Z" * 120, "startDate": "2020-01", "highlights": ["H" * 200, "short"]}
    answer = product.backend.bridge.sync_user_data(
        carl.id, {"basics": basics, "work": [job], "skills": ["S" * 150, "SQL"]}, USER, actor=carl.actor
    )
    assert answer["success"], answer["error"]
    return carl
