"""What journeys share: the running product, Chromium, and people at their browsers."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.journeys.product import Product, running_product
from tests.browser.journeys.screenshots import shoot_failure
from tests.browser.journeys.visitors import Contexts, Visitors
from tests.support.missing import missing


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product on SQLite, started once for all journeys; each brings people of its own."""
    with running_product(tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, once a module: two of Playwright's loops can't run at once."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        missing("Chromium is missing")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=arguments)
        expect.set_options(timeout=45_000)  # a busy machine is no failure
        yield launched
        expect.set_options(timeout=5_000)
        launched.close()


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Contexts:
    """Browsers that one test after the other uses."""
    return Contexts(browser)


@pytest.fixture
def visitors(request: pytest.FixtureRequest, contexts: Contexts, product: Product) -> Iterator[Visitors]:
    """Tabs. A page that raised an error, a dialog, or a line of complaint in the product's log fails the test."""
    place = product.log_size()
    opened = Visitors(contexts, product)
    yield opened
    if request.node.stash.get(_FAILED, False):
        pictures = shoot_failure(request.node.name, opened.pages)
        request.node.add_report_section("teardown", "tabs", "\n".join(map(str, pictures)))
        request.node.add_report_section("teardown", "the product's log", product.log_tail())
    opened.close()
    assert opened.problems == []
    assert product.complaints(since=place) == []


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        item.stash[_FAILED] = True
    return report
