"""Which entry of a profile an entry of a document is."""

from __future__ import annotations

from typing import Any

import pytest

from shared_backend.data_management.profile_merge import merged
from shared_backend.data_management.profile_proposal import propose
from tests.support.documents import document, draft_of

CV = document(
    "work.0.position: Barista",
    "work.0.startDate: 2012",
    "work.0.endDate: 2014",
    "work.1.name: Publix",
    "work.1.position: Cashier",
    "work.1.startDate: 2010",
    "work.2.position: Waiter",
    "education.0.studyType: BSc",
    "education.0.area: Biology",
    "references.0.reference: Mr Jones, Head of Sales, Publix",
    "references.1.reference: Ms Ivy, Starbucks",
    "basics.profiles.0.url: https://example.org/nina",
    "projects.0.description: A garden for the school",
).decode()


def _confirmed(text: str, profile: dict[str, Any], edits: dict[str, Any] | None = None) -> dict[str, Any]:
    """The profile after a confirmation; `edits` keeps what the next one goes by."""
    edits = edits if edits is not None else {}
    result = merged(propose(draft_of(text), edits, profile), profile)
    edits["became"] = {**edits.get("became", {}), **result.became}
    basics = {**profile.get("basics", {}), **result.patch.get("basics", {})}
    return {**profile, **result.patch, **({"basics": basics} if basics else {})}


def _numbers(profile: dict[str, Any]) -> dict[str, int]:
    return {section: len(each) for section, each in profile.items() if isinstance(each, list)}


def test_a_new_version_that_says_the_same_adds_nothing_to_the_profile() -> None:
    once = _confirmed(CV, {})
    assert _numbers(once) == {"work": 3, "education": 1, "references": 2, "projects": 1}
    again = merged(propose(draft_of(CV), {}, once), once)
    assert again.patch == {}


def test_a_new_version_that_adds_the_employer_is_the_same_job() -> None:
    once = _confirmed(CV, {})
    twice = _confirmed(CV + "\nwork.0.name: Starbucks", once)
    assert [each.get("name") for each in twice["work"]] == ["Starbucks", "Publix", None]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("work.1.name", "Publix Super Markets"),
        ("work.1.startDate", "2009"),
        ("work.0.startDate", "2011"),
        ("references.0.reference", "Mr Jones"),
        ("education.0.studyType", "BA"),
    ],
)
def test_a_corrected_field_of_a_confirmed_cv_doubles_no_entry(place: str, value: str) -> None:
    edits: dict[str, Any] = {}
    once = _confirmed(CV, {}, edits)
    edits["values"] = {place: value}
    twice = _confirmed(CV, once, edits)
    assert _numbers(twice) == _numbers(once)
    section, number, name = place.split(".")
    # The profile had what was misread; who corrects that means the profile too.
    assert twice[section][int(number)][name] == value
    assert twice[section][int(number)]["id"] == once[section][int(number)]["id"]


def test_what_the_person_has_changed_in_the_profile_since_is_the_same_entry_and_stays() -> None:
    edits: dict[str, Any] = {}
    once = _confirmed(CV, {}, edits)
    once["work"][1]["name"] = "Own words"
    twice = _confirmed(CV, once, edits)
    assert [each.get("name") for each in twice["work"]] == [None, "Own words", None]


def test_entries_that_a_new_reading_puts_in_another_order_are_known_by_their_places() -> None:
    edits: dict[str, Any] = {}
    once = _confirmed(CV, {}, edits)
    for each in once["work"]:
        each["position"] = f"Own {each['position']}"
    draft = draft_of(CV)
    draft["sections"]["work"].reverse()
    proposal = propose(draft, edits, once)
    assert [each.match for each in proposal.sections["work"]] == [each["id"] for each in reversed(once["work"])]


def test_of_two_positions_under_one_employer_each_keeps_its_own() -> None:
    draft = draft_of("work.0.name: Publix\nwork.0.position: Cashier\nwork.1.position: Clerk\nwork.1.startDate: 2012")
    draft["sections"]["work"][1]["name"] = draft["sections"]["work"][0]["name"]
    first = merged(propose(draft, {}, {}), {})
    profile = {"work": [{**each, "position": "Own", "name": "Own"} for each in first.patch["work"]]}
    found = propose(draft, {"became": first.became}, profile).sections["work"]
    assert [each.match for each in found] == [each["id"] for each in profile["work"]]


@pytest.mark.parametrize(
    ("there", "here"),
    [
        # One mark in common is little, and a different date is another stay.
        ({"position": "Barista", "name": "Costa"}, ("work.0.position: Barista",)),
        ({"position": "Barista", "startDate": "2015"}, ("work.0.position: Barista", "work.0.startDate: 2012")),
        (
            {"position": "Barista", "startDate": "2012", "endDate": "2013"},
            ("work.0.position: Barista", "work.0.startDate: 2012", "work.0.endDate: 2014"),
        ),
        ({"name": "Publix", "position": "Clerk"}, ("work.0.name: Publix", "work.0.position: Cashier")),
    ],
)
def test_what_may_be_another_job_is_added(there: dict[str, Any], here: tuple[str, ...]) -> None:
    profile = {"work": [{"id": "w1", **there}]}
    (entry,) = propose(draft_of("\n".join(here)), {}, profile).sections["work"]
    assert entry.match is None
