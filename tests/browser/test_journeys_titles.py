"""The company's own titles: from an administrator's form to the candidate's open page, and back off it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys.product import Person, Product
from tests.browser.journeys.screenshots import shoot
from tests.browser.journeys.visitors import ADMIN, USER, Visitors, button, key

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def holds(product: Product, candidate: Person, position: str) -> None:
    """What the candidate does now, by a save of somebody else's."""
    work = [{"id": "now", "name": "Acme", "position": position, "startDate": "2024-02"}]
    answer = product.backend.bridge.sync_user_data(candidate.id, {"work": work}, "script")
    assert answer["success"], answer


def choose_occupation(page: Page, words: str, title: str) -> None:
    """Types into the list of occupations and takes the one of that title."""
    key(page, "alias_code").locator("input").click()
    key(page, "alias_code").locator("input").fill(words)
    page.get_by_role("option", name=re.compile(f"^{re.escape(title)} · ")).click()


def test_an_alias_stands_on_the_candidate_s_open_page_without_a_reload(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    title = f"Happiness Wizard {carl.name.rpartition(' ')[2]}th"
    holds(product, carl, f"Senior {title}")
    home = visitors.profile_page(carl)
    told = key(home, "title_meaning")
    expect(told).to_contain_text("we can't say")
    home.evaluate("window.notReloaded = true")

    desk = visitors.visit(ada, ADMIN, f"/job_titles?title={title.replace(' ', '%20')}")
    expect(key(desk, "title_unknown")).to_contain_text("is not known")
    shoot(desk, "title-unknown")
    desk.get_by_role("link", name="Say what your company means by it").click()
    expect(key(desk, "alias_title").locator("input")).to_have_value(title)
    choose_occupation(desk, "customer serv", "Customer Service Representatives")
    button(desk, "save_alias").click()

    expect(told).to_contain_text("as your company's title: Customer Service Representatives")
    expect(key(desk, "save_status_alias")).to_contain_text(re.compile(r"Version 1 stored in [\d,]+ ms"))
    expect(key(desk, "save_status_alias")).to_contain_text(re.compile(r"Shown in the user portal after [\d,]+ m?s"))
    shoot(desk, "alias-saved")
    shoot(home, "alias-on-profile")

    choose_occupation(desk, "software dev", "Software Developers")
    button(desk, "save_alias").click()
    expect(told).to_contain_text("Software Developers")

    listed = visitors.visit(ada, ADMIN, f"/job_titles?view=Aliases&alias_search={title.replace(' ', '%20')}")
    listed.get_by_role("button", name="Remove alias").click()
    expect(told).to_contain_text("we can't say")
    button(listed, "undo_alias").click()
    expect(told).to_contain_text("Software Developers")
    assert home.evaluate("window.notReloaded") is True


def test_a_new_position_is_understood_at_once(product: Product, visitors: Visitors) -> None:
    carl = product.person("candidate")
    home = visitors.visit(carl, USER, "/")
    expect(key(home, "profile_completeness")).to_be_visible()
    expect(key(home, "title_meaning")).to_have_count(0)
    home.evaluate("window.notReloaded = true")
    holds(product, carl, "Registered Nurse")
    expect(key(home, "title_meaning")).to_contain_text("Registered Nurses")
    holds(product, carl, "Teacher")
    expect(key(home, "title_meaning")).to_contain_text("is ambiguous. It may be")
    assert home.evaluate("window.notReloaded") is True
