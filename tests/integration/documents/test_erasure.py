"""After a person (or a document) is deleted, a search of everything finds nothing but the tombstone."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

import pytest
from sqlalchemy import select

from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from shared_backend.database.tables import Table
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services.erasure import Erasure
from shared_backend.services.intake import IntakeDesk
from shared_backend.utils.exception_handler import InvalidInput, NotFound, PermissionDenied
from tests.integration.documents.conftest import Office
from tests.support.documents import document
from tests.support.jobs import wait_until
from user_portal.lockstep_monitor import monitor

NAME, EMAIL, SECRET = "Zenobia Quillfeather", "zenobia.quill@example.org", "Xylograph-Institute-77"
CV = document(
    f"basics.name: {NAME}",
    f"basics.email: {EMAIL}",
    f"work.0.name: {SECRET}",
    "work.0.position: ?Printer",
    f"skills.0.name: {SECRET} craft",
)


def needles(*texts: str) -> list[bytes]:
    """A text as it may be written down: plain, in UTF-16, and in base64 at each of its three offsets."""
    found = []
    for text in texts:
        raw = text.encode()
        found += [raw, raw.lower(), text.encode("utf-16-le")]
        found += [base64.b64encode(b"\0" * at + raw)[4:-4] for at in range(3)]
    return found


def found_in_database(database: Database, *texts: str) -> list[str]:
    """Table and column of each value, of any type, in which one of the texts stands."""
    wanted = [text.casefold() for text in texts]
    found = []
    with database.read() as connection:
        for table in Table.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                for column, value in row._mapping.items():
                    plain = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
                    if any(text in plain.casefold() for text in wanted):
                        found.append(f"{table.name}.{column}: {plain[:80]}")
    return found


def found_in_files(folders: list[Path], *texts: str) -> list[str]:
    wanted = needles(*texts)
    return [
        str(path)
        for folder in folders
        for path in ([folder] if folder.is_file() else folder.rglob("*"))
        if path.is_file() and any(each in path.read_bytes() for each in wanted)
    ]


def run_jobs(office: Office) -> None:
    runner = office.runner()
    runner.start()
    try:
        wait_until(lambda: not office.backend.jobs.counts(actor=Actor.system())["waiting"])
        wait_until(lambda: not office.backend.jobs.counts(actor=Actor.system())["running"])
    finally:
        runner.stop()


def places(settings: Settings, tmp_path: Path) -> list[Path]:
    """All files under var, and the database's own wherever it is."""
    return [settings.var_dir, *tmp_path.glob("test.db*")]


def test_an_erased_person_is_nowhere(
    office: Office,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    people, documents, bridge = office.backend.people, office.documents, office.backend.bridge
    grace = office.person("admin", "Grace")
    people.invite(EMAIL, NAME, "candidate", "admin_portal", actor=grace)
    account = people.find(EMAIL, actor=grace)
    assert account is not None
    owner = account.id
    # Through intake, as a duplicate too, and given by the address in it.
    desk = IntakeDesk(office.backend)
    intake_id = desk.open_upload("Autumn", actor=grace, source="admin_portal")
    for _ in range(2):
        desk.add_file(intake_id, f"{NAME} {SECRET}.txt", CV, actor=grace, source="admin_portal")
    desk.begin(intake_id, actor=grace, source="admin_portal")
    run_jobs(office)
    assert desk.assign_by_email(intake_id, actor=grace, source="admin_portal") == (1, 0)
    (first,) = documents.of_owner(owner, actor=grace)
    documents.edit(first.id, "work.0.position", f"{SECRET} master", actor=grace)
    documents.confirm(first.id, actor=grace, source="admin_portal")
    # Their own edits, a conflict, and a second version that is still a draft.
    office.person("candidate", "Eve")
    me = Actor(owner, Role.CANDIDATE, NAME)
    with office.backend.database.write() as uow:
        from shared_backend.identity import accounts

        accounts.change(uow.connection, owner, status=accounts.Status.ACTIVE)
    base = bridge.get("user_profile", owner, actor=grace).version
    bridge.sync_user_data(owner, {"basics": {"label": SECRET}}, "user_portal", base_version=base, actor=me)
    bridge.sync_user_data(owner, {"basics": {"label": "Printer"}}, "admin_portal", base_version=base, actor=grace)
    second = documents.upload(CV + b"\nmore", f"{NAME}.pdf", owner_id=owner, actor=me, source="user_portal")
    documents.upload(b"%PDF " + CV, f"{NAME}.pdf", owner_id=owner, actor=me, source="user_portal")
    documents.parse(second.document.id)
    people.set_role(owner, "candidate", "admin_portal", actor=grace)
    assert found_in_database(office.backend.database, NAME, EMAIL, SECRET), "or the search finds nothing at all"
    assert found_in_files(places(settings, tmp_path), SECRET)

    with pytest.raises(InvalidInput):
        Erasure(office.backend).erase(owner, confirmation="somebody@else.org", actor=me, source="user_portal")
    erased = Erasure(office.backend).erase(owner, confirmation=EMAIL, actor=me, source="user_portal")
    assert (erased.documents, erased.had_profile) == (3, True)
    run_jobs(office)

    assert found_in_database(office.backend.database, NAME, EMAIL, SECRET) == []
    office.backend.cloud.close()
    assert found_in_files(places(settings, tmp_path), NAME, EMAIL, SECRET) == []
    said = "\n".join((caplog.text, *capfd.readouterr())).casefold()
    assert "bridge.saved" in said and not any(text.casefold() in said for text in (NAME, EMAIL, SECRET))
    with office.backend.database.read() as connection:
        heads = connection.execute(
            select(Table.metadata.tables["entity_head"]).where(
                Table.metadata.tables["entity_head"].c.entity_id == owner
            )
        ).all()
    assert len(heads) == 1 and heads[0].deleted and heads[0].data == {}
    with pytest.raises(NotFound):
        Erasure(office.backend).erase(owner, confirmation=EMAIL, actor=grace, source="admin_portal")
    report = monitor(settings, portals=False)
    assert [check.words for check in report.checks if not check.ok] == []


def test_a_deleted_document_is_nowhere(office: Office, settings: Settings, tmp_path: Path) -> None:
    ada = office.person(email="ada@example.org")
    document_id = office.upload(document(f"work.0.name: ?{SECRET}", "basics.label: Analyst"), ada, f"{SECRET}.txt")
    office.documents.edit(document_id, "work.0.name", f"{SECRET} Ltd", actor=ada)
    office.documents.leave_out(document_id, "work.0", True, actor=ada)
    office.documents.confirm(document_id, actor=ada, source="user_portal")
    office.documents.delete(document_id, actor=ada, source="user_portal")
    office.backend.database.compact()
    assert found_in_database(office.backend.database, SECRET) == []
    assert found_in_files(places(settings, tmp_path), SECRET) == []


def test_nobody_erases_anybody_else_but_who_manages_people(office: Office) -> None:
    ada, eve = office.person(email="ada@example.org"), office.person(name="Eve")
    analyst, admin = office.person("analyst"), office.person("admin", email="boss@example.org")
    for who in (eve, analyst):
        with pytest.raises(PermissionDenied):
            Erasure(office.backend).erase(ada.id, confirmation="ada@example.org", actor=who, source="user_portal")
    with pytest.raises(InvalidInput):
        Erasure(office.backend).erase(admin.id, confirmation="boss@example.org", actor=admin, source="admin_portal")
    Erasure(office.backend).erase(ada.id, confirmation="ADA@example.org ", actor=admin, source="admin_portal")
    assert office.backend.people.find("ada@example.org", actor=admin) is None
