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


def test_an_address_that_only_stands_further_below_is_flagged() -> None:
    below = "INTERESTS\nChess, and writing to me at grace@example.org or +44 20 7946 0958\n"
    basics = parsed(f"Grace Mensah\nLeeds\n\n{JOBS}\n{below}").basics
    assert basics["email"].text == "grace@example.org" and basics["email"].flags == ("found_elsewhere",)
    assert basics["phone"].text == "+442079460958" and basics["phone"].flags == ("found_elsewhere",)
    contact = parsed(f"Grace Mensah\nLeeds\n\n{JOBS}\nCONTACT\ngrace@example.org\n").basics
    assert contact["email"].flags == ()
