"""Skills of three vocabularies: found by any of their names, with what goes with them."""

from __future__ import annotations

import pytest

from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.skill_catalog import SkillCatalog, UnknownSkill

SQL = "tech:Structured query language SQL"


@pytest.fixture(scope="module")
def catalog() -> SkillCatalog:
    return Knowledge.shipped().view(SkillCatalog)


def ids(catalog: SkillCatalog, text: str, limit: int = 5) -> list[str]:
    return [hit.entry.id for hit in catalog.search(text, limit=limit)]


def test_all_vocabularies_are_there(catalog: SkillCatalog) -> None:
    counts = [len(catalog.entries(kind)) for kind in ("skill", "knowledge", "technology", "esco")]  # type: ignore[arg-type]
    assert counts[:2] == [35, 33]
    assert counts[2] > 8_000 and counts[3] > 13_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("python", "tech:Python"),
        ("PYTH", "tech:Python"),
        ("sql", SQL),
        ("excel", "tech:Microsoft Excel"),
        ("c++", "tech:C++"),
        ("critical thinking", "onet:2.A.2.a"),
        ("guarantee customer satisfaction", "esco:00e53a0a-c0ba-4c9f-a2ed-4706d5832a00"),
    ],
)
def test_a_skill_is_found_by_its_names(catalog: SkillCatalog, text: str, found: str) -> None:
    assert found in ids(catalog, text, 3)


@pytest.mark.parametrize("text", ["", "  ", "💥", "qwertzuiop"])
def test_what_names_nothing_finds_nothing(catalog: SkillCatalog, text: str) -> None:
    assert ids(catalog, text) == []


def test_a_vocabulary_can_be_left_out_and_each_skill_comes_once(catalog: SkillCatalog) -> None:
    found = catalog.search("management", ("esco",), 100)
    assert {hit.entry.kind for hit in found} == {"esco"}
    assert len({hit.entry.id for hit in found}) == len(found) == 100
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def test_the_short_form_of_one_technology_is_its_name(catalog: SkillCatalog) -> None:
    assert catalog.names(catalog[SQL]) == ["Structured query language SQL", "SQL"]
    shorts = [name for entry in catalog.entries("technology") for name in catalog.other_names(entry)]
    assert len(shorts) == len(set(shorts))


def test_what_goes_together(catalog: SkillCatalog) -> None:
    together = catalog.together(catalog["tech:Python"], 10)
    assert "C++" in [entry.name for entry, _share, _number in together]
    assert all(0 < share <= 1 and number >= 2 for _entry, share, number in together)
    assert all(entry.kind == "technology" for entry, _share, _number in together)
    music = catalog.search("manage musical staff")[0].entry
    assert catalog.together(music, 10) == []
    assert "manage staff" in [entry.name for entry, _share in catalog.alike(music, 5)]
    assert "esco" in {entry.kind for entry in catalog.same_name(catalog["tech:Python"])}


def test_the_most_in_demand_come_first(catalog: SkillCatalog) -> None:
    found = catalog.most_used(5)
    assert found[1][0].name == "Microsoft Excel" and found[0][1] >= found[-1][1] > 0


def test_an_unknown_skill_is_one_error(catalog: SkillCatalog) -> None:
    with pytest.raises(UnknownSkill):
        catalog["tech:Nothing"]
