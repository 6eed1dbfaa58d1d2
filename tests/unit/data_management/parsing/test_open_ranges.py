"""What goes on: how five languages say so, and a dash that nothing stands behind."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.document import Piece
from shared_backend.data_management.extraction.dates import find_ranges


@pytest.mark.parametrize(
    ("text", "start", "rest"),
    [
        ("09/2018 à ce jour : Fleuriste", "2018-09", " : Fleuriste"),
        ("2018 – jusqu'à présent, Lyon", "2018", ", Lyon"),
        ("Enero 2019 - a la fecha: Enfermera", "2019-01", ": Enfermera"),
        ("Marzo 2016 a la fecha", "2016-03", ""),
        ("2019 hasta la fecha", "2019", ""),
        ("2019 até à data", "2019", ""),
        ("2017 - até hoje", "2017", ""),
        ("2015 till present", "2015", ""),
        ("2015 - till present", "2015", ""),
        ("03/2014 - bis heute", "2014-03", ""),
    ],
)
def test_what_says_that_it_goes_on_is_part_of_the_range(text: str, start: str, rest: str) -> None:
    [found] = find_ranges(Piece(1, 0, text))
    assert found.start is not None and found.start.text == start and found.present is not None and not found.end
    assert text[found.piece.end :] == rest and found.present.text in text


@pytest.mark.parametrize("text", ["2020 -\tMarketing Manager", "2020-      Senior Lecturer", "2020 –", "(2020 - )"])
def test_a_dash_with_nothing_behind_it_in_its_cell_is_open(text: str) -> None:
    [found] = find_ranges(Piece(1, 0, text))
    assert found.start is not None and found.start.text == "2020" and found.end is None and not found.single


@pytest.mark.parametrize("text", ["2014\tWelder", "2014 - Welder", "2019 - data analyst", "2014, Dyer"])
def test_a_lone_date_is_no_open_range(text: str) -> None:
    [found] = find_ranges(Piece(1, 0, text))
    assert found.single and found.present is None


def test_a_range_over_cells_keeps_its_end() -> None:
    [found] = find_ranges(Piece(1, 0, "2016 -\t2020\tNurse"))
    assert found.end is not None and found.end.text == "2020"
