"""Where sections begin, and what they are of."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.errors import Outcome
from shared_backend.data_management.documents.plain import document_of
from shared_backend.data_management.extraction.sections import sections_of
from shared_backend.data_management.parse_here import parse_here


def kinds(text: str) -> list[tuple[str, list[str]]]:
    return [(one.kind, [line.text for line in one.lines]) for one in sections_of(document_of(text, "text"))]


@pytest.mark.parametrize(
    "heading",
    ["ACADEMIC APPOINTMENTS", "Academic positions", "HOSPITAL APPOINTMENTS", "TEACHING POSITIONS", "POSTS HELD"],
)
def test_appointments_positions_and_posts_are_work(heading: str) -> None:
    text = f"Ngozi Adeyemi\nLagos\n\n{heading}\n2016 - 2019 Lecturer, University of Ibadan\n\nEDUCATION\nPhD, 2015\n"
    assert [kind for kind, _ in kinds(text)] == ["basics", "work", "education"]


CAPITALS = """Faith Wanjiru
Nairobi, Kenya

EXPERIENCE

OTIENO & COMPANY
Associate (2014 - 2019)
Drafted contracts

KAMAU WEKESA
Clerk (2010 - 2014)

BAR ADMISSIONS
High Court of Kenya, 2014

BOARD MEMBERSHIPS
Board Member, Nairobi Library, 2019 - Present

EDUCATION
LL.B., University of Nairobi, 2010
"""


def test_unknown_headings_in_capitals_end_a_section_of_a_text_without_sizes() -> None:
    found = kinds(CAPITALS)
    assert [kind for kind, _ in found] == ["basics", "work", "other", "other", "education"]
    assert found[2][1] == ["High Court of Kenya, 2014"]


def test_an_employer_in_capitals_is_no_heading() -> None:
    work = kinds(CAPITALS)[1][1]
    assert "OTIENO & COMPANY" in work and "KAMAU WEKESA" in work


def test_a_heading_of_no_known_word_ends_a_section_where_no_entry_stands_below() -> None:
    text = f"{CAPITALS}\nRIGHT TO WORK\nKenyan citizen\nFree at once\n\nSKILLS\nDrafting, 2010 - 2019\n"
    assert [kind for kind, _ in kinds(text)] == ["basics", "work", "other", "other", "education", "other", "skills"]


@pytest.mark.parametrize(
    ("heading", "name", "below", "kind"),
    [
        ("EXPERIENCE", "WEKESA HALL", "Nairobi, Kenya\nSales Associate\n2015 - 2018", "work"),
        ("EXPERIENCE", "WEKESA HALL", "Nairobi, Kenya\nSold shoes, hats and gloves", "work"),
        ("EXPERIENCE", "KEY RESULTS", "- Hats\n- Shoes\n- Gloves\n- Bags\n\nClerk, Wekesa, 2010 - 2014", "work"),
        ("EDUCATION", "STRATHMORE", "Nairobi, Kenya\n\nHistory and politics\n2010", "education"),
        ("EDUCATION", "STRATHMORE", "Nairobi, Kenya\nBachelor of Arts in History", "education"),
        ("PROJECTS", "TWIGA", "A search engine for court records", "projects"),
    ],
)
def test_the_name_of_an_entry_in_capitals_is_no_heading(heading: str, name: str, below: str, kind: str) -> None:
    text = f"Faith Wanjiru\nNairobi, Kenya\n\n{heading}\n\n{name}\n{below}\n\nSKILLS\nDrafting\n"
    found = kinds(text)
    assert [kind for kind, _ in found] == ["basics", kind, "skills"]
    assert found[1][1][0] == name


def test_a_job_below_an_employer_in_capitals_is_read() -> None:
    text = """Faith Wanjiru
faith@example.org

WORK EXPERIENCE

WEKESA HALL
Nairobi, Kenya
Sales Associate
2015 - 2018

EDUCATION

STRATHMORE
Nairobi, Kenya
Bachelor of Arts in History
2010
"""
    draft = parse_here(text.encode(), "cv.txt").draft
    assert draft is not None
    [job], [study] = draft.sections["work"], draft.sections["education"]
    assert (job["name"].text, job["position"].text, job["startDate"].text) == ("WEKESA HALL", "Sales Associate", "2015")
    assert (study["institution"].text, study["endDate"].text) == ("STRATHMORE", "2010")


def test_capitals_are_no_headings_where_the_known_ones_look_otherwise() -> None:
    text = CAPITALS.replace("EXPERIENCE", "Experience").replace("EDUCATION", "Education")
    assert [kind for kind, _ in kinds(text)] == ["basics", "work", "education"]


WORK = "Data Engineer, Acme Ltd  2012 - 2015\n- Ran the pipelines\n"


def test_work_is_a_heading_and_the_label_of_a_number_is_none() -> None:
    text = f"Grace Mensah\ngrace@example.org\nWork: +44 20 7946 0958\n\nWork\n{WORK}\nSchool\nLeeds Grammar\n"
    found = kinds(text)
    assert found[0] == ("basics", ["Grace Mensah", "grace@example.org", "Work: +44 20 7946 0958"])
    assert [kind for kind, _ in found][1] == "work"
    result = parse_here(text.encode(), "cv.txt")
    assert result.ok and result.draft is not None
    assert [entry["position"].text for entry in result.draft.sections["work"]] == ["Data Engineer"]


@pytest.mark.parametrize("top", ["RESUME\nGrace Mensah\n", "Grace Mensah\n\nRésumé\n"])
def test_what_a_document_is_called_heads_no_summary(top: str) -> None:
    text = f"{top}12 Hill Street, Leeds\ngrace@example.org\n+44 20 7946 0958\n\nEXPERIENCE\n{WORK}"
    assert kinds(text)[0] == (
        "basics", ["Grace Mensah", "12 Hill Street, Leeds", "grace@example.org", "+44 20 7946 0958"],
    )  # fmt: skip
    said = "Ingénieure, dix ans de données et de ce qu'elles coûtent."
    assert kinds(f"Grace Mensah\ngrace@example.org\n\nRÉSUMÉ\n{said}\n\nEXPERIENCE\n{WORK}")[1] == ("summary", [said])


def test_a_cv_in_a_language_that_is_not_read_is_told_so() -> None:
    text = """Giulia Ferri
Milano

ESPERIENZA LAVORATIVA
2015 - 2019  Ingegnere, responsabile della gestione della produzione e dei fornitori
ISTRUZIONE
2010 - 2015 Laurea in ingegneria, Politecnico di Milano
"""
    result = parse_here(text.encode(), "cv.txt")
    assert result.outcome == Outcome.NO_CV and "in Italian" in result.message and "English, German" in result.message
    assert (
        "seems"
        not in parse_here(b"To whom it may concern: the office is closed today, and opens again on Monday.").message
    )
