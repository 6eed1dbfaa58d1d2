"""What goes on: how five languages say so, and a dash that nothing stands behind."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.dates import find_ranges, ranges_of


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
        ("05/2019 – Actualmente", "2019-05", ""),
        ("2019 - Atualidade", "2019", ""),
        ("2019 – en curso", "2019", ""),
        ("2019 – en poste", "2019", ""),
        ("2019 - zur Zeit", "2019", ""),
        ("2019 – nowadays", "2019", ""),
        ("2019, ongoing", "2019", ""),
        ("2019 (ongoing)", "2019", ")"),
        ("2019 - (present)", "2019", ")"),
        ("2019 -> today", "2019", ""),
        ("Start: 05/2019 End: present", "2019-05", ""),
    ],
)
def test_what_says_that_it_goes_on_is_part_of_the_range(text: str, start: str, rest: str) -> None:
    [found] = find_ranges(Piece(1, 0, text))
    assert found.start is not None and found.start.text == start and found.present is not None and not found.end
    assert text[found.piece.end :] == rest and found.present.text in text


@pytest.mark.parametrize(
    "text", ["2020 -\tMarketing Manager", "2020-      Senior Lecturer", "2020 –", "(2020 - )", "2020 ->", "2020+"]
)
def test_a_dash_with_nothing_behind_it_in_its_cell_is_open(text: str) -> None:
    [found] = find_ranges(Piece(1, 0, text))
    assert found.start is not None and found.start.text == "2020" and found.end is None and not found.single


@pytest.mark.parametrize(
    "text", ["2014\tWelder", "2014 - Welder", "2019 - data analyst", "2014, Dyer", "2014, Current Accounts Clerk"]
)
def test_a_lone_date_is_no_open_range(text: str) -> None:
    [found] = find_ranges(Piece(1, 0, text))
    assert found.single and found.present is None and not found.begins


@pytest.mark.parametrize(
    "text",
    ["From 2019", "von 2019", "Start date: 2019", "Beginn: 2019", "Joined 2019", "Started in 2019", "Début : 2019"],
)
def test_a_date_that_is_said_to_be_a_beginning_is_no_end(text: str) -> None:
    [found] = find_ranges(Piece(1, 0, text))
    assert found.piece.text == text and list(found.fields(single="endDate")) == ["startDate"]


@pytest.mark.parametrize("text", ["From 2019 to 2020", "Start date: 2019, end date: 2020", "Start: 2019 End: 2020"])
def test_a_beginning_with_an_end_is_a_range(text: str) -> None:
    [found] = find_ranges(Piece(1, 0, text))
    assert found.end is not None and found.end.text == "2020" and found.piece.text == text


def cells(*texts: str) -> Line:
    starts = [sum(len(text) + 1 for text in texts[:number]) for number in range(len(texts))]
    pieces = tuple(Piece(1, start, text) for start, text in zip(starts, texts, strict=True))
    return Line(1, 0, "\t".join(texts), cells=pieces)


@pytest.mark.parametrize(
    ("line", "end", "present"),
    [
        (cells("2015", "2019", "Beta Ltd"), "2019", ""),
        (cells("Beta Ltd", "01/2015", "04/2019"), "2019-04", ""),
        (cells("2015", "present", "Acme Ltd"), "", "present"),
        (cells("Acme Ltd", "2015", "heute"), "", "heute"),
    ],
)
def test_the_next_cell_closes_a_range(line: Line, end: str, present: str) -> None:
    [found] = ranges_of(line)
    assert not found.single and found.start is not None and found.start.text.startswith("2015")
    assert (found.end.text if found.end else "") == end and (found.present.text if found.present else "") == present


@pytest.mark.parametrize("line", [cells("2015", "2017", "2019"), cells("2019", "2015"), cells("2015", "Dyer", "2019")])
def test_cells_that_are_no_from_and_to_stay_dates(line: Line) -> None:
    assert all(one.single for one in ranges_of(line))


def test_a_range_over_cells_keeps_its_end() -> None:
    [found] = find_ranges(Piece(1, 0, "2016 -\t2020\tNurse"))
    assert found.end is not None and found.end.text == "2020"
