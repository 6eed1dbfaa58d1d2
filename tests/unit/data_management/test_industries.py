"""Industries over what the product ships: each tree is whole, what is paired is there, and figures are the sector's."""

from __future__ import annotations

import pytest

from shared_backend.data_management.dataset import BLS, INDUSTRIES
from shared_backend.data_management.industry_employers import EmployerIndustries
from shared_backend.data_management.industry_figures import IndustryFigures
from shared_backend.data_management.industry_tree import ISIC, LINKEDIN, NAICS, SYSTEMS, IndustryTree
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.utils.exception_handler import NotFound


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.shipped()


@pytest.fixture(scope="module")
def tree(knowledge: Knowledge) -> IndustryTree:
    return knowledge.view(IndustryTree)


@pytest.mark.parametrize(("system", "top"), [(LINKEDIN, 20), (NAICS, 20), (ISIC, 21)])
def test_every_industry_is_in_its_tree_once(tree: IndustryTree, knowledge: Knowledge, system: str, top: int) -> None:
    listed = tree.all(system)
    assert len({each.code for each in listed}) == len(listed) == tree.count(system)
    assert {each.code for each in listed} == set(knowledge[INDUSTRIES].table(system))
    assert len(tree.top(system)) == top == sum(each.level == 1 for each in listed)
    assert sum(each.below + 1 for each in tree.top(system)) == len(listed)
    for each in listed:
        path = tree.path(each)
        assert path[-1] == each and len(path) == each.level and path[0] in tree.top(system)
        assert len(tree.children(each)) == each.children
        assert all(tree.path(child)[-2] == each for child in tree.children(each))


def test_a_division_of_isic_is_in_its_section(tree: IndustryTree) -> None:
    def section(code: str) -> str:
        return tree.path(tree.get(f"isic:{code}"))[0].title

    assert section("0111").startswith("Agriculture")
    assert section("6201") == "Information and communication"
    assert section("9900").startswith("Activities of extraterritorial")


@pytest.mark.parametrize(
    ("given", "code"), [("naics:32", "31-33"), ("naics:44-45", "44-45"), ("naics:513210", "513210"), ("isic:J", "J")]
)
def test_an_address_names_an_industry(tree: IndustryTree, given: str, code: str) -> None:
    assert tree.get(given).code == code


@pytest.mark.parametrize("given", ["", "naics", "naics:", "naics:999", "other:1", "linkedin:<b>", f"isic:{0:05000}"])
def test_an_address_that_names_none_is_none(tree: IndustryTree, given: str) -> None:
    assert tree.find(given) is None
    with pytest.raises(NotFound, match="There is no industry"):
        tree.get(given)


def test_search_takes_codes_and_unfinished_words(tree: IndustryTree) -> None:
    assert [each.code for each in tree.search("513", NAICS)][:3] == ["513", "5131", "5132"]
    assert tree.search("software publ", NAICS)[0].code == "5132"
    assert tree.search("  Sóftware   devel", LINKEDIN)[0].title == "Software Development"
    assert tree.search("zzz", NAICS) == tree.search("", NAICS) == tree.search("…", NAICS) == []


def test_pairs_say_how_they_were_found_and_go_both_ways(tree: IndustryTree) -> None:
    software = tree.get("linkedin:4")
    (pair,) = [each for each in tree.pairs(software) if each.industry.system == NAICS]
    assert (pair.industry.code, pair.how, pair.of) == ("513210", "rule", software)
    assert software in [each.industry for each in tree.pairs(pair.industry)]
    # The same industry by a shorter code, whose title NAICS repeats.
    assert [each.of.code for each in tree.pairs(tree.get("naics:5132")) if each.industry == software] == ["5132"]
    legal = tree.get("linkedin:10")
    assert ("naics:5411", "title") in [(each.industry.id, each.how) for each in tree.pairs(legal)]
    for system in SYSTEMS:
        for each in tree.all(system):
            for pair in tree.pairs(each):
                assert pair.industry.system != system and pair.of in tree.path(each)


def test_the_sector_is_known_or_not_said(tree: IndustryTree) -> None:
    assert all(tree.sector(each) is not None for each in tree.all(NAICS))
    software = tree.sector(tree.get("linkedin:4"))
    assert software is not None and software.code == "51"
    # It has no pair of its own; all below it are in one sector.
    care = tree.sector(tree.get("linkedin:14"))
    assert care is not None and care.code == "62" and not tree.pairs(tree.get("linkedin:14"))
    for system in (LINKEDIN, ISIC):
        for each in tree.all(system):
            sectors = {tree.path(pair.industry)[0] for pair in tree.pairs(each) if pair.industry.system == NAICS}
            assert not sectors or tree.sector(each) == (next(iter(sectors)) if len(sectors) == 1 else None)


def test_figures_of_a_sector_are_as_published(tree: IndustryTree, knowledge: Knowledge) -> None:
    figures = knowledge.view(IndustryFigures)
    found = figures.of_sector("51")
    assert found is not None and found.title == "Information"
    assert (found.whole.employment, found.whole.median) == (2_915_020, 92_030)
    assert found.occupations[0].title == "Software Developers"
    structure = knowledge[BLS].table("soc")
    for sector in tree.top(NAICS):
        of_sector = figures.of_sector(sector.code)
        assert of_sector is not None
        assert not any(structure.get(each.code, ("", "detailed"))[1] == "major" for each in of_sector.occupations)
        for each in of_sector.occupations:
            assert each.title and each.title != each.code
            known = [value for value in (each.p10, each.median, each.p90) if value is not None]
            assert known == sorted(known)
            assert set(each.at_or_above) <= {"p10", "median", "p90"}
            assert all(getattr(each, name) is None for name in each.at_or_above)
    government = figures.of_sector("92")
    assert government is not None and "Government" in government.title
    assert figures.of_sector("00") is None


@pytest.mark.parametrize(
    ("employer", "industry"),
    [
        ("First National Bank of Springfield", "naics:522110"),
        ("Städtisches HOSPITAL Nürnberg", "linkedin:2081"),
        ("Acme Software GmbH", "linkedin:4"),
    ],
)
def test_an_employers_name_says_its_industry_and_all_above(
    tree: IndustryTree, knowledge: Knowledge, employer: str, industry: str
) -> None:
    found = knowledge.view(EmployerIndustries).of(employer)
    assert industry in found
    assert {each.id for each in tree.path(tree.get(industry))} <= set(found)


@pytest.mark.parametrize("employer", ["", "Globex", "Smith & Sons", "Bank Street Restaurant", "\u202e", "x" * 5_000])
def test_a_name_that_says_nothing_or_several_sectors_is_counted_nowhere(knowledge: Knowledge, employer: str) -> None:
    assert knowledge.view(EmployerIndustries).of(employer) == ()
