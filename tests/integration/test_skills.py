"""Skills over the knowledge and over the candidates of a database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared_backend.config.backend_config import Settings
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services.backend import Backend
from shared_backend.services.candidates import Candidates, Filter
from shared_backend.services.job_titles import JobTitles
from shared_backend.utils.exception_handler import InvalidInput, PermissionDenied
from tests.support.knowledge import share_knowledge

SYSTEM = Actor.system()
PYTHON, SQL = "tech:Python", "tech:Structured query language SQL"
PEOPLE: dict[str, list[Any]] = {
    "by-name": ["Python", "Cooking"],
    "in-capitals": ["PYTHON"],
    "as-keyword": [{"name": "Programming", "keywords": ["Java", "python"]}],
    "as-part-of-a-word": ["Pythonic thinking", "Python 2 to 3"],
    "by-short-form": ["SQL"],
    "in-full": [{"name": "Structured Query Language SQL"}],
    "none": [],
}


@pytest.fixture
def backend(settings: Settings) -> Iterator[Backend]:
    opened = Backend.open(settings)
    share_knowledge(opened.knowledge)
    for person, skills in PEOPLE.items():
        data = {"basics": {"name": person, "summary": 'It says "Python" here'}, "skills": skills}
        answer = opened.bridge.sync_user_data(person, data, "script", actor=SYSTEM)
        assert answer["success"], answer
    opened.bridge.sync_user_data("gone", {"skills": ["Python"]}, "script", actor=SYSTEM)
    opened.bridge.delete("user_profile", "gone", source="script", actor=SYSTEM)
    yield opened
    opened.close()


def named(backend: Backend, entry_id: str, **more: Any) -> list[str]:
    _name, names = backend.skills.names(entry_id, actor=SYSTEM)
    wanted = Filter(skill_names=tuple(names), **more)
    directory = Candidates(backend.database)
    found = directory.page(wanted, actor=SYSTEM)
    assert directory.count(wanted, actor=SYSTEM) == len(found) == len(list(directory.export(wanted, actor=SYSTEM)))
    return sorted(each.id for each in found)


def test_candidates_are_counted_by_the_names_of_a_skill(backend: Backend) -> None:
    assert backend.skills.candidates(actor=SYSTEM) == len(PEOPLE)
    assert backend.skills.holders(PYTHON, actor=SYSTEM) == 3
    assert backend.skills.holders(SQL, actor=SYSTEM) == 2
    assert backend.skills.holders("onet:2.A.2.a", actor=SYSTEM) == 0


def test_the_list_of_candidates_is_filtered_by_the_same(backend: Backend) -> None:
    assert named(backend, PYTHON) == ["as-keyword", "by-name", "in-capitals"]
    assert named(backend, PYTHON, search="capitals") == ["in-capitals"]
    assert named(backend, SQL) == ["by-short-form", "in-full"]


def test_many_names_and_odd_ones(backend: Backend) -> None:
    directory = Candidates(backend.database)
    odd = ("100%", "_", 'a "quoted" one', "back\\slash", "'; --", "ÖL", "Python", "x" * 300)
    assert directory.count(Filter(skill_names=odd), actor=SYSTEM) == 3
    backend.bridge.sync_user_data("none", {"skills": ['A "quoted" one']}, "script", actor=SYSTEM)
    assert directory.count(Filter(skill_names=(odd[2],)), actor=SYSTEM) == 1
    assert directory.count(Filter(skill_names=("100%", "_")), actor=SYSTEM) == 0


def test_a_skill_of_onet_is_rated(backend: Backend) -> None:
    facts = backend.skills.facts("onet:2.A.2.a", actor=SYSTEM)
    rated = [need.importance or 0 for need in facts.needs]
    assert len(rated) == 879 and rated == sorted(rated, reverse=True) and 1 <= rated[-1] <= rated[0] <= 5
    assert facts.basis == "correlation" and 0 < facts.related[0].share <= 1
    assert facts.related[0].entry.kind == "skill" and facts.sources[0]["source"] == "onet"


def test_a_technology_says_where_it_is_in_demand(backend: Backend) -> None:
    facts = backend.skills.facts(PYTHON, actor=SYSTEM)
    assert facts.needs[0].in_demand and facts.needs[0].hot and not facts.needs[-1].in_demand
    assert "15-1252.00" in [need.code for need in facts.needs]
    assert facts.basis == "together" and len(facts.related) == 10


def test_a_skill_of_esco_says_what_is_known(backend: Backend) -> None:
    ict = next(
        hit.entry
        for hit in backend.skills.search("SQL", actor=SYSTEM, kinds=("esco",))
        if backend.skills.facts(hit.entry.id, actor=SYSTEM).needs
    )
    facts = backend.skills.facts(ict.id, actor=SYSTEM)
    assert facts.sources[0]["source"] == "esco" and all(need.title for need in facts.needs)
    music = backend.skills.search("manage musical staff", actor=SYSTEM)[0].entry
    facts = backend.skills.facts(music.id, actor=SYSTEM)
    assert (facts.needs, facts.basis) == ([], "words") and facts.related


@pytest.mark.parametrize("role", [Role.CANDIDATE])
def test_candidates_look_nothing_up(backend: Backend, role: Role) -> None:
    someone, skills = Actor("someone", role), backend.skills
    titles = JobTitles(backend.knowledge, backend.titles)
    for call in (
        lambda: skills.search("x", actor=someone),
        lambda: skills.of_onet("skill", actor=someone),
        lambda: skills.most_in_demand(actor=someone),
        lambda: skills.facts(PYTHON, actor=someone),
        lambda: skills.holders(PYTHON, actor=someone),
        lambda: skills.names(PYTHON, actor=someone),
        lambda: skills.candidates(actor=someone),
        lambda: titles.read("Nurse", actor=someone),
        lambda: titles.occupation("15-1252.00", actor=someone),
        lambda: titles.occupations(actor=someone),
        lambda: titles.choices(actor=someone),
    ):
        with pytest.raises(PermissionDenied):
            call()


def test_what_is_no_search_is_refused(backend: Backend) -> None:
    with pytest.raises(InvalidInput):
        backend.skills.search("x" * 201, actor=SYSTEM)
    with pytest.raises(InvalidInput):
        JobTitles(backend.knowledge, backend.titles).occupations(actor=SYSTEM, limit=101)
