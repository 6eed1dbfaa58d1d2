"""Positions held: who the employer is, and who is none."""

from __future__ import annotations

import pytest

from shared_backend.data_management.documents.plain import document_of
from shared_backend.data_management.extraction.work import work_entries


def jobs(text: str) -> list[tuple[str, str, str]]:
    found = []
    for entry in work_entries(list(document_of(text, "text").lines())):
        position, name, location = (entry[key].text if key in entry else "" for key in ("position", "name", "location"))
        found.append((position, name, location))
    return found


def test_positions_below_an_employer_with_its_own_dates_are_held_there() -> None:
    text = """HARTWELL & DREW, Leeds (2008 - 2016)
Director, Private Client (2012 - 2016)
• Led a team of six
Trainee Solicitor (2008 - 2012)
• Kept files

MORTON LLP, York (2004 - 2008)
Clerk (2004 - 2008)
"""
    assert jobs(text) == [
        ("Director, Private Client", "HARTWELL & DREW", "Leeds"),
        ("Trainee Solicitor", "HARTWELL & DREW", "Leeds"),
        ("Clerk", "MORTON LLP, York", ""),
    ]


def test_an_employer_whose_positions_leave_time_out_stands_for_itself_too() -> None:
    text = "Riverbank Primary School, Mombasa    2010 - 2018\nTeacher, Head of Year (2014 - 2018)\n• Taught maths\n"
    assert jobs(text) == [
        ("", "Riverbank Primary School", "Mombasa"),
        ("Teacher, Head of Year", "Riverbank Primary School", "Mombasa"),
    ]


def test_a_position_elsewhere_meanwhile_keeps_its_own_employer() -> None:
    text = "Hollis Fabrics (2008 - 2016)\nDriver, Dunmore Haulage Ltd (2010 - 2012)\n"
    assert ("Driver", "Dunmore Haulage Ltd", "") in jobs(text)


@pytest.mark.parametrize(
    ("text", "position", "employer"),
    [
        ("Bouncer at Fabric nightclub 2013 to 2015", "Bouncer", "Fabric nightclub"),
        ("Koch bei Gasthof Post, 2012 - 2014", "Koch", "Gasthof Post"),
        ("Serveuse chez Mirabelle, 2014 - 2016", "Serveuse", "Mirabelle"),
        ("Busker at Covent Arcade, 2011 - 2012", "Busker", "Covent Arcade"),
    ],
)
def test_what_stands_behind_at_is_the_employer(text: str, position: str, employer: str) -> None:
    before = "Mitchell Group - Security Guard - 2015 to 2018\n\n"
    assert jobs(before + text)[-1][:2] == (position, employer)


@pytest.mark.parametrize(
    ("head", "position"),
    [
        ("Staff Nurse, Ward 23    Sept 2014 - Feb 2019", "Staff Nurse, Ward 23"),
        ("Executive Officer, Band 3    May 2014 - Feb 2018", "Executive Officer, Band 3"),
    ],
)
def test_a_ward_or_a_grade_is_no_employer(head: str, position: str) -> None:
    assert jobs(f"{head}\nAiredale Infirmary\n• Looked after patients") == [(position, "Airedale Infirmary", "")]


@pytest.mark.parametrize(
    ("head", "position", "employer"),
    [
        ("Staff Nurse, Band 5, St Vincent's Hospital, 2014 - 2019", "Staff Nurse, Band 5", "St Vincent's Hospital"),
        ("Teacher, Grade 4, Lincoln School, 2014 - 2019", "Teacher, Grade 4", "Lincoln School"),
        ("Porter, Ward 12, Airedale Infirmary, 2014 - 2019", "Porter, Ward 12", "Airedale Infirmary"),
        ("Nurse, Band 5, Ward 3, Airedale Infirmary, 2014 - 2019", "Nurse, Band 5, Ward 3", "Airedale Infirmary"),
    ],
)
def test_an_employer_begins_behind_the_ward_or_the_grade(head: str, position: str, employer: str) -> None:
    assert jobs(head) == [(position, employer, "")]


def test_a_name_with_a_place_right_below_a_position_is_its_employer() -> None:
    text = (
        "2019 – Present\nData Engineer\nRakuta, Tokyo\nBuilt pipelines\n"
        "2015 – 2019\nWelder\nNishi Steel, Osaka\nWelded hulls\n"
    )
    assert jobs(text) == [("Data Engineer", "Rakuta", "Tokyo"), ("Welder", "Nishi Steel", "Osaka")]


