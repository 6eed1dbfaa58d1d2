"""All occupations as a list: groups that add up, and orders that are total."""

from __future__ import annotations

from typing import get_args

import pytest

from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupation_browse import OccupationList, Sort


@pytest.fixture(scope="module")
def listed() -> OccupationList:
    return Knowledge.shipped().view(OccupationList)


def test_the_groups_of_each_level_add_up_to_the_one_above(listed: OccupationList) -> None:
    majors = listed.groups()
    assert len(majors) == 23 and {group.level for group in majors} == {"major"}
    assert sum(group.occupations for group in majors) == len(listed.lines()) == 1_016
    for major in majors:
        assert len(listed.lines(group=major.code)) == major.occupations
        assert sum(group.occupations for group in listed.groups(major.code)) == major.occupations


def test_the_path_leads_from_the_widest_to_the_group(listed: OccupationList) -> None:
    path = listed.path("15-1250")
    assert [group.level for group in path] == ["major", "minor", "broad"]
    assert path[-1].code == "15-1250"
    assert listed.path("nonsense") == [] == listed.lines(group="nonsense") == listed.groups("nonsense")


def test_zones(listed: OccupationList) -> None:
    zones = [len(listed.lines(zone=zone)) for zone in range(1, 6)]
    assert all(zones) and sum(zones) == 923
    assert {line.zone for line in listed.lines(group="29-0000", zone=5)} == {5}


@pytest.mark.parametrize("sort", get_args(Sort))
def test_every_order_has_everything_once_and_the_unpublished_last(listed: OccupationList, sort: Sort) -> None:
    found = listed.lines(sort=sort)
    assert len({line.code for line in found}) == 1_016
    figure = {"pay": "median_pay", "growth": "change_percent", "openings": "openings"}.get(sort.lstrip("-"))
    if figure:
        values = [getattr(line, figure) for line in found]
        known = [value for value in values if value is not None]
        assert values[: len(known)] == sorted(known, reverse=sort.startswith("-"))
