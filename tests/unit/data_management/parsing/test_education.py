"""Studies: which capitals are a degree, and what is said of one."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.plain import document_of
from shared_backend.data_management.extraction.education import education_entries
from shared_backend.data_management.extraction.lexicon import degrees_in


def studies(text: str) -> list[dict[str, str]]:
    keys = ("studyType", "area", "institution", "score", "startDate", "endDate")
    return [
        {key: entry[key].text for key in keys if key in entry}
        for entry in education_entries(list(document_of(text, "text").lines()))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "MS Office, MS Excel",
        "EDV: MS Office",
        "MS-Project",
        "MS Power BI",
        "MS Project certified",
        "MA license plumber",
    ],
)
def test_a_program_or_a_licence_is_no_degree(text: str) -> None:
    assert degrees_in(text) == [] and studies(text) == []


@pytest.mark.parametrize(
    "text", ["MA forklift ticket no. 123", "MA Forklift Ticket", "BS 7671 wiring regulations", "Senior class, BA"]
)
def test_two_capitals_alone_are_no_degree(text: str) -> None:
    assert studies(text) == []


@pytest.mark.parametrize(
    ("text", "degree", "area"),
    [
        ("MS Project Management, Boston College, 2012", "MS", "Project Management"),
        ("MA in Fine Print", "MA", "Fine Print"),
        ("BA Geography", "BA", "Geography"),
        ("BS Viticulture, 2011", "BS", "Viticulture"),
        ("MA Translation, University of Ghana", "MA", "Translation"),
        ("MS Robotics", "MS", "Robotics"),
        ("BA Licensed Conveyancing, 2012", "BA", "Licensed Conveyancing"),
        ("M.A. Germanistik, Universität Wien, 2012", "M.A.", "Germanistik"),
    ],
)
def test_two_capitals_with_a_field_a_school_or_a_date_are_a_degree(text: str, degree: str, area: str) -> None:
    [study] = studies(text)
    assert (study["studyType"], study["area"]) == (degree, area)


@pytest.mark.parametrize("school", ["State University of New York", "State College of Nursing"])
def test_a_state_university_is_where_the_degree_before_it_was_earned(school: str) -> None:
    for degree in ("BS", "MS"):
        assert studies(f"{degree} {school}, 2008") == [{"studyType": degree, "institution": school, "endDate": "2008"}]


def test_a_mark_is_no_school() -> None:
    [study] = studies("BSc Physics, Distinction, 2010")
    assert study == {"studyType": "BSc", "area": "Physics", "score": "Distinction", "endDate": "2010"}


def test_a_master_of_a_field_is_a_degree_and_a_position_is_none() -> None:
    [study] = studies("Master Communication, Université Lyon 2, 2010")
    assert (study["studyType"], study["institution"]) == ("Master", "Université Lyon 2")
    assert "studyType" not in str(studies("Master Technician, Oak College, 2010"))


def test_a_degree_of_an_unknown_field_is_kept_beside_others() -> None:
    found = studies("MS Robotics\nCarnegie Mellon\nBSc Physics, University of Leeds, 2010")
    assert [(study["studyType"], study["area"]) for study in found] == [("MS", "Robotics"), ("BSc", "Physics")]


def test_a_state_behind_an_american_town_is_no_degree() -> None:
    assert studies("Northeastern University, Boston, MA, 2014") == [
        {"institution": "Northeastern University", "endDate": "2014"}
    ]


@pytest.mark.parametrize(
    ("text", "area", "score"),
    [
        ("Diplom-Ingenieur (Note 1,9), Technische Universität Dresden, 2012", None, "1,9"),
        ("BSc (2:1) Physics, University of Leeds, 2010", "Physics", "2:1"),
        ("BA Economics 2:1, University of Leeds, 2015", "Economics", "2:1"),
        ("BSc Chemistry (First Class), University of Lagos, 2008", "Chemistry", "First Class"),
        ("Bachelor of Nursing (GPA 3.9), Monash University, 2012", None, "3.9"),
        ("Maîtrise (mention bien) en droit, Université Lyon 2, 2010", "droit", "mention bien"),
        ("Licenciatura (promedio 9,1) en Derecho, Universidad de Granada, 2010", "Derecho", "promedio 9,1"),
        ("BA (Media Studies), University of Ghana, 2012", "Media Studies", None),
        ("BSc, University of Leeds, Distinction, 2010", None, "Distinction"),
        ("BSc, University of Leeds, Upper second class, 2010", None, "Upper second class"),
        ("BSc Physics, upper second, University of Leeds", "Physics", "upper second"),
        ("BSc, Merit, University of Leeds, 2010", None, "Merit"),
        ("BSc Physics, University of Leeds, 2:1, 2010", "Physics", "2:1"),
        ("Master Communication, Université Lyon 2, mention bien", "Communication", "mention bien"),
    ],
)
def test_a_mark_is_no_field_of_study(text: str, area: str | None, score: str | None) -> None:
    [study] = studies(text)
    assert (study.get("area"), study.get("score")) == (area, score)
