"""Positions and their dates: no position is lost for how its dates are written."""

from __future__ import annotations

import pytest

from shared_backend.data_management.extraction.draft import Entry
from shared_backend.data_management.parse_here import parse_here

Told = tuple[str, str, str, str, str]


def work_of(text: str) -> list[Entry]:
    draft = parse_here(text.encode(), "cv.txt").draft
    assert draft is not None
    return draft.sections["work"]


def told(entry: Entry) -> Told:
    position, name, start, end, present = (
        entry[key].text if key in entry else "" for key in ("position", "name", "startDate", "endDate", "present")
    )
    return position, name, start, end, present


GERMAN = """Petra Huber
petra.huber@example.org
Kassel

BERUFSERFAHRUNG
{first}
- Visiten und Lehre
2012 - 2016 Assistenzärztin, Klinikum Fulda
- Notaufnahme

AUSBILDUNG
2005 - 2011 Medizin, Universität Marburg
"""
FRENCH = """Claire Petit
claire.petit@example.org
Lyon

EXPÉRIENCE PROFESSIONNELLE
{first}
- Audits
2015 - 2019 : Technicienne qualité, Danone, Lyon
- Contrôles

FORMATION
2015 : Diplôme d'ingénieur, INSA Lyon
"""
AMERICAN = """Nina Alvarez
nina.alvarez@example.org | Miami, FL

EXPERIENCE
{first}
• Settled 400 claims a year
Customer Service Rep | Progressive | Tampa, FL | 6/12 – 2/15
• Answered 80 calls daily

EDUCATION
AA, Miami Dade College, 5/2015
"""


@pytest.mark.parametrize(
    ("cv", "first", "expected"),
    [
        (
            GERMAN,
            "seit 01/2017 Krankenschwester, Klinikum Kassel",
            ("Krankenschwester", "Klinikum Kassel", "2017-01", "", "seit"),
        ),
        (
            FRENCH,
            "depuis 2019 : Ingénieure qualité, Michelin",
            ("Ingénieure qualité", "Michelin", "2019", "", "depuis"),
        ),
        (AMERICAN, "Claims Adjuster | GEICO | 3/15 – 4/19", ("Claims Adjuster", "GEICO", "2015-03", "2019-04", "")),
        (
            AMERICAN,
            "Claims Adjuster | GEICO | 01-03-2019 to 31-12-2020",
            ("Claims Adjuster", "GEICO", "2019-03-01", "2020-12-31", ""),
        ),
    ],
)
def test_a_position_is_read_however_its_dates_are_written(cv: str, first: str, expected: Told) -> None:
    work = work_of(cv.format(first=first))
    assert len(work) == 2
    found = told(work[0])
    assert found[:4] == expected[:4] and found[4].split(" ")[0] == expected[4]


def test_a_line_that_goes_on_in_lower_case_begins_no_position() -> None:
    wrapped = "I have led the team that settles claims\nsince 2016 the whole of Florida."
    work = work_of(AMERICAN.format(first=f"Claims Adjuster | GEICO | 2015 – 2019\n{wrapped}"))
    assert [told(one)[0] for one in work] == ["Claims Adjuster", "Customer Service Rep"]


OTHER = ("Technician", "Beta Ltd", "2015-01", "2019-04", "")


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("Engineer, Acme Ltd, 05/2019 – Actualmente", ("Engineer", "Acme Ltd", "2019-05", "", "Actualmente")),
        ("Engineer, Acme Ltd, 05/2019 – en poste", ("Engineer", "Acme Ltd", "2019-05", "", "en poste")),
        ("Engineer, Acme Ltd, 05/2019 – sekarang", ("Engineer", "Acme Ltd", "2019-05", "", "")),
        ("Engineer, Acme Ltd, 05/2019 – je tot nu", ("Engineer", "Acme Ltd", "2019-05", "", "")),
        ("Engineer, Acme Ltd (05/2019 -> XX)", ("Engineer", "Acme Ltd", "2019-05", "", "")),
        ("Engineer, Acme Ltd\n05/2019 – sekarang", ("Engineer", "Acme Ltd", "2019-05", "", "")),
        ("Engineer\t05/2019 – sekarang\nAcme Ltd", ("Engineer", "Acme Ltd", "2019-05", "", "")),
        ("Engineer, Acme Ltd\n05/2019 –\n06/2020", ("Engineer", "Acme Ltd", "2019-05", "2020-06", "")),
        ("Engineer, Acme Ltd\n05/2019 bis\nheute", ("Engineer", "Acme Ltd", "2019-05", "", "heute")),
        (
            "Position: Engineer\nCompany: Acme Ltd\nStart date: May 2019\nEnd date: June 2020",
            ("Engineer", "Acme Ltd", "2019-05", "2020-06", ""),
        ),
    ],
)
def test_a_neighbours_dates_are_not_taken_for_want_of_an_end(first: str, expected: Told) -> None:
    layout = "{}\t{}\n{}" if "\t" in first else "{0}, {2}\n{1}" if "\n" in first else "{0}, {2}, {1}"
    other = layout.format("Technician", "01/2015 – 04/2019", "Beta Ltd")
    work = work_of(
        f"Nina Alvarez\nnina.alvarez@example.org\n\nWork Experience\n{first}\n- Built pumps\n{other}\n- Mended pumps\n"
    )
    assert [told(one) for one in work] == [expected, OTHER]


@pytest.mark.parametrize(
    "first", ["2014 – Welder, Beta Ltd", "Welder, Beta Ltd, 2014 – Leeds", "Beta Ltd – 2014 – Welder"]
)
def test_a_name_behind_a_dash_is_no_end(first: str) -> None:
    work = work_of(f"Nina Alvarez\nnina.alvarez@example.org\n\nWork Experience\n{first}\n- Built pumps\n")
    assert [told(one) for one in work] == [("Welder", "Beta Ltd", "2014", "2014", "")]
