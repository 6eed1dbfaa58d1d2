"""The product on PostgreSQL: both directions, and two edits of one field."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.journeys.product import Product, running_product
from tests.browser.journeys.visitors import Visitors, button, draft, edit, key, save, value
from tests.support.postgres import PostgresServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture(scope="module")
def product(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """In the place of the one on SQLite."""
    name = postgres_server.create()
    with running_product(tmp_path_factory.mktemp("product"), postgres_server.url(name)) as running:
        yield running
    postgres_server.drop(name)


def test_both_portals_are_in_lockstep_on_postgresql(product: Product, visitors: Visitors) -> None:
    assert product.backend.database.dialect == "postgresql"
    ada, carl = product.person("admin"), product.person("candidate")
    office, home = visitors.candidate_page(ada, carl), visitors.profile_page(carl)
    edit(office, label="Analyst of engines")
    expect(value(home, "label")).to_have_text("Analyst of engines")
    expect(key(office, "save_status_profile")).to_contain_text("Shown in the user portal after")
    edit(home, phone="+1 555 0100")
    expect(value(office, "phone")).to_have_text("+1 555 0100")
    expect(key(home, "save_status_profile")).to_contain_text("Shown in the admin portal after")

    draft(home, label="Poet")
    draft(office, label="Analyst")
    save(office)
    expect(key(home, "incoming_basics")).to_be_visible()
    save(home)
    for page in (office, home):
        expect(value(page, "label")).to_have_text("Analyst")
    (conflict,) = product.conflicts(carl)
    button(home, f"apply_mine_{conflict.id}").click()
    for page in (office, home):
        expect(value(page, "label")).to_have_text("Poet")
