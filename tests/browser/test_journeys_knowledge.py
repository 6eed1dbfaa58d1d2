"""A release from an administrator's desk to a candidate's open page and back, and files that are taken meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shared_backend.identity.actor import Actor
from tests.browser.journeys.product import Product, until
from tests.browser.journeys.screenshots import shoot
from tests.browser.journeys.visitors import ADMIN, USER, Visitors, button, key
from tests.support.knowledge import industries_release

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHIPPED, MADE_UP = "LinkedIn v2 of 2026-01-21", "LinkedIn v2 of 2031-03-31"
SOURCE = "LinkedIn industry codes v2, NAICS 2022 and ISIC Rev. 4"


@pytest.fixture(autouse=True)
def _shipped_again(product: Product) -> Iterator[None]:
    yield
    product.backend.knowledge.use("shipped", source="industries", actor=Actor.system())


def begin_import(page: Page, files: list[Path]) -> None:
    """By the dialog, with files of this desk."""
    button(page, "import_release").click()
    key(page, "import_source").locator("input").click()
    page.get_by_role("option", name=SOURCE).click()
    key(page, "import_files_1").locator("input[type=file]").set_input_files(files)
    expect(button(page, "begin_import")).to_be_enabled()
    button(page, "begin_import").click()
    expect(button(page, "begin_import")).to_have_count(0)


def test_a_release_is_imported_reaches_the_other_portal_and_is_taken_back(
    product: Product, visitors: Visitors, tmp_path: Path
) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    sources = visitors.visit(carl, USER, "/sources")
    told = key(sources, "source_industries")
    expect(told).to_contain_text(SHIPPED)
    sources.evaluate("window.notReloaded = true")
    desk = visitors.visit(ada, ADMIN, "/data_sources")
    files = sorted(industries_release(tmp_path / "release", date="2031-03-31").iterdir())
    begin_import(desk, files[:1])
    expect(desk.get_by_text("The release can't be used. Nothing was changed.")).to_be_visible(timeout=60_000)
    expect(desk.get_by_text("is missing in what was uploaded").first).to_be_visible()
    shoot(desk, "knowledge-refused")
    begin_import(desk, files)
    expect(key(desk, "source_industries")).to_contain_text(MADE_UP, timeout=60_000)
    expect(told).to_contain_text(MADE_UP)
    key(desk, "source_industries").get_by_role("link").filter(visible=True).click()
    expect(desk).to_have_url(f"{product.address(ADMIN)}/data_sources?source=industries")
    imported, shipped = (
        next(each.manifest.version for each in product.backend.knowledge.versions("industries") if each.shipped is way)
        for way in (False, True)
    )
    button(desk, f"use_version_{shipped}").click()
    button(desk, "confirm_use_version").click()
    expect(told).to_contain_text(SHIPPED)
    expect(key(desk, f"version_{shipped}")).to_contain_text("In use")
    button(desk, f"remove_version_{imported}").click()
    shoot(desk, "knowledge-remove")
    button(desk, "confirm_remove_version").click()
    expect(key(desk, f"version_{imported}")).to_have_count(0)
    assert sources.evaluate("window.notReloaded") is True


@pytest.mark.parametrize("address", ["/job_titles?code=15-1252.00", "/job_titles?view=Browse", "/skills?find=python"])
def test_an_open_page_of_occupations_or_skills_follows_a_switch(
    product: Product, visitors: Visitors, address: str
) -> None:
    desk = visitors.visit(product.person("analyst"), ADMIN, address)
    said = desk.get_by_text("O*NET 30.1").or_(desk.get_by_text("Software Developers")).or_(desk.get_by_text("Python"))
    expect(said.first).to_be_visible()
    desk.wait_for_function("() => window.__intellicvLive?.client?.greeted && window.__intellicvLive.regions.size > 0")
    desk.evaluate("window.notReloaded = true")
    draws = "() => Math.max(...[...window.__intellicvLive.regions.values()].map((region) => region.data.drawn))"
    before = desk.evaluate(draws)
    product.backend.knowledge.use("shipped", source="onet", actor=Actor.system())
    # The region that notices is drawn, and then the page with it; and then it rests.
    until(lambda: desk.evaluate(draws) >= before + 2, "the page was not run again", page=desk)
    expect(said.first).to_be_visible()
    after = desk.evaluate(draws)
    desk.wait_for_timeout(1_500)
    assert desk.evaluate(draws) == after
    assert desk.evaluate("window.notReloaded") is True


def test_a_file_is_saved_though_its_list_is_redrawn_between_the_presses(product: Product, visitors: Visitors) -> None:
    desk = visitors.visit(product.person("admin"), ADMIN, "/data_sources")
    button(desk, "export_versions").click()
    save = button(desk, "ready_export_versions")
    expect(save).to_be_visible()
    for _time in range(5):
        product.backend.knowledge.use("shipped", source="onet", actor=Actor.system())
    with desk.expect_download() as waiting:
        save.click()
    assert waiting.value.suggested_filename == "data-sources.csv"
    assert "O*NET database" in Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    expect(button(desk, "export_versions")).to_be_visible()


def test_an_industry_is_found_and_its_address_leads_back_to_it(product: Product, visitors: Visitors) -> None:
    desk = visitors.visit(product.person("analyst"), ADMIN, "/industries")
    key(desk, "industry_search").locator("input").fill("software publ")
    key(desk, "industry_naics_5132").get_by_role("link").filter(visible=True).click()
    expect(key(desk, "industry_head")).to_contain_text("Software Publishers")
    key(desk, "industry_naics_51321").get_by_role("link").filter(visible=True).click()
    expect(desk).to_have_url(f"{product.address(ADMIN)}/industry?id=naics%3A51321")
    desk.reload()
    expect(key(desk, "industry_crumbs")).to_contain_text("Publishing Industries")
    shoot(desk, "knowledge-industry")


def test_a_candidate_takes_the_profile_away_as_a_pdf(product: Product, visitors: Visitors) -> None:
    carl = product.person("candidate")
    page = visitors.visit(carl, USER, "/profile")
    button(page, "take_away").click()
    button(page, "take_pdf").click()
    with page.expect_download() as waiting:
        button(page, "ready_take_pdf").click()
    assert waiting.value.suggested_filename == "profile.pdf"
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF-")
