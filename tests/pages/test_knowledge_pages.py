"""Industries and data sources: what each role sees of them and does to them, and how files are taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from admin_portal import industry_list
from shared_backend.identity.actor import Actor
from shared_backend.services.industries import IndustryPeople
from shared_backend.services.knowledge_desk import KnowledgeDesk
from tests.pages.conftest import Company, words
from tests.support.jobs import QUICK, SYSTEM, wait_until
from tests.support.knowledge import files_of, industries_release

HOSTILE = "<img src=x> [First](javascript:alert(1)) **Bank** $x$"


@pytest.fixture
def admin(company: Callable[[str], Company]) -> Company:
    return company("admin_portal")


def said(app: AppTest) -> str:
    return words(app).replace("\\", "").replace("\u2068", "").replace("\u2069", "")


def keys(app: AppTest) -> set[str]:
    return {str(each.key) for each in (*app.button, *app.get("download_button"))}


def links(app: AppTest) -> list[str]:
    return [each.proto.page + "?" + each.proto.query_string for each in app.get("page_link")]


def work(admin: Company) -> None:
    """A worker in this process ends every import."""
    runner = admin.backend.jobs.runner(pace=QUICK)
    runner.start()
    try:
        desk = KnowledgeDesk(admin.backend)
        wait_until(lambda: all(not each.job.is_open for each in desk.imports(actor=SYSTEM)))
    finally:
        runner.stop()


def imported(admin: Company, tmp_path: Path, *, use: bool = True) -> str:
    desk = KnowledgeDesk(admin.backend)
    files = files_of(industries_release(tmp_path / "release"))
    desk.import_upload("industries", files, use=use, actor=admin.actor("admin"), source_portal="admin_portal")
    work(admin)
    return desk.versions("industries", actor=SYSTEM)[0].manifest.version


def employed(admin: Company, email: str, *jobs: dict[str, Any]) -> None:
    account = admin.account("candidate", email)
    done = admin.bridge.sync_user_data(account.id, {"work": list(jobs)}, "script", actor=Actor.system())
    assert done["success"], done


# Industries


def test_the_tree_is_shown_by_system_and_searched(admin: Company) -> None:
    app = admin.open("industries", "analyst")
    assert "2,125" in said(app) and "NAICS 2022" in said(app)
    app.button_group(key="industry_system").set_value("linkedin").run()
    assert "434" in said(app)
    app.text_input(key="industry_search").set_value("software").run()
    assert not app.exception and "found" in said(app)
    app.text_input(key="industry_search").set_value("zzzz").run()
    assert "No industry matches" in said(app)


def test_an_industry_has_its_place_its_figures_and_its_sources(admin: Company) -> None:
    app = admin.open("industry", "analyst", id="naics:5132")
    told = said(app)
    assert not app.exception
    assert "Software Publishers" in told and "All of the sector Information" in told.replace("**", "")
    assert "NAICS 2022" in told and "U.S. Bureau of Labor Statistics" in told and "Version" in told
    assert any(each.value == "$92,030" for each in app.metric)


@pytest.mark.parametrize("given", ["naics:999", "<b>", "linkedin:", "x" * 3_000])
def test_an_address_of_no_industry_says_so(admin: Company, given: str) -> None:
    app = admin.open("industry", "analyst", id=given)
    assert not app.exception and "There is no such industry" in said(app)
    assert "No industry is chosen" in said(admin.open("industry", "analyst"))


def test_candidates_are_counted_by_their_employers_names(admin: Company) -> None:
    employed(
        admin,
        "one@example.org",
        {"name": "First National Bank", "position": "Teller", "startDate": "2020"},
        {"name": "Savings Bank of Nowhere", "position": "Clerk", "startDate": "2010", "endDate": "2012"},
    )
    employed(admin, "two@example.org", {"name": "First National Bank", "startDate": "2001", "endDate": "2003"})
    employed(admin, "three@example.org", {"name": "Globex", "startDate": "2001"})
    people = admin.backend.industries.people(actor=SYSTEM)
    finance = people.by_industry["naics:52"]
    assert (finance.now, finance.ever) == (1, 2)
    assert finance.employers[0] == ("First National Bank", 2)
    assert (people.profiles, people.employers, people.told) == (3, 3, 2)
    app = admin.open("industry", "analyst", id="naics:52")
    assert [each.value for each in app.metric][:2] == ["1 candidate", "2 candidates"]
    assert "2 of 3 employers in 3 profiles" in said(app)
    # A profile that changes is counted anew; one that is deleted is not counted.
    employed(admin, "two@example.org", {"name": "First National Bank", "startDate": "2001"})
    assert admin.backend.industries.people(actor=SYSTEM).by_industry["naics:52"].now == 2
    admin.bridge.delete("user_profile", admin.account("candidate", "two@example.org").id, source="script", actor=SYSTEM)
    assert admin.backend.industries.people(actor=SYSTEM).by_industry["naics:52"].ever == 1


def test_hostile_names_of_employers_are_only_text(admin: Company) -> None:
    employed(admin, "one@example.org", {"name": HOSTILE, "startDate": "2020"})
    app = admin.open("industry", "analyst", id="naics:52")
    marked = " ".join(str(each.value) for each in app.markdown)
    assert "Bank" in marked and " <img" not in marked and "](javascript" not in marked


def test_nothing_is_counted_where_nothing_is_told() -> None:
    from shared_backend.services.industries import PeopleCount

    assert "once there are profiles" in industry_list.basis_words(PeopleCount(0, 0, 0, {}))
    assert "names an employer" in industry_list.basis_words(PeopleCount(3, 0, 0, {"a": IndustryPeople()}))


# Data sources


def test_what_is_shipped_is_listed_with_licence_and_checksum(admin: Company) -> None:
    app = admin.open("data_sources", "analyst")
    told = said(app)
    assert "5 sources" in told and "CC BY 4.0" in told and "comes with this release" in told
    assert "import_release" not in keys(app)
    app = admin.open("data_sources", "analyst", source="onet")
    assert "O*NET 30.1" in said(app) and any(len(each.value) == 64 for each in app.code)
    assert not {key for key in keys(app) if key.startswith(("use_version", "remove_version"))}
    assert "There is no such source" in said(admin.open("data_sources", "analyst", source="<b>"))


def test_a_release_is_imported_and_shown_in_use(admin: Company, tmp_path: Path) -> None:
    app = admin.open("data_sources", "admin")
    app.button(key="import_release").click().run()
    app.selectbox(key="import_source").set_value("industries").run()
    assert app.button(key="begin_import").disabled
    uploader = app.file_uploader(key="import_files_1")
    for name, content in files_of(industries_release(tmp_path / "release")):
        uploader.upload(name, content, "application/json")
    uploader.run()
    app.button(key="begin_import").click().run()
    assert not app.exception
    work(admin)
    told = said(admin.open("data_sources", "admin"))
    assert "6 versions in all" in told and "imported just now by The admin" in told
    told = said(admin.open("data_sources", "admin", data_view="Imports"))
    assert "is stored and was put in use" in told and "3 files uploaded" in told


def test_a_refused_release_says_what_is_wrong_and_changed_nothing(admin: Company, tmp_path: Path) -> None:
    files = files_of(industries_release(tmp_path / "release"))[:1]
    desk = KnowledgeDesk(admin.backend)
    desk.import_upload("industries", files, use=True, actor=admin.actor("admin"), source_portal="admin_portal")
    work(admin)
    app = admin.open("data_sources", "admin")
    told = said(app)
    assert "Nothing was changed" in told and "naics" in told and "5 versions in all" in told
    assert not {key for key in keys(app) if key.startswith("retry_job")}, "the same files are refused again"


def test_a_version_is_put_in_use_compared_and_removed(admin: Company, tmp_path: Path) -> None:
    version = imported(admin, tmp_path, use=False)
    app = admin.open("data_sources", "owner", source="industries")
    assert "linkedin" in " ".join(each.label for each in app.expander)
    app.button(key=f"use_version_{version}").click().run()
    assert "comes from it with the next question" in said(app)
    app.button(key="cancel_version").click().run()
    assert not admin.backend.knowledge.version(version).in_use
    app.button(key=f"use_version_{version}").click().run()
    app.button(key="confirm_use_version").click().run()
    assert not app.exception and admin.backend.knowledge.version(version).in_use
    shipped = next(each for each in admin.backend.knowledge.versions("industries") if each.shipped).manifest.version
    app = admin.open("data_sources", "owner", source="industries")
    assert f"remove_version_{version}" not in keys(app), "what is in use is not removed"
    app.button(key=f"use_version_{shipped}").click().run()
    app.button(key="confirm_use_version").click().run()
    app = admin.open("data_sources", "owner", source="industries")
    app.button(key=f"remove_version_{version}").click().run()
    app.button(key="confirm_remove_version").click().run()
    assert not app.exception
    assert [each.manifest.version for each in admin.backend.knowledge.versions("industries")] == [shipped]


def test_whoever_has_lost_the_right_since_the_dialog_opened_switches_nothing(admin: Company, tmp_path: Path) -> None:
    version = imported(admin, tmp_path, use=False)
    app = admin.open("data_sources", "admin", source="industries")
    app.button(key=f"use_version_{version}").click().run()
    admin.backend.people.set_role(admin.account("admin").id, "analyst", "script", actor=Actor.system())
    app.button(key="confirm_use_version").click().run()
    assert not admin.backend.knowledge.version(version).in_use


def test_attributions_are_shown_to_everybody(company: Callable[[str], Company]) -> None:
    running = company("user_portal")
    told = said(running.open("sources", "candidate"))
    assert "O*NET® is a trademark" in told and "This service uses the ESCO classification" in told
    assert "Postings to 2026-08-14" in told


def test_attributions_are_in_the_admin_portal_too(admin: Company) -> None:
    assert "O*NET® is a trademark" in said(admin.open("data_sources", "analyst", data_view="Attributions"))


# Taking files


def test_a_file_is_made_at_the_press_by_whoever_presses(admin: Company) -> None:
    app = admin.open("data_sources", "admin")
    assert "ready_export_versions" not in keys(app)
    admin.backend.people.set_role(admin.account("admin").id, "analyst", "script", actor=Actor.system())
    app.button(key="export_versions").click().run()
    assert not app.exception and "ready_export_versions" in keys(app) and "export_versions" not in keys(app)
    # A redraw does not change the address of what waits to be saved.
    url = app.get("download_button")[0].proto.url
    assert url and app.run().get("download_button")[0].proto.url == url


def test_a_press_after_signing_out_makes_nothing(admin: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared_backend.portal_ui import session

    app = admin.open("data_sources", "admin")
    monkeypatch.setattr(session, "read_session_token", lambda _portal: None)
    app.button(key="export_versions").click().run()
    assert not app.get("download_button")


def test_another_filter_makes_the_file_anew(admin: Company) -> None:
    app = admin.open("candidates", "admin")
    app.button(key="export_candidates").click().run()
    assert "ready_export_candidates" in keys(app)
    app.text_input(key="search").set_value("ada").run()
    assert "export_candidates" in keys(app) and "ready_export_candidates" not in keys(app)
