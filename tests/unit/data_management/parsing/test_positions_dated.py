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
