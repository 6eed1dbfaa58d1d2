"""How to reach the person, and nobody else who is named in the CV."""

from __future__ import annotations

import pytest

from shared_backend.data_management.extraction.draft import Draft
from shared_backend.data_management.parse_here import parse_here

JOBS = """WORK EXPERIENCE
Care Assistant, Sunrise Care Home, Leeds, Jan 2019 - Present
- Personal care for residents

EDUCATION
NVQ Level 3 Health and Social Care, Leeds City College, 2018
"""


def parsed(text: str) -> Draft:
    draft = parse_here(text.encode(), "cv.txt").draft
    assert draft is not None
    return draft


@pytest.mark.parametrize(
    "referee",
    [
        "REFERENCES\nLinda Park, Manager\nTel: 0121 496 0123   linda.park@example.org\nlinkedin.com/in/lindapark",
        "REFEREES\nRev. John Mensah, john.mensah@example.org, +233 24 412 3456",
        "INTERESTS\nChess\n\nReferee 1\nLinda Park\nlinda.park@example.org, +44 121 496 0123",
        "PERSONAL DETAILS\nNext of kin: Linda Park, linda.park@example.org, +44 121 496 0123",
    ],
)
def test_a_referees_address_is_not_the_candidates(referee: str) -> None:
    basics = parsed(f"Grace Mensah\n12 Hill View, Leeds\n\n{JOBS}\n{referee}\n").basics
    assert basics["name"].text == "Grace Mensah"
    assert not {"email", "phone", "profiles"} & set(basics)


def test_an_address_that_a_job_names_is_not_the_candidates() -> None:
    jobs = JOBS.replace("for residents", "reporting to Ahmed Saleh (ahmed.saleh@example.org, +971 4 340 0700)")
    basics = parsed(f"Grace Mensah\nLeeds\n\n{jobs}").basics
    assert not {"email", "phone"} & set(basics)


@pytest.mark.parametrize(
    "front",
    [
        "Consultant: Tom Hale\ntom.hale@example.org, +44 20 7946 0000\n\nGrace Mensah\ngrace@example.org",
        "CV presented by Hale Recruitment, tom.hale@example.org\n\nGrace Mensah, Leeds\nEmail: grace@example.org",
        "Account manager - Tom Hale - tom.hale@example.org\nCandidate: Grace Mensah\ngrace@example.org",
    ],
)
def test_an_agencys_consultant_does_not_win(front: str) -> None:
    basics = parsed(f"{front}\n\n{JOBS}").basics
    assert basics["email"].text == "grace@example.org" and not basics["email"].flags


def test_a_consultants_own_address_is_theirs() -> None:
    basics = parsed(f"Grace Mensah\nManagement Consultant\ngrace@example.org | +44 20 7946 0958\n\n{JOBS}").basics
    assert basics["email"].text == "grace@example.org" and basics["phone"].text == "+442079460958"


@pytest.mark.parametrize(
    "headline",
    [
        "Account Manager – FMCG",
        "Beraterin – Strategie und IT",
        "Mentor - Startups",
        "Supervisor – Night Shift",
        "Football Referee",
        "Recruitment Agency Manager",
        "Consultant: Cardiology",
        "Account Manager: enterprise software",
    ],
)
def test_a_headline_that_reads_as_a_label_leaves_the_candidates_own_address(headline: str) -> None:
    basics = parsed(f"Grace Mensah\n{headline}\ngrace.mensah@example.org\n+44 20 7946 0958\n\n{JOBS}").basics
    assert basics["email"].text == "grace.mensah@example.org" and not basics["email"].flags
    assert basics["phone"].text == "+442079460958" and not basics["phone"].flags


@pytest.mark.parametrize(
    "label",
    [
        "Account manager: Tom Hale, +44 20 7946 0000\ntom.hale@example.org\ngrace.mensah@example.org",
        "Account manager – Tom Hale\ntom.hale@example.org\ngrace.mensah@example.org",
    ],
)
def test_of_two_addresses_below_a_label_only_the_one_that_spells_the_name_is_taken(label: str) -> None:
    basics = parsed(f"Grace Mensah\n{label}\n\n{JOBS}").basics
    assert basics["email"].text == "grace.mensah@example.org" and "phone" not in basics


