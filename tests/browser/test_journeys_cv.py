"""A CV from the file to the open page of an administrator, with the product's own parser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from shared_backend.config.backend_config import project_root
from tests.browser.journeys.product import Product
from tests.browser.journeys.screenshots import shoot
from tests.browser.journeys.visitors import ADMIN, USER, Visitors, button, key
from tests.support.missing import missing

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DATA = project_root().parent / "shared/data/cv"


def cv(theme: str) -> Path:
    """One of the nine renderings of the same CV."""
    path = DATA / f"rendercv/rendercv__rendercv__examples_John_Doe_{theme}Theme_CV.pdf"
    if not path.is_file():
        missing("the folder of real CVs, ../shared/data/cv/rendercv, is missing")
    return path


def test_a_cv_is_uploaded_corrected_confirmed_and_arrives_on_the_administrator_s_open_page(
    product: Product, visitors: Visitors
) -> None:
    ada, john = product.person("admin"), product.person("candidate", "John Doe")
    office = visitors.candidate_page(ada, john)
    home = visitors.visit(john, USER)
    button(home, "cv_step").click()
    picker = key(home, "cv_file_1").locator("input[type=file]")
    picker.set_input_files(cv("Moderncv"))
    expect(button(home, "confirm_cv")).to_be_visible()
    expect(key(home, "cv_document").locator("img")).to_be_visible()
    shoot(home, "cv-read")

    button(home, "cv_field_work-0-position").click()
    field = key(home, "cv_value_work-0-position").locator("input")
    expect(field).to_have_value("Co-Founder & CTO")
    expect(key(home, "cv_document")).to_contain_text("marked in the document")
    field.fill("Chief technology officer")
    field.press("Enter")
    expect(key(home, "cv_editor_work-0-position")).to_contain_text("you corrected it")
    shoot(home, "cv-corrected")
    button(home, "confirm_cv").click()
    expect(key(home, "cv_confirm_bar")).to_contain_text("This CV is in your profile")

    # The administrator's page was open all the while, and nobody touched it.
    expect(key(office, "section_work")).to_contain_text("Chief technology officer")
    expect(key(office, "section_work")).to_contain_text("Nexus AI")
    expect(key(office, "section_work")).to_contain_text(re.compile(r"rom the CV of .+, page 1"))
    shoot(office, "cv-arrived")
    assert any(each["position"] == "Chief technology officer" for each in product.profile(john).data["work"])


def test_an_intake_is_read_and_given_to_somebody(product: Product, visitors: Visitors) -> None:
    ada = product.person("admin")
    page = visitors.visit(ada, ADMIN, "/cv_intake")
    key(page, "intake_files_1").locator("input[type=file]").set_input_files([cv("Classic"), cv("Sb2nov")])
    button(page, "intake_upload").click()
    expect(key(page, "intake_progress")).to_contain_text("2 of 2 files")
    expect(key(page, "intake_file_1")).to_contain_text("Read")
    shoot(page, "intake-read")
    button(page, "intake_assign_0").click()
    button(page, "intake_invite_0").click()
    expect(key(page, "intake_invitation_link")).to_contain_text("#link=")
    shoot(page, "intake-invited")
