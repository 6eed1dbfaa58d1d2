"""The life of a document, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from shared_backend.data_management.skill_linker import TaxonomyLinker
from shared_backend.identity.actor import Actor
from shared_backend.services.document_reader import DocumentReader
from shared_backend.utils.exception_handler import (
    IntelliCVError,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    StateConflict,
)
from tests.integration.documents.conftest import Office
from tests.support.documents import ADA, VERSION, TextReader, document
from tests.support.jobs import wait_until

SYSTEM = Actor.system()


def test_a_cv_becomes_a_profile_and_nothing_of_the_profile_is_lost(office: Office) -> None:
    ada = office.person()
    before = {
        "basics": {"phone": "+44 20 7946 0000", "label": "Poet"},
        "work": [{"id": "w1", "name": "ANALYTICAL  engines ltd", "position": "Programer", "summary": "Mine"}],
        "skills": [{"id": "s1", "name": "Chess"}],
    }
    assert office.backend.bridge.sync_user_data(ada.id, before, "user_portal", actor=ada)["success"]
    document_id = office.upload(ADA, ada)
    proposal = office.documents.proposal(document_id, actor=ada)
    assert {each.path for each in proposal.fields() if each.doubtful} == {"work.0.position"}
    assert proposal.find("basics.label").status == "differs"  # type: ignore[union-attr]

    office.documents.edit(document_id, "work.0.startDate", "1843", actor=ada)
    confirmed = office.documents.confirm(document_id, actor=ada, source="user_portal")
    profile = office.profile(ada)
    assert profile["basics"]["phone"] == "+44 20 7946 0000" and profile["basics"]["label"] == "Poet"
    assert profile["basics"]["location"] == {"city": "London"}
    (work,) = profile["work"]
    assert work == {
        "id": "w1",
        "name": "ANALYTICAL  engines ltd",
        "position": "Programer",
        "summary": "Mine",
        "startDate": "1843",
        "highlights": ["First program", "Notes on the engine"],
    }
    assert [each["name"] for each in profile["skills"]] == ["Chess", "Mathematics", "French"]
    assert profile["basics"]["profiles"][0]["username"] == "ada"
    head = office.backend.bridge.get("user_profile", ada.id, actor=SYSTEM)
    assert (head.updated_by, head.updated_source, head.version) == (ada.id, "user_portal", confirmed.version)
    (label,) = office.documents.corrections(document_id, actor=ada)
    assert (label["read"], label["right"], label["parser_version"], label["version"]) == ("1842-10", "1843", VERSION, 1)

    again = office.documents.confirm(document_id, actor=ada, source="user_portal")
    assert again.version == confirmed.version and office.profile(ada) == profile
    office.documents.edit(document_id, "work.0.startDate", "1844", actor=ada)
    office.documents.confirm(document_id, actor=ada, source="user_portal")
    assert [each["right"] for each in office.documents.corrections(document_id, actor=ada)] == ["1843", "1844"]


def test_a_confirmed_cv_that_is_corrected_and_confirmed_anew_doubles_nothing(office: Office) -> None:
    ada = office.person()
    document_id = office.upload(ADA, ada)
    office.documents.confirm(document_id, actor=ada, source="user_portal")
    before = office.profile(ada)
    office.documents.edit(document_id, "work.0.name", "Babbage & Co", actor=ada)
    office.documents.edit(document_id, "skills.1.name", "Latin", actor=ada)
    office.documents.confirm(document_id, actor=ada, source="user_portal")
    profile = office.profile(ada)
    assert [each["name"] for each in profile["work"]] == ["Babbage & Co"]
    assert [each["name"] for each in profile["skills"]] == ["Mathematics", "Latin"]
    assert profile["work"][0]["id"] == before["work"][0]["id"]

    # Read once more, it still is the same document.
    office.documents.edit(document_id, "work.0.name", "Babbage", actor=ada)
    office.documents.read_again(document_id, actor=ada, source="user_portal")
    office.documents.parse(document_id)
    office.documents.confirm(document_id, actor=ada, source="user_portal")
    assert office.profile(ada) == profile


def test_what_goes_on_is_counted_up_to_the_day_of_the_upload(office: Office) -> None:
    ada = office.person()
    document_id = office.upload(ADA, ada)
    assert office.reader.as_of == office.documents.get(document_id, actor=ada).created_at.date()
    text = b"Grace Mensah\ngrace@example.org\n\nEXPERIENCE\n2012 to present  Data Engineer, Acme Ltd\n- Ran it\n"
    reader = DocumentReader()
    try:
        months = [
            (reader.read(text, "cv.txt", as_of).draft or {})["experience"]["months"]
            for as_of in (None, date(2022, 12, 31))
        ]
    finally:
        reader.close()
    assert months == [1, 132]


def test_where_both_have_something_the_candidate_chooses(office: Office) -> None:
    ada = office.person()
    office.backend.bridge.sync_user_data(ada.id, {"basics": {"label": "Poet"}}, "user_portal", actor=ada)
    document_id = office.upload(ADA, ada)
    office.documents.choose(document_id, "basics.label", "cv", actor=ada)
    office.documents.leave_out(document_id, "skills.1", True, actor=ada)
    office.documents.confirm(document_id, actor=ada, source="user_portal")
    profile = office.profile(ada)
    assert profile["basics"]["label"] == "Analyst"
    assert [each["name"] for each in profile["skills"]] == ["Mathematics"]


def test_where_a_value_came_from_is_known_until_somebody_changes_it(office: Office) -> None:
    ada = office.person()
    document_id = office.upload(ADA, ada)
    office.documents.confirm(document_id, actor=ada, source="user_portal")
    sources = office.documents.sources(ada.id, actor=ada)
    assert sources["basics.label"].page == 1 and sources["basics.label"].document_id == document_id
    work_id = office.profile(ada)["work"][0]["id"]
    assert f"work[{work_id}].highlights" in sources
    changed = {"basics": {"label": "Countess"}}
    office.backend.bridge.sync_user_data(ada.id, changed, "user_portal", actor=ada)
    sources = office.documents.sources(ada.id, actor=ada)
    assert "basics.label" not in sources and "basics.location.city" in sources


def test_the_same_bytes_of_the_same_person_are_one_document(office: Office) -> None:
    ada, bob = office.person(), office.person(name="Bob")
    first = office.documents.upload(ADA, "a.txt", owner_id=ada.id, actor=ada, source="user_portal")
    second = office.documents.upload(ADA, "b.txt", owner_id=ada.id, actor=ada, source="user_portal")
    assert second.duplicate and second.document.id == first.document.id
    other = office.documents.upload(ADA, "a.txt", owner_id=bob.id, actor=bob, source="user_portal")
    assert not other.duplicate
    newer = office.documents.upload(ADA + b"\n", "a.txt", owner_id=ada.id, actor=ada, source="user_portal")
    assert (first.document.number, newer.document.number) == (1, 2)
    assert [each.number for each in office.documents.of_owner(ada.id, actor=ada)] == [2, 1]


@pytest.mark.parametrize(
    ("content", "error"), [(b"", InvalidInput), (b"MZ\x90", InvalidInput), (b"x" * 20_000_001, PayloadTooLarge)]
)
def test_what_is_no_document_is_refused_in_words_and_leaves_nothing(
    office: Office, content: bytes, error: type[IntelliCVError]
) -> None:
    ada = office.person()
    with pytest.raises(error):
        office.documents.upload(content, "cv.pdf", owner_id=ada.id, actor=ada, source="user_portal")
    assert office.documents.of_owner(ada.id, actor=ada) == []


@pytest.mark.parametrize("outcome", ["encrypted", "scanned", "no_cv"])
def test_what_can_t_be_read_says_so_and_can_be_tried_again(office: Office, outcome: str) -> None:
    ada = office.person()
    document_id = office.upload(document(outcome), ada)
    found = office.documents.get(document_id, actor=ada)
    assert (found.state, found.outcome) == ("failed", outcome) and found.words
    with pytest.raises(StateConflict):
        office.documents.confirm(document_id, actor=ada, source="user_portal")
    office.documents.read_again(document_id, actor=ada, source="user_portal")
    assert office.documents.get(document_id, actor=ada).state == "stored"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a\x00b\ud800.pdf",
        "\u202egpj.exe",
        "<img src=x onerror=alert(1)>.pdf",
        "x" * 5000,
        "",
        "C:\\cv.pdf",
    ],
)
def test_a_hostile_name_is_only_a_name(office: Office, name: str) -> None:
    ada = office.person()
    stored = office.documents.upload(ADA, name, owner_id=ada.id, actor=ada, source="user_portal").document
    assert stored.path == f"documents/{stored.id}" and len(stored.name) <= 255 and "\x00" not in stored.name
    assert "/" not in stored.name and stored.name


def test_a_value_that_can_t_be_stored_is_named_and_stops_the_confirmation(office: Office) -> None:
    ada = office.person()
    document_id = office.upload(ADA, ada)
    office.documents.edit(document_id, "work.0.startDate", "last spring", actor=ada)
    (wrong,) = office.documents.proposal(document_id, actor=ada).problems()
    assert wrong.path == "work.0.startDate" and "date" in wrong.problem
    with pytest.raises(InvalidInput):
        office.documents.confirm(document_id, actor=ada, source="user_portal")
    assert "work" not in office.profile(ada)


def test_the_job_reads_what_was_uploaded(office: Office) -> None:
    ada = office.person()
    stored = office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal").document
    runner = office.runner()
    runner.start()
    try:
        wait_until(lambda: office.documents.get(stored.id, actor=ada).state == "draft")
    finally:
        runner.stop()
    assert office.reader.read_count == 1


def test_everybody_reaches_what_is_theirs_alone(office: Office) -> None:
    ada, eve = office.person(), office.person(name="Eve")
    admin, analyst = office.person("admin", "Grace"), office.person("analyst", "Ann")
    mine = office.upload(ADA, ada)
    calls = [
        lambda who: office.documents.get(mine, actor=who),
        lambda who: office.documents.content(mine, actor=who),
        lambda who: office.documents.look(mine, 1, actor=who),
        lambda who: office.documents.proposal(mine, actor=who),
        lambda who: office.documents.corrections(mine, actor=who),
    ]
    changes = [
        lambda who: office.documents.edit(mine, "basics.name", "X", actor=who),
        lambda who: office.documents.choose(mine, "basics.name", "cv", actor=who),
        lambda who: office.documents.leave_out(mine, "skills.0", True, actor=who),
        lambda who: office.documents.confirm(mine, actor=who, source="user_portal"),
        lambda who: office.documents.read_again(mine, actor=who, source="user_portal"),
        lambda who: office.documents.delete(mine, actor=who, source="user_portal"),
    ]
    for call in (*calls, *changes):
        with pytest.raises(NotFound):
            call(eve)
    for call in calls:
        call(analyst)
        call(admin)
    for call in changes:
        with pytest.raises(PermissionDenied):
            call(analyst)
    for listing in (office.documents.of_owner, office.documents.sources):
        with pytest.raises(PermissionDenied):
            listing(ada.id, actor=eve)
        listing(ada.id, actor=analyst)
    for who in (eve, analyst):
        with pytest.raises(PermissionDenied):
            office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=who, source="user_portal")
    office.backend.people.lock(ada.id, "admin_portal", actor=admin)
    with pytest.raises(IntelliCVError):
        office.documents.get(mine, actor=ada)


def test_a_deleted_document_is_gone_and_the_profile_stays(office: Office) -> None:
    ada = office.person()
    document_id = office.upload(ADA, ada)
    office.documents.edit(document_id, "basics.label", "Countess", actor=ada)
    office.documents.confirm(document_id, actor=ada, source="user_portal")
    office.documents.delete(document_id, actor=ada, source="user_portal")
    assert office.documents.of_owner(ada.id, actor=ada) == []
    assert office.documents.sources(ada.id, actor=ada) == {}
    assert office.profile(ada)["basics"]["label"] == "Countess"
    with pytest.raises(NotFound):
        office.documents.content(document_id, actor=ada)
    assert not office.documents.upload(ADA, "cv.txt", owner_id=ada.id, actor=ada, source="user_portal").duplicate


def test_the_parser_ties_skills_to_the_datasets_in_use(office: Office) -> None:
    class Linking(TextReader):
        linker: Callable[[], Any] | None = None

    made = Linking()
    office.backend.parser.close()
    office.backend.parser._make = lambda: made
    assert office.documents._reader() is made and made.linker is not None
    assert made.linker() is office.backend.knowledge.current().view(TaxonomyLinker)
    assert {link.taxonomy for link in made.linker().links("Python")} == {"esco", "onet"}
