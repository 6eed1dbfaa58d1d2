"""Titles: taken apart, compared, and found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupation_index import OccupationIndex, UnknownRole
from shared_backend.data_management.skill_index import SkillIndex
from shared_backend.data_management.title_index import TitleIndex, grouped_labels
from shared_backend.data_management.title_parts import split_title
from shared_backend.data_management.title_words import key_of, words_of


@pytest.mark.parametrize(
    ("title", "function", "seniority", "grade", "qualifiers", "noise"),
    [
        ("Sr. SWE II – Payments (Remote)", "software engineer", "senior", "II", ("Payments",), ("Remote",)),
        ("Registered Nurse - ICU (Nights) $45/hr", "Registered Nurse", None, None, ("ICU",), ("Nights", "$45/hr")),
        ("Lead Data Scientist, NLP", "Data Scientist", "lead", None, ("NLP",), ()),
        ("Jr. Mgr", "manager", "junior", None, (), ()),
        ("Staff Software Engineer", "Software Engineer", "principal", None, (), ()),
        ("Staff Nurse", "Staff Nurse", None, None, (), ()),
        ("Remote Sensing Technician", "Remote Sensing Technician", None, None, (), ()),
        ("Remote Software Engineer (Contract)", "Software Engineer", None, None, (), ("Contract", "Remote")),
        ("Contract Manager", "Contract Manager", None, None, (), ()),
        ("Head of Marketing", "Head of Marketing", "head", None, (), ()),
        ("Chief Financial Officer", "Chief Financial Officer", "executive", None, (), ()),
        ("Intern", "Intern", "intern", None, (), ()),
        ("C++ Developer", "C++ Developer", None, None, (), ()),
        ("", "", None, None, (), ()),
    ],
)
def test_a_title_has_parts(
    title: str,
    function: str,
    seniority: str | None,
    grade: str | None,
    qualifiers: tuple[str, ...],
    noise: tuple[str, ...],
) -> None:
    parts = split_title(title)
    assert (parts.function, parts.seniority, parts.grade) == (function, seniority, grade)
    assert (set(parts.qualifiers), set(parts.noise)) == (set(qualifiers), set(noise))


@given(st.text(max_size=80))
def test_any_text_can_be_taken_apart(text: str) -> None:
    parts = split_title(text)
    assert bool(words_of(parts.matter)) or not words_of(text) or parts.noise


def test_words_keep_what_makes_them_names() -> None:
    assert words_of("C++/C# & .NET Café's") == ["c++", "c#", ".net", "cafe"]
    assert key_of("Nurses, Registered") == key_of("nurse registered") == "nurse registered"
    assert key_of("Business Analysis") == "business analysis", "an ending in -is or -ss is no plural"


@pytest.fixture(scope="module")
def small() -> TitleIndex:
    owned = [["software developer", "software engineer"], ["nurse", "registered nurse"], ["baker", "pastry cook"]]
    return TitleIndex(*grouped_labels(owned))


def test_the_best_owner_is_the_one_with_the_likest_label(small: TitleIndex) -> None:
    for title, owner in (("Sofware Engineers", 0), ("nurses", 1), ("cook, pastry", 2)):
        scores = small.scores(title)
        assert int(scores.argmax()) == owner
        assert 0 < scores[owner] <= 1.0001
    assert small.best_label("registered nurses", 1) == "registered nurse"
    assert small.similarity("software engineer")[0] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("title", ["", "💥", "—"])
def test_what_has_no_known_word_is_like_nothing(small: TitleIndex, title: str) -> None:
    assert small.scores(title).max() == 0


@given(st.text(max_size=60))
def test_scores_lie_between_nothing_and_all(text: str) -> None:
    index = TitleIndex(["a b", "b c", "d"], [0, 0, 1])
    scores = index.scores(text)
    assert scores.min() >= 0 and scores.max() <= 1.0001


@pytest.mark.parametrize("owners", [[1, 0], [0, 2], [0]])
def test_labels_must_be_grouped(owners: list[int]) -> None:
    with pytest.raises(ValueError, match="grouped"):
        TitleIndex(["a", "b"], owners)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.shipped()


@pytest.mark.parametrize(
    ("role", "code", "how"),
    [
        ("29-1141.00", "29-1141.00", "code"),
        ("registered nurse", "29-1141.00", "title"),
        ("CEO", "11-1011.00", "reported title"),
        ("Sr. Software Engineer II (Remote)", "15-1252.00", "reported title"),
        ("barista", "35-3023.01", "title"),
        ("data enginere", "15-2051.00", "similar title"),
    ],
)
def test_a_role_is_resolved(knowledge: Knowledge, role: str, code: str, how: str) -> None:
    match, _others, _ambiguous = knowledge.view(OccupationIndex).resolve(role)
    assert (match.code, match.how) == (code, how)


@pytest.mark.parametrize("role", ["asdfgh", "Krankenschwester", "Manager", "", "💥", "x" * 200])
def test_an_unknown_role_names_the_nearest(knowledge: Knowledge, role: str) -> None:
    with pytest.raises(UnknownRole) as raised:
        knowledge.view(OccupationIndex).resolve(role)
    assert raised.value.status == 404
    assert all({"code", "title", "score"} <= each.keys() for each in raised.value.nearest)
    assert len(str(raised.value)) < 600


def test_every_occupation_is_found_by_its_own_title(knowledge: Knowledge) -> None:
    index = knowledge.view(OccupationIndex)
    codes = list(knowledge["onet"].table("occupations").items())
    assert len(codes) == 1_016
    assert [code for code, (title, _zone) in codes if index.lookup(title)[0].code != code] == []


@pytest.fixture(scope="module")
def skills(knowledge: Knowledge) -> SkillIndex:
    return SkillIndex(knowledge)


def test_skills_are_found_in_a_text(skills: SkillIndex) -> None:
    text = "Python, Go and C++ (SQL, AWS) with Microsoft Excel; I go to access the R&D office. Project management"
    assert [text[each.start : each.end] for each in skills.find_in(text)] == [
        "Python", "Go", "C++", "SQL", "AWS", "Microsoft Excel", "Project management",
    ]  # fmt: skip


def test_a_skill_has_the_names_that_people_say(skills: SkillIndex) -> None:
    assert [skill.name for skill in skills.lookup("aws")] == ["Amazon Web Services AWS software"]
    assert {skill.taxonomy for skill in skills.lookup("python")} == {"onet", "esco"}
    assert skills.lookup("nothing of the kind") == []