@pytest.mark.parametrize(
    ("text", "position", "employer"),
    [
        ("Oberärztin, Klinikum Nordstadt, 2011 - 2016", "Oberärztin", "Klinikum Nordstadt"),
        ("Kundenberaterin, Erste Kasse, 2015 - 2020", "Kundenberaterin", "Erste Kasse"),
        ("Aide-soignante, Clinique du Parc, 2012 - 2018", "Aide-soignante", "Clinique du Parc"),
    ],
)
def test_compound_positions_are_parted_from_their_employers(text: str, position: str, employer: str) -> None:
    assert jobs(text)[0][:2] == (position, employer)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Barista, Kiosk Central, Leeds 2014", ("2014", "2014", False)),
        ("Mitchell Group - Security Guard - March 2014", ("2014-03", "2014-03", False)),
        ("Mitchell Group - Security Guard - since 2014", ("2014", "", True)),
        ("Mitchell Group - Security Guard - 2014 -", ("2014", "", False)),
        ("Mitchell Group - Security Guard - 2014 to present", ("2014", "", True)),
        ("Mitchell Group - Security Guard - from 2014", ("2014", "", False)),
        ("Mitchell Group - Security Guard - Start date: May 2014", ("2014-05", "", False)),
        ("Mitchell Group - Security Guard, present, 2014", ("2014", "", False)),
        ("Mitchell Group - Security Guard - 2014 (ongoing)", ("2014", "", True)),
        ("Mitchell Group - Security Guard - 2014+", ("2014", "", False)),
        ("Mitchell Group - Security Guard - May 2014 (3 months)", ("2014-05", "", False)),
    ],
)
def test_a_job_with_one_date_does_not_go_on_unless_it_says_so(text: str, dates: tuple[str, str, bool]) -> None:
    [entry] = work_entries(list(document_of(f"{text}\n\u2022 Served guests and kept the till\n", "text").lines()))
    found = [one.text if (one := entry.get(key)) else "" for key in ("startDate", "endDate")]
    assert (*found, "present" in entry) == dates


def test_in_a_table_with_a_column_for_the_end_a_lone_date_is_a_beginning() -> None:
    text = (
        "From\tTo\tEmployer\tPosition\n2021\tpresent\tMitchell Group\tSecurity Guard\n"
        "2019\t\tRuston Ltd\tDriver\n2015\t2018\tMorton Ltd\tClerk\n"
    )
    found = work_entries(list(document_of(text, "text").lines()))
    keys = ("name", "startDate", "endDate", "present")
    assert [tuple(one.text if (one := entry.get(key)) else "" for key in keys) for entry in found] == [
        ("Mitchell Group", "2021", "", "present"),
        ("Ruston Ltd", "2019", "", ""),
        ("Morton Ltd", "2015", "2018", ""),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Parental leave, 2012 - 2016\nTutor, Brightside, 2013 - 2015", ("Tutor", "Brightside", "")),
        ("2014 – 2017 Elternzeit\n2015 – 2016 Verkäuferin, Korbmann", ("Verkäuferin", "Korbmann", "")),
        ("2012 - 2018\tFamily care\n2014 - 2015\tCashier\tKorbmann\tLeeds", ("Cashier", "Korbmann", "Leeds")),
        ("Wexcombe Landscapes, 2010 – 2020\nWaiter, Trattoria Nina, 2012 – 2013", ("Waiter", "Trattoria Nina", "")),
        (
            "Wexcombe Landscapes, 2010 – 2020\nTutor, Brightside, 2018 – 2020\nWaiter, Trattoria Nina, 2010 – 2013",
            ("Waiter", "Trattoria Nina", ""),
        ),
        ("Sabbatical, 2012 - 2016\nTutor, Brightside, 2012 - 2016", ("Tutor", "Brightside", "")),
        ("Elternzeit, 2012 - 2016\nKellnerin, 2013 - 2015", ("Kellnerin", "", "")),
    ],
)
def test_what_somebody_did_elsewhere_meanwhile_is_not_held_at_the_name_above(
    text: str, expected: tuple[str, str, str]
) -> None:
    assert jobs(text)[-1] == expected


def test_positions_that_fill_an_employers_time_are_held_there_though_one_is_told_weakly() -> None:
    text = (
        "HARTWELL LLP (03/2006 – 11/2015)\nSenior Manager, Audit (05/2011 – 11/2015)\n• Led a team of six\n"
        "Audit Associate (03/2006 – 04/2011)\n• Kept files\n"
    )
    assert jobs(text) == [("Senior Manager, Audit", "HARTWELL LLP", ""), ("Audit Associate", "HARTWELL LLP", "")]
