"""Skills that a text names in passing: only where it tells of skills."""

from __future__ import annotations

from shared_backend.data_management.parse_here import parse_here

CV = """Naomi Achterberg
12 Peachtree Road, Atlanta, GA 30309 | naomi.achterberg@example.org | +1 404 555 0134

Profile
Office manager who knows Excel.

TEACHING EXPERIENCE
Tutor, Training House, Atlanta, GA, 2017 - 2019
• Wrote reports in PowerPoint

Experience
Office Manager, Sage Dental plc, Atlanta, GA, 2012 - 2016
• Took bookings in Salesforce
• Sold forms to Ashdown plc

Education
Diploma in Nursing, Atlanta Technical College, 2011
"""


def skills(text: str) -> set[str]:
    draft = parse_here(text.encode(), "cv.txt").draft
    assert draft is not None
    return {entry["name"].text for entry in draft.sections.get("skills", [])}


def test_streets_firms_headings_and_positions_name_no_skills() -> None:
    assert skills(CV) == {"Excel", "PowerPoint", "Salesforce"}


def test_a_controller_that_is_programmed_is_a_skill() -> None:
    assert "PLC" in skills(CV.replace("Took bookings in Salesforce", "Programmed and wired PLC cabinets"))
