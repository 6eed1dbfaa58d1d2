"""What a page says twice about a document, as it does when an input goes from it."""

from __future__ import annotations

from tests.integration.documents.conftest import Office
from tests.support.documents import ADA


def test_what_was_said_before_makes_no_draft_of_a_confirmed_cv(office: Office) -> None:
    ada = office.person()
    document_id = office.upload(ADA, ada)
    documents = office.documents

    def say() -> None:
        documents.edit(document_id, "work.0.name", "Babbage & Co", actor=ada)
        documents.check(document_id, "work.0.position", actor=ada)
        documents.check(document_id, "work.0.startDate", actor=ada)
        documents.leave_out(document_id, "skills.0", True, actor=ada)
        documents.leave_out(document_id, "skills.1", True, actor=ada)

    say()
    documents.confirm(document_id, actor=ada, source="user_portal")
    say()
    assert documents.get(document_id, actor=ada).state == "confirmed"
    documents.edit(document_id, "work.0.name", "Babbage", actor=ada)
    assert documents.get(document_id, actor=ada).state == "draft"
