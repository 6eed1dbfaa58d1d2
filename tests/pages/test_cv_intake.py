"""CV intake as administrators and analysts see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared_backend.services.intake import IntakeDesk
from shared_backend.services.intake_store import IntakeFilter
from tests.pages.conftest import Company, words
from tests.support.documents import ADA, TextReader, document
from tests.support.jobs import QUICK, SYSTEM, wait_until


@pytest.fixture
def admin(company: Callable[[str], Company]) -> Company:
    """The admin portal, whose parser reads what a test writes."""
    running = company("admin_portal")
    reader = TextReader()
    running.backend.parser._make = lambda: reader
    return running


def read(admin: Company) -> str:
    """All that waits is read, by a worker in this process; answers the newest intake."""
    desk = IntakeDesk(admin.backend)
    intake = desk.intakes(actor=SYSTEM)[0]
    runner = admin.backend.jobs.runner(pace=QUICK)
    runner.start()
    try:
        wait_until(lambda: all(not job.is_open for job in desk.progress(intake.id, actor=SYSTEM).jobs))
    finally:
        runner.stop()
    return intake.id


def taken_in(admin: Company, *contents: bytes) -> str:
    desk, actor = IntakeDesk(admin.backend), admin.actor("admin")
    intake_id = desk.open_upload("Autumn", actor=actor, source="admin_portal")
    for number, content in enumerate(contents):
        desk.add_file(intake_id, f"<b>{number}*.txt", content, actor=actor, source="admin_portal")
    desk.begin(intake_id, actor=actor, source="admin_portal")
    return read(admin)


def test_files_are_uploaded_read_and_their_outcomes_shown(admin: Company) -> None:
    app = admin.open("cv_intake", "admin")
    assert "Nothing was taken in yet" in words(app)
    uploader = app.file_uploader(key="intake_files_1")
    for name, content in (("a.txt", ADA), ("b.txt", ADA), ("c.txt", document("encrypted"))):
        uploader.upload(name, content, "text/plain")
    uploader.run()
    app.button(key="intake_upload").click().run()
    assert not app.exception
    read(admin)
    app = admin.open("cv_intake", "admin")
    said = words(app)
    assert [each.value for each in app.metric] == ["1", "1", "1", "0"]
    assert "protected by a password" in said.replace("\\", "") and "very same file" in said


def test_what_failed_is_tried_again_and_a_waiting_intake_is_paused(admin: Company) -> None:
    taken_in(admin, document("scanned"))
    app = admin.open("cv_intake", "admin")
    app.button(key="intake_retry").click().run()
    assert not app.exception
    app = admin.open("cv_intake", "admin")
    app.button(key="intake_pause").click().run()
    assert app.button(key="intake_resume")
    app.button(key="intake_resume").click().run()
    app.button(key="intake_cancel").click().run()
    assert app.button(key="intake_retry").label == "Try 1 again"


def test_documents_are_given_by_address_by_invitation_and_by_hand(admin: Company) -> None:
    admin.account("candidate", "ada@example.org", "Ada")
    admin.account("candidate", "eve@example.org", "Eve")
    bob, third = document("basics.name: Bob", "basics.email: bob@example.org"), document("basics.name: Third")
    intake_id = taken_in(admin, ADA, bob, third)
    app = admin.open("cv_intake", "admin")
    assert "<b>" not in words(app).replace("\\<b\\>", "")
    app.button(key="intake_give_0").click().run()
    app.button(key="intake_invite_1").click().run()
    assert any("#link=" in each.value for each in app.code)
    app.text_input(key="intake_email_2").set_value("nobody@example.org").run()
    app.button(key="intake_by_hand_2").click().run()
    assert "No candidate has this e-mail address" in words(app).replace("\\", "")
    app.text_input(key="intake_email_2").set_value("eve@example.org").run()
    app.button(key="intake_by_hand_2").click().run()
    assert not app.exception
    files, _ = IntakeDesk(admin.backend).files(intake_id, IntakeFilter(), actor=SYSTEM)
    owners = [file.owner_id for file in files]
    assert owners[0] == admin.account("candidate", "ada@example.org").id
    assert owners[2] == admin.account("candidate", "eve@example.org").id and owners[1] not in (None, *owners[::2])


def test_an_analyst_looks_and_changes_nothing(admin: Company) -> None:
    taken_in(admin, ADA)
    app = admin.open("cv_intake", "analyst")
    keys = {each.key for each in app.button}
    assert not app.exception and not keys & {"intake_upload", "intake_assign_all", "intake_give_0", "intake_invite_0"}


def test_without_allowed_folders_the_page_says_who_allows_them(admin: Company) -> None:
    assert "INTAKE" in words(admin.open("cv_intake", "admin"))


@pytest.mark.parametrize(("asked", "shown"), [("failed", 1), ("read", 2), ("unassigned", 2), ("nonsense", 3)])
def test_the_address_says_which_files_are_shown(admin: Company, asked: str, shown: int) -> None:
    taken_in(admin, ADA, document("scanned"), document("basics.name: Bob"))
    app = admin.open("cv_intake", "admin", intake_show=asked)
    assert app.pills(key="intake_show").value == (asked if asked != "nonsense" else None)
    assert sum(1 for number in range(3) if f"{number}\\*" in words(app)) == shown


def test_the_filter_writes_its_state_into_the_address(admin: Company) -> None:
    taken_in(admin, ADA, document("scanned"))
    app = admin.open("cv_intake", "admin")
    app.pills(key="intake_show").set_value("failed").run()
    assert app.query_params["intake_show"] in ("failed", ["failed"])
    app.pills(key="intake_show").set_value(None).run()
    assert "intake_show" not in app.query_params
