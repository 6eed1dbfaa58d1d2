"""Whose CV it is: names of many countries, and what is none."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.documents.plain import lines_of
from shared_backend.data_management.extraction.person import name_of
from shared_backend.data_management.parse_here import parse_here
from tests.support.cv import docx


def named(top: str, email: str = "") -> str:
    found = name_of(lines_of(top, 1), email)
    return found.text if found else ""


@pytest.mark.parametrize(
    ("line", "email", "name"),
    [
        ("Nomvula Dlamini", "nomvula@example.org", "Nomvula Dlamini"),
        ("Nomsa Khumalo", "", "Nomsa Khumalo"),
        ("Nombre: Carlos Ruiz Vega", "", "Carlos Ruiz Vega"),
        ("Nom : Claire Petit", "", "Claire Petit"),
        ("Nome completo: Inês Moreira", "", "Inês Moreira"),
        ("Name: Katharina Vogt", "", "Katharina Vogt"),
        ("JOHN A. SMITH", "jsmith@example.org", "JOHN A. SMITH"),
        ("John I. Carter", "john.carter@example.org", "John I. Carter"),
        ("Ellie Page", "ellie.page@example.org", "Ellie Page"),
        ("Diane Lane", "dlane@example.org", "Diane Lane"),
        ("Dawn French", "", "Dawn French"),
        ("Jane West", "", "Jane West"),
        ("Mr John Smith", "", "John Smith"),
        ("Frau Petra Huber", "", "Petra Huber"),
        ("Dr. med. Katharina Vogt", "", "Dr. med. Katharina Vogt"),
        ("Prof. Dr. rer. nat. Jörg Müller", "joerg.mueller@example.org", "Prof. Dr. rer. nat. Jörg Müller"),
        ("Dipl.-Ing. Peter Huber", "", "Dipl.-Ing. Peter Huber"),
    ],
)
def test_a_name_is_read_whole(line: str, email: str, name: str) -> None:
    assert named(f"{line}\nLeeds\n+44 20 7946 0958", email) == name


@pytest.mark.parametrize(
    "line",
    ["A Reliable Worker", "12 Park Lane", "Home Page", "Curriculum Vitae", "Page Of", "Contact Details", "West Street"],
)
def test_what_is_no_name_is_none(line: str) -> None:
    assert named(f"{line}\n+44 20 7946 0958") == ""


def test_a_street_below_the_name_is_not_it() -> None:
    assert named("Rosa Lind\nMaple Lane\nLeeds") == "Rosa Lind"
    assert named("+44 20 7946 0958\nMaple Lane\nLeeds", "maple@example.org") == ""


def test_the_largest_letters_name_the_person_also_beside_a_sidebar() -> None:
    def paragraph(text: str, half_points: int = 22) -> str:
        look = f'<w:rPr><w:sz w:val="{half_points}"/></w:rPr>'
        return f"<w:p><w:r>{look}<w:t>{text}</w:t></w:r></w:p>"

    side = ["CONTACT", "Lisbon, Portugal", "ines@example.org", "SKILLS", "Photoshop", "InDesign", "LANGUAGES"]
    main = ["EXPERIENCE", "Senior Designer, Atelier Lda", "Jan 2020 - Present", "Designer, Casa Lda", "2016 - 2019"]
    body = "".join(map(paragraph, [*side, "Portuguese (native)"]))
    body += paragraph("Inês Moreira", 48) + "".join(map(paragraph, main))
    draft = parse_here(docx(body), "cv.docx").draft
    assert draft is not None and draft.basics["name"].text == "Inês Moreira"


def test_a_name_says_where_it_stands() -> None:
    found = name_of([Line(2, 40, "Nombre: Carlos Ruiz")], "")
    assert found is not None
    (span,) = found.spans
    assert (span.page, span.start, span.end) == (2, 48, 59) and Piece(2, 48, "Carlos Ruiz").end == 59
