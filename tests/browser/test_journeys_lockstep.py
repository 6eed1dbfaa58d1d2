"""Both directions of lockstep, conflicts and drafts, in the whole product."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.journeys.product import Product
from tests.browser.journeys.screenshots import shoot
from tests.browser.journeys.visitors import ADMIN, Visitors, button, draft, edit, field, key, save, value

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_edit_stands_on_the_other_portal_and_its_writer_sees_that(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    office, home = visitors.candidate_page(ada, carl), visitors.profile_page(carl)

    edit(office, label="Analyst of engines")
    expect(value(home, "label")).to_have_text("Analyst of engines")
    status = key(office, "save_status_profile")
    expect(status).to_contain_text(re.compile(r"Version 2 stored in [\d,]+ ms"))
    expect(status).to_contain_text(re.compile(r"Seen by the user portal after [\d,]+ ms"))
    expect(status).to_contain_text(re.compile(r"Shown in the user portal after [\d,]+ m?s, on one screen"))
    shoot(office, "saved-by-admin")

    edit(home, label="Programmer of engines", phone="+44 20 7946 0000")
    expect(value(office, "label")).to_have_text("Programmer of engines")
    expect(value(office, "phone")).to_have_text("+44 20 7946 0000")
    status = key(home, "save_status_profile")
    expect(status).to_contain_text(re.compile(r"Seen by the admin portal after [\d,]+ ms"))
    expect(status).to_contain_text(re.compile(r"Shown in the admin portal after [\d,]+ m?s, on one screen"))
    shoot(home, "saved-by-candidate")


def test_edits_of_different_fields_merge(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    office, home = visitors.candidate_page(ada, carl), visitors.profile_page(carl)
    draft(home, phone="+1 555 0100")
    draft(office, label="Analyst")
    save(office)
    save(home)
    for page in (office, home):
        expect(value(page, "label")).to_have_text("Analyst")
        expect(value(page, "phone")).to_have_text("+1 555 0100")
    assert product.conflicts(carl, status=None) == []


def test_of_two_edits_of_one_field_the_admin_s_stands_and_the_other_is_kept(
    product: Product, visitors: Visitors
) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    office, home = visitors.candidate_page(ada, carl), visitors.profile_page(carl)
    draft(home, label="Poet")
    draft(office, label="Analyst")
    save(office)
    expect(key(home, "incoming_basics")).to_be_visible()
    save(home)
    for page in (office, home):
        expect(value(page, "label")).to_have_text("Analyst")
    expect(key(home, "save_conflict")).to_contain_text("what you typed was kept aside")
    (conflict,) = product.conflicts(carl)
    expect(key(home, f"conflict_{conflict.id}")).to_contain_text("Poet")
    shoot(home, "conflict-of-candidate")

    desk = visitors.visit(ada, ADMIN, "/conflicts")
    expect(key(desk, f"conflict_{conflict.id}")).to_contain_text("Analyst")
    expect(key(desk, f"conflict_{conflict.id}")).to_contain_text("Poet")
    shoot(desk, "conflicts")
    button(desk, f"apply_{conflict.id}").click()
    for page in (office, home):
        expect(value(page, "label")).to_have_text("Poet")
    expect(key(desk, f"conflict_{conflict.id}")).to_have_count(0)
    expect(key(home, f"conflict_{conflict.id}")).to_have_count(0)
    assert [each.status for each in product.conflicts(carl, status=None)] == ["applied"]


def test_the_admin_s_edit_stands_also_when_it_comes_second(product: Product, visitors: Visitors) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    office, home = visitors.candidate_page(ada, carl), visitors.profile_page(carl)
    draft(office, label="Analyst")
    draft(home, label="Poet")
    save(home)
    expect(key(office, "incoming_basics")).to_be_visible()
    save(office)
    for page in (office, home):
        expect(value(page, "label")).to_have_text("Analyst")
    (conflict,) = product.conflicts(carl)
    expect(key(home, f"conflict_{conflict.id}")).to_contain_text("Poet")
    # The candidate's own word on it: they bring theirs back from their own page.
    button(home, f"apply_mine_{conflict.id}").click()
    for page in (office, home):
        expect(value(page, "label")).to_have_text("Poet")
    assert product.conflicts(carl) == []


@pytest.mark.parametrize(
    ("answer", "label", "city"),
    [("keep_mine", "Poet", ""), ("take_theirs", "Analyst", "London"), ("merge", "Poet", "London")],
)
def test_a_draft_is_kept_while_the_other_side_saves(
    product: Product, visitors: Visitors, answer: str, label: str, city: str
) -> None:
    ada, carl = product.person("admin"), product.person("candidate")
    home = visitors.profile_page(carl)
    draft(home, label="Poet")
    product.save(carl, ada, label="Analyst", location={"city": "London"})
    panel = key(home, "incoming_basics")
    expect(panel).to_contain_text("Analyst")
    expect(panel).to_contain_text("London")
    expect(field(home, "label")).to_have_value("Poet")
    expect(field(home, "city")).to_have_value("")
    shoot(home, f"draft-{answer}")
    button(home, f"{answer}_basics").click()
    expect(panel).to_have_count(0)
    expect(field(home, "label")).to_have_value(label)
    expect(field(home, "city")).to_have_value(city)
    save(home)
    basics = product.basics(carl)
    assert (basics["label"], basics.get("location", {}).get("city", "")) == (label, city)
    assert product.conflicts(carl, status=None) == []
    expect(value(home, "label")).to_have_text(label)
