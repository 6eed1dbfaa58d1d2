"""Where sections begin, and what they are of."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.plain import document_of
from shared_backend.data_management.extraction.sections import sections_of


def kinds(text: str) -> list[tuple[str, list[str]]]:
    return [(one.kind, [line.text for line in one.lines]) for one in sections_of(document_of(text, "text"))]


@pytest.mark.parametrize(
    "heading",
    ["ACADEMIC APPOINTMENTS", "Academic positions", "HOSPITAL APPOINTMENTS", "TEACHING POSITIONS", "POSTS HELD"],
)
def test_appointments_positions_and_posts_are_work(heading: str) -> None:
    text = f"Ngozi Adeyemi\nLagos\n\n{heading}\n2016 - 2019 Lecturer, University of Ibadan\n\nEDUCATION\nPhD, 2015\n"
    assert [kind for kind, _ in kinds(text)] == ["basics", "work", "education"]
