"""The connector's answers over what the product ships: whole, sourced, and honest about what is not known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.crosswalk import Crosswalk
from shared_backend.data_management.unified_data_connector import UnifiedDataConnector, UnknownRole
from shared_backend.utils.exception_handler import InvalidInput


@pytest.fixture(scope="module")
def connector() -> UnifiedDataConnector:
    return UnifiedDataConnector(AIDataManager())


ASKED = ("get_job_title_details", "get_career_path", "get_salary_data")


@pytest.mark.parametrize("question", ASKED)
def test_every_occupation_has_every_answer_with_source_and_vintage(
    connector: UnifiedDataConnector, question: str
) -> None:
    codes = list(connector.knowledge.current()["onet"].table("occupations"))
    for code in codes[::25]:
        answer = getattr(connector, question)(code)
        json.dumps(answer, allow_nan=False)
        assert answer["matched"]["code"] == code
        assert all(source["vintage"] and source["licence"] and source["version"] for source in answer["sources"])
        assert answer["sources"]


def test_details(connector: UnifiedDataConnector) -> None:
    answer = connector.get_job_title_details("Registered Nurse")
    assert answer["job_zone"] == {"zone": 4, "words": "considerable preparation"}
    assert [step["level"] for step in answer["hierarchy"]] == ["major", "minor", "broad", "detailed"]
    assert (len(answer["skills"]), len(answer["knowledge"]), len(answer["related"])) == (35, 33, 20)
    assert answer["ratings_basis"]["exact"] and answer["outlook"]["employment_2034"] > 3_000_000
    assert any(each["label"] == "nurse responsible for general care" for each in answer["esco"])


def test_an_occupation_that_has_yet_to_be_rated_says_whose_ratings_it_shows(connector: UnifiedDataConnector) -> None:
    answer = connector.get_job_title_details("Software Developer")
    basis = answer["ratings_basis"]
    assert not basis["exact"] and "Computer Programmers" in [each["title"] for each in basis["of"]]
    assert len(answer["skills"]) == 35
    path = connector.get_career_path("Software Developer")
    assert not any(move["ratings_exact"] for direction in ("up", "across", "out") for move in path[direction])


def test_pay_above_the_top_of_the_scale_is_no_number(connector: UnifiedDataConnector) -> None:
    pay = connector.get_salary_data("Chief Executives")["national"]
    assert (pay["percentiles"]["50"], pay["percentiles"]["90"]) == (206_420, None)
    assert pay["at_or_above"] == {"percentiles": ["75", "90"], "amount": 239_200}
    suppressed = connector.get_salary_data("Actors")["national"]
    assert (suppressed["median"], suppressed["at_or_above"]) == (None, None) and suppressed["hourly_median"]


@pytest.mark.parametrize(
    ("code", "basis", "words"),
    [
        ("29-1141.01", "29-1141", "the SOC occupation that it is a part of"),
        ("31-1121.00", "31-1120", "the SOC group that it is in"),
        ("25-9042.00", "25-9045", "occupations that the survey counts together"),
    ],
)
def test_pay_says_whose_it_is(connector: UnifiedDataConnector, code: str, basis: str, words: str) -> None:
    found = connector.get_salary_data(code)["national"]["basis"]
    assert (found["code"], found["of"], found["exact"]) == (basis, words, False)


def test_moves_have_gaps(connector: UnifiedDataConnector) -> None:
    path = connector.get_career_path("Registered Nurses")
    up = next(move for move in path["up"] if move["title"] == "Nurse Practitioners")
    assert up["education"]["steps"] == 1 and up["pay"]["change"] == 129_210 - 93_600
    assert 0 < up["skills"]["match"] < 1 and up["skills"]["gaps"][0]["to_level"] > up["skills"]["gaps"][0]["from_level"]
    assert {move["level"] for move in path["up"]} == {"up"} and {move["level"] for move in path["across"]} == {"level"}
    assert all(not move["code"].startswith(("29", "11")) for move in path["out"])


def test_the_market(connector: UnifiedDataConnector) -> None:
    trends = connector.get_market_trends()
    us = trends["postings"]["US"]
    assert us["date"] == "2026-08-14" and len(us["series"]) == 52 and us["change_52_weeks"] is not None
    assert len(trends["sectors"]) == 46 and trends["remote_share"]["US"]["percent"] > 0
    growing = trends["occupations"]["fastest_growing"]
    assert growing[0]["title"] == "Wind turbine service technicians" and growing[0]["change_percent"] == 49.9
    assert {source["source"] for source in trends["sources"]} == {"market", "bls"}


def test_search(connector: UnifiedDataConnector) -> None:
    found = connector.search("pyth", ("technology", "skill"))["results"]
    assert {(each["kind"], each["name"]) for each in found} >= {("technology", "Python"), ("skill", "Python")}
    assert connector.search("nurse", limit=3)["results"][0]["kind"] == "occupation"
    assert connector.search("")["results"] == []
    with pytest.raises(InvalidInput, match="nothing to search for"):
        connector.search("x", ("person",))


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize("role", ["", "qwertz", "Manager"])
def test_an_unknown_role_is_one_error(connector: UnifiedDataConnector, question: str, role: str) -> None:
    with pytest.raises(UnknownRole):
        getattr(connector, question)(role)


@pytest.mark.parametrize(
    ("role", "title"),
    [
        ("Nurse", "Registered Nurses"),
        ("Staff Nurse", "Registered Nurses"),
        ("Teacher", "Elementary School Teachers, Except Special Education"),
        ("Engineer", "Civil Engineers"),
        ("Doctor", "General Internal Medicine Physicians"),
        # Whose workers report it, before a larger one that it is an alternate title of.
        ("Plant Manager", "Industrial Production Managers"),
        ("Office Manager", "First-Line Supervisors of Office and Administrative Support Workers"),
        ("Sous Chef", "Chefs and Head Cooks"),
        ("QA Engineer", "Software Quality Assurance Analysts and Testers"),
        ("Restaurant Manager", "Food Service Managers"),
        # Whose own title ends like it.
        ("UX Designer", "Web and Digital Interface Designers"),
        ("UI Designer", "Web and Digital Interface Designers"),
        ("Writer", "Writers and Authors"),
        ("Surgeon", "Orthopedic Surgeons, Except Pediatric"),
        ("Driver", "Heavy and Tractor-Trailer Truck Drivers"),
        ("Therapist", "Physical Therapists"),
        ("Project Manager", "Project Management Specialists"),
        ("Farmer", "Farmers, Ranchers, and Other Agricultural Managers"),
    ],
)
def test_a_plain_title_is_that_of_most_people_who_have_it_and_said_to_be_ambiguous(
    connector: UnifiedDataConnector, role: str, title: str
) -> None:
    answer = connector.get_salary_data(role)
    matched = answer["matched"]
    assert answer["title"] == matched["title"] == title
    assert matched["ambiguous"] and matched["others"] and matched["code"] not in [o["code"] for o in matched["others"]]


@pytest.mark.parametrize(
    ("role", "title"),
    [
        ("Accountant", "Accountants and Auditors"),
        ("Lawyer", "Lawyers"),
        ("Cashier", "Cashiers"),
        ("CEO", "Chief Executives"),
    ],
)
def test_a_title_of_one_occupation_is_not_ambiguous(connector: UnifiedDataConnector, role: str, title: str) -> None:
    matched = connector.get_career_path(role)["matched"]
    assert (matched["title"], matched["ambiguous"]) == (title, False)


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize(
    ("role", "choice"),
    [
        # By whom it is had lies far apart.
        ("Solicitor", "Lawyers"),
        ("Director", "General and Operations Managers"),
        ("Administrator", "Network and Computer Systems Administrators"),
        # One occupation has just this title, and most who are called so are in others.
        ("Care Assistant", "Personal Care Aides"),
        ("Supervisor", "First-Line Supervisors of Office and Administrative Support Workers"),
        # What is like it says only a part of it, or more.
        ("Support Worker", "Healthcare Social Workers"),
        ("Assistant", "Medical Assistants"),
    ],
)
def test_a_title_of_occupations_that_lie_far_apart_is_refused_with_choices(
    connector: UnifiedDataConnector, question: str, role: str, choice: str
) -> None:
    with pytest.raises(UnknownRole, match="far apart") as raised:
        getattr(connector, question)(role)
    assert choice in [each["title"] for each in raised.value.nearest]


@pytest.mark.parametrize("role", ["Product Owner", "Senior Product Owner", "Shop Assistant", "HGV Driver"])
def test_what_is_like_a_part_of_a_title_is_not_answered(connector: UnifiedDataConnector, role: str) -> None:
    with pytest.raises(UnknownRole, match="nearest"):
        connector.get_salary_data(role)


@pytest.mark.parametrize(
    ("role", "title"),
    [("Registred Nurse", "Registered Nurses"), ("Midwife", "Midwives"), ("Estate Agent", "Real Estate Sales Agents")],
)
def test_a_likeness_that_says_all_of_a_title_is_answered(
    connector: UnifiedDataConnector, role: str, title: str
) -> None:
    matched = connector.get_job_title_details(role)["matched"]
    assert (matched["title"], matched["how"]) == (title, "similar title")


@pytest.mark.parametrize("role", [None, 7, "x" * 301])
def test_what_is_no_role_is_refused(connector: UnifiedDataConnector, role: Any) -> None:
    with pytest.raises(InvalidInput):
        connector.get_salary_data(role)


def test_an_answer_is_the_callers_own(connector: UnifiedDataConnector) -> None:
    connector.get_salary_data("Bakers")["national"]["median"] = 0
    assert connector.get_salary_data("Bakers")["national"]["median"] > 0
    assert (connector.cache_figures().hit_rate or 0) > 0


def test_the_crosswalk_of_2010_leads_to_occupations_of_today(connector: UnifiedDataConnector) -> None:
    knowledge = connector.knowledge.current()
    pairs = knowledge.view(Crosswalk).to_onet
    codes = knowledge["onet"].table("occupations")
    assert len(pairs) > 1_550 and {code for code, _how, _sure in pairs.values()} <= codes.keys()
    esco = knowledge["esco"].table("occupations")
    by_label = {esco[key][0]: found for key, found in pairs.items()}
    assert by_label["financial manager"][:2] == ("11-3031.00", "group")
    assert by_label["nurse responsible for general care"][0] == "29-1141.00"
