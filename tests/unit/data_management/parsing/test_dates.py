"""Dates as they are written, with the precision that they have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.dates import find_ranges, ranges_of


def told(text: str) -> list[tuple[str | None, str | None, str | None]]:
    found = find_ranges(Piece(1, 0, text))
    return [(one.start and one.start.text, one.end and one.end.text, one.present and one.present.text) for one in found]


@pytest.mark.parametrize(
    ("text", "start", "end", "present"),
    [
        ("June 2023 – present", "2023-06", None, "present"),
        ("05/2017 to 07/2017", "2017-05", "2017-07", None),
        ("2014 - 2016", "2014", "2016", None),
        ("1979-92", "1979", "1992", None),
        ("2016/09 - now", "2016-09", None, "now"),
        ("May – August 2016", "2016-05", "2016-08", None),
        ("März 2015 bis heute", "2015-03", None, "heute"),
        ("01.2015 – 03.2016", "2015-01", "2016-03", None),
        ("de janvier 2014 à mars 2015", "2014-01", "2015-03", None),
        ("enero de 2014 - actualidad", "2014-01", None, "actualidad"),
        ("setembro de 2018 - atual", "2018-09", None, "atual"),
        ("12 March 2015", "2015-03-12", None, None),
        ("Since 2000", "2000", None, "Since 2000"),
        ("2009 -", "2009", None, None),
        ("3/15 – 4/19", "2015-03", "2019-04", None),
        ("4/19 - present", "2019-04", None, "present"),
        ("12/14 to 3/15", "2014-12", "2015-03", None),
        ("01-03-2019 to 31-12-2020", "2019-03-01", "2020-12-31", None),
        ("06/03/2018 - 06/30/2023", "2018-06-03", "2023-06-30", None),
        ("1er mars 2019 au 3 mai 2020", "2019-03-01", "2020-05-03", None),
        # Which of the two is the month, nobody knows.
        ("03/04/2015", "2015", None, None),
        ("01-03-2019", "2019", None, None),
    ],
)
def test_a_range_is_read(text: str, start: str, end: str | None, present: str | None) -> None:
    assert told(text) == [(start, end, present)]


@pytest.mark.parametrize(
    "text",
    [
        "2,015 users",
        "+49 123 345 2010",
        "1515 Stanley Drive",
        "US Patent 11,234,567",
        "$2015",
        "3/15",
        "raised it from 3/10 to 8/10",
    ],
)
def test_a_number_is_no_date(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("Staff Nurse, Ward 23    Sept 2014", "2014-09"),
        ("Civil Servant, Grade 7\tMarch 2018", "2018-03"),
        ("Civil Servant, Grade 7 March 2018", "2018-03"),
        ("Oberärztin, Station 4 Mai 2016", "2016-05"),
        ("Enfermera, Planta 3 enero de 2017", "2017-01"),
        ("Staff Nurse, 23 Sept 2014", "2014-09-23"),
        ("Joined on 23 Sept 2014", "2014-09-23"),
        ("vom 3. Mai 2016", "2016-05-03"),
        ("12 de março de 2019", "2019-03-12"),
        ("Nurse – 1st of June 2015", "2015-06-01"),
    ],
)
def test_a_number_of_what_stands_before_is_no_day(text: str, start: str) -> None:
    assert [one[0] for one in told(text)] == [start]


def test_a_number_that_is_no_day_stays_with_its_word() -> None:
    (found,) = find_ranges(Piece(1, 0, "Grade 7 March 2018 - May 2019"))
    assert found.piece.text == "March 2018 - May 2019" and found.end is not None and found.end.text == "2019-05"


def test_no_day_is_taken_over_a_cells_edge() -> None:
    ward = Line(1, 0, "Ward 23 Sept 2014", cells=(Piece(1, 0, "Ward 23"), Piece(1, 8, "Sept 2014")))
    day = Line(1, 0, "Ward 23 Sept 2014", cells=(Piece(1, 0, "Ward"), Piece(1, 5, "23 Sept 2014")))
    assert [one.start.text for line in (ward, day) for one in ranges_of(line) if one.start] == ["2014-09", "2014-09-23"]


@given(st.text(max_size=60))
def test_each_date_stands_where_it_says(text: str) -> None:
    for one in find_ranges(Piece(1, 7, text)):
        assert text[one.piece.start - 7 : one.piece.end - 7] == one.piece.text
        assert one.start is None or str(one.start.year)[2:] in one.piece.text


@given(st.integers(1950, 2049))
def test_a_year_alone_gets_no_month(year: int) -> None:
    assert told(f"{year}") == [(str(year), None, None)]
