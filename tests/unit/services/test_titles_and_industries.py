"""The title engine and the classifier of industries, over what the product ships."""

from __future__ import annotations

from typing import Any

import pytest

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.industry_rules import industry_rules
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.services.enhanced_job_title_engine import EnhancedJobTitleEngine
from shared_backend.services.linkedin_industry_classifier import LinkedInIndustryClassifier
from shared_backend.utils.exception_handler import InvalidInput


@pytest.fixture(scope="module")
def manager() -> AIDataManager:
    return AIDataManager()


@pytest.fixture(scope="module")
def engine(manager: AIDataManager) -> EnhancedJobTitleEngine:
    return EnhancedJobTitleEngine(manager)


def test_any_title_has_candidates_in_both_taxonomies(engine: EnhancedJobTitleEngine) -> None:
    answer = engine.analyze("Sr. SWE II – Payments (Remote)", limit=3)
    assert (answer["function"], answer["seniority"], answer["grade"]) == ("software engineer", "senior", "II")
    assert (answer["known"], answer["ambiguous"], answer["language"]) == (True, False, "en")
    assert (answer["onet"][0]["code"], answer["esco"][0]["title"]) == ("15-1252.00", "software developer")
    assert [source["source"] for source in answer["sources"]] == ["onet", "esco"]
    scores = [each["score"] for each in answer["onet"]]
    assert scores == sorted(scores, reverse=True) and len(scores) <= 3


@pytest.mark.parametrize("title", ["Teacher", "Manager", "Staff Nurse"])
def test_what_several_are_called_is_ambiguous(engine: EnhancedJobTitleEngine, title: str) -> None:
    answer = engine.analyze(title)
    assert answer["ambiguous"] and len(answer["onet"]) > 1


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("", "no word"),
        ("💥 —", "no word"),
        ("asdf", "No known English title"),
        ("Softwareentwickler (m/w/d)", "No known English title"),
        ("Infirmière diplômée d'État", "No known English title"),
        ("プログラマー", "no word"),
    ],
)
def test_it_says_so_when_it_does_not_know(engine: EnhancedJobTitleEngine, title: str, words: str) -> None:
    answer = engine.analyze(title)
    assert (answer["known"], answer["onet"], answer["esco"], answer["language"]) == (False, [], [], None)
    assert words in answer["reason"]


def test_what_is_no_title_is_refused(engine: EnhancedJobTitleEngine) -> None:
    with pytest.raises(InvalidInput, match="at most 300"):
        engine.analyze("x" * 301)
    with pytest.raises(InvalidInput, match="not int"):
        engine.analyze(7)  # type: ignore[arg-type]


def test_an_answer_is_the_callers_own(engine: EnhancedJobTitleEngine) -> None:
    engine.analyze("Baker")["onet"][0]["title"] = "changed"
    assert engine.analyze("Baker")["onet"][0]["title"] == "Bakers"
    assert (engine.cache_figures().hit_rate or 0) > 0


@pytest.fixture(scope="module")
def classifier(manager: AIDataManager) -> LinkedInIndustryClassifier:
    return LinkedInIndustryClassifier(manager)


@pytest.mark.parametrize(
    ("employer", "linkedin", "naics"),
    [
        ("First National Bank", "Banking", "522110"),
        ("St. Mary's Hospital", "Hospitals", "622110"),
        ("University of Washington", "Higher Education", "611310"),
        ("City of Seattle", "Government Administration", "921"),
        ("Blue Ridge Software LLC", "Software Development", "513210"),
        ("Truck Transportation", "Truck Transportation", "484"),
    ],
)
def test_a_name_that_says_what_it_does(
    classifier: LinkedInIndustryClassifier, employer: str, linkedin: str, naics: str
) -> None:
    answer = classifier.classify(employer)
    assert (answer["linkedin"][0]["label"], answer["naics"][0]["code"]) == (linkedin, naics)
    assert answer["linkedin"][0]["path"][-1] == linkedin and answer["naics"][0]["sector"]


def test_a_description_says_what_a_name_does_not(classifier: LinkedInIndustryClassifier) -> None:
    assert not classifier.classify("Acme Inc.")["known"]
    answer = classifier.classify("Acme Inc.", "We run restaurants and catering in three states.")
    assert {"Restaurants", "Caterers"} == {each["label"] for each in answer["linkedin"]}


@pytest.mark.parametrize("given", [("",), (" ",), ("Acme",)])
def test_an_employer_that_says_nothing_is_not_known(classifier: LinkedInIndustryClassifier, given: Any) -> None:
    answer = classifier.classify(*given)
    assert (answer["known"], answer["linkedin"], answer["naics"]) == (False, [], []) and answer["reason"]


def test_every_rule_names_industries_that_there_are() -> None:
    industries = Knowledge.shipped()["industries"]
    labels = {label for label, _above in industries.table("linkedin").values()}
    assert [rule for rule in industry_rules() if rule.linkedin not in labels] == []
    assert [rule for rule in industry_rules() if rule.naics not in industries.table("naics")] == []