@pytest.mark.parametrize(
    "label", ["Work: 555-0142", "Home: 555-0123\nWork: 555-0142", "Work 555 0142", "Contact: 555-0142"]
)
def test_the_label_of_a_short_number_ends_the_top_no_more_than_that_of_a_long_one(label: str) -> None:
    result = parse_here(f"Grace Mensah\n{label}\ngrace@example.org\n\n{JOBS}".encode(), "cv.txt")
    assert result.ok and result.draft is not None
    basics = result.draft.basics
    assert basics["name"].text == "Grace Mensah" and basics["email"].flags == ()
    assert basics["phone"].text == label.split("\n")[0][-8:]


@pytest.mark.parametrize("heading", ["Work 2010 - 2014", "EXPERIENCE (1999-2019)", "Work experience 2012–2018"])
def test_years_are_part_of_a_heading(heading: str) -> None:
    text = f"Grace Mensah\ngrace@example.org\n\n{heading}\n{JOBS.partition(chr(10))[2]}"
    assert [entry["name"].text for entry in parsed(text).sections["work"]] == ["Sunrise Care Home"]


def test_an_address_that_only_stands_further_below_is_flagged() -> None:
    below = "INTERESTS\nChess, and writing to me at grace@example.org or +44 20 7946 0958\n"
    basics = parsed(f"Grace Mensah\nLeeds\n\n{JOBS}\n{below}").basics
    assert basics["email"].text == "grace@example.org" and basics["email"].flags == ("found_elsewhere",)
    assert basics["phone"].text == "+442079460958" and basics["phone"].flags == ("found_elsewhere",)
    contact = parsed(f"Grace Mensah\nLeeds\n\n{JOBS}\nCONTACT\ngrace@example.org\n").basics
    assert contact["email"].flags == ()


@pytest.mark.parametrize(
    ("line", "phone", "flags"),
    [
        ("1420 Peachtree St NE, Atlanta, GA 30309 • (404) 555-0134", "+14045550134", ()),
        ("Dallas, TX 75201 (214) 555-0123", "(214) 555-0123", ("country_unknown",)),
        ("Boston, MA 02108-1234 617-555-0134", "617-555-0134", ("country_unknown",)),
        ("Denver, CO 80202 | 303.555.0111", "+13035550111", ()),
        ("London, UK\n020 7946 0958   020 7946 0959", "+442079460958", ()),
        ("Berlin, Deutschland\n030 / 1234567 - 0", "+493012345670", ()),
        # Without a place, whose country's it is, is a guess; but it is a number.
        ("PO Box 221\n0412 345 678\njimmy@example.com.au", "0412 345 678", ("country_unknown",)),
        ("0412 345 678", "0412 345 678", ("country_unknown",)),
        ("Phone: 123-45-678", "123-45-678", ("invalid_phone",)),
    ],
)
def test_a_telephone_number_is_read_without_its_neighbours(line: str, phone: str, flags: tuple[str, ...]) -> None:
    found = parsed(f"Grace Mensah\n{line}\n\n{JOBS}").basics["phone"]
    assert (found.text, found.flags) == (phone, flags)


def test_a_french_number_is_one_where_only_the_language_tells() -> None:
    jobs = "EXPÉRIENCE PROFESSIONNELLE\n2015 - 2019 : Technicienne qualité, Danone\n- Contrôles de la production\n"
    study = "FORMATION\n2015 : Licence de chimie, Université de Nantes\n"
    found = parsed(f"Claire Petit\n06 12 34 56 78\nclaire@example.org\n\n{jobs}\n{study}").basics["phone"]
    assert (found.text, found.flags) == ("06 12 34 56 78", ("country_unknown",))
