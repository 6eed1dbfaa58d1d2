"""Fields: data taken apart and put together again, patches, and the order of lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_backend.lockstep.fields import (
    MISSING,
    FieldChange,
    diff,
    entry_value,
    flatten,
    merge_order,
    merge_patch,
    unflatten,
    with_value,
)

KEYS = st.sampled_from(["name", "label", "city", "url", "summary"])
IDS = st.text("abcXYZ019_-", min_size=1, max_size=4)
TEXTS = st.text("aZ9 .[]ñ字\U0001f600", max_size=6)
SCALARS = TEXTS | st.integers() | st.booleans() | st.lists(TEXTS, min_size=1, max_size=3)
LEAVES = st.dictionaries(KEYS, SCALARS, min_size=1, max_size=3)


@st.composite
def keyed_lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    ids = draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    return [{"id": entry_id, **draw(LEAVES)} for entry_id in ids]


# In canonical form: no nulls, no empty objects, no entries without a field.
STATES = st.dictionaries(
    st.sampled_from(["basics", "work", "skills", "note", "location"]),
    SCALARS | LEAVES | keyed_lists() | st.fixed_dictionaries({"profiles": keyed_lists(), "deep": LEAVES}),
    max_size=4,
)


@given(STATES)
def test_what_is_taken_apart_goes_together_again(state: dict[str, Any]) -> None:
    assert unflatten(flatten(state)) == state


@given(STATES)
def test_fields_survive_the_way_back(state: dict[str, Any]) -> None:
    fields = flatten(state)
    assert flatten(unflatten(fields)) == fields


@given(STATES, STATES)
def test_a_diff_leads_from_one_state_to_the_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    fields = dict(flatten(one))
    for change in diff(fields, flatten(other)):
        assert change.before == fields.get(change.path, MISSING)
        fields.pop(change.path, None)
        if change.after is not MISSING:
            fields[change.path] = change.after
    assert fields == flatten(other)


@given(STATES)
def test_a_state_does_not_differ_from_itself(state: dict[str, Any]) -> None:
    assert diff(flatten(state), flatten(state)) == []


def test_paths_are_readable() -> None:
    state = {"basics": {"name": "Ada"}, "work": [{"id": "a1", "position": "Engineer", "highlights": ["x"]}]}
    assert flatten(state) == {
        "basics.name": "Ada",
        "work[]": ["a1"],
        "work[a1].position": "Engineer",
        "work[a1].highlights": ["x"],
    }


def test_nothing_is_written_in_several_ways() -> None:
    assert flatten({"basics": {}, "work": [], "summary": None, "location": {"city": None}}) == {}


def test_the_empty_text_and_zero_are_values() -> None:
    assert flatten({"a": "", "b": 0, "c": False}) == {"a": "", "b": 0, "c": False}


@pytest.mark.parametrize(("before", "after"), [(1, True), (0, False), (1, 1.0), ([1], [True])])
def test_what_python_takes_for_equal_is_still_a_change(before: Any, after: Any) -> None:
    assert diff({"value": before}, {"value": after}) == [FieldChange("value", before, after)]


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        # The examples of RFC 7386, appendix A, that have an object as their target.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_follow_the_standard(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


def test_a_merge_patch_leaves_its_target_alone() -> None:
    target = {"a": {"b": 1}}
    merge_patch(target, {"a": {"b": 2, "c": 3}})
    assert target == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "merged"),
    [
        ("abc", "abc", "cab", "cab"),  # only I moved
        ("abc", "cab", "abc", "cab"),  # only they moved
        ("abc", "abcd", "abce", "abced"),  # both added, mine behind what I put it after
        ("abc", "ab", "abcx", "abx"),  # they removed what I put mine after
        ("abc", "abc", "xabc", "xabc"),
        ("abc", "dabc", "xabc", "xdabc"),
        ("abc", "acb", "ab", "ab"),  # I removed, they moved
        ("", "a", "b", "ba"),
        ("ab", "", "abx", "x"),
        ("ab", "ba", "", ""),
    ],
)
def test_orders_of_both_sides_merge(base: str, theirs: str, mine: str, merged: str) -> None:
    assert "".join(merge_order(list(base), list(theirs), list(mine))) == merged


ORDERS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)


@given(ORDERS, ORDERS, ORDERS)
def test_a_merged_order_holds_each_entry_once_and_the_right_ones(
    base: list[str], theirs: list[str], mine: list[str]
) -> None:
    merged = merge_order(base, theirs, mine)
    assert len(merged) == len(set(merged))
    kept = (set(theirs) | set(mine)) - ((set(base) - set(mine)) | (set(base) - set(theirs)))
    assert set(merged) == kept


def test_an_entry_is_a_value_as_a_whole() -> None:
    fields = flatten({"work": [{"id": "a", "name": "X", "highlights": ["h"]}, {"id": "b", "name": "Y"}]})
    assert entry_value(fields, "work[a]") == {"id": "a", "name": "X", "highlights": ["h"]}
    assert entry_value(fields, "work[c]") is MISSING


def test_an_entry_is_set_and_removed_as_a_whole() -> None:
    fields = flatten({"work": [{"id": "a", "name": "X", "url": "u"}, {"id": "b", "name": "Y"}]})
    without = with_value(fields, "work[a]", MISSING)
    assert unflatten(without) == {"work": [{"id": "b", "name": "Y"}]}
    again = with_value(without, "work[a]", {"id": "a", "name": "Z"})
    assert unflatten(again) == {"work": [{"id": "b", "name": "Y"}, {"id": "a", "name": "Z"}]}
    assert with_value(with_value({}, "work[a]", {"id": "a", "name": "Z"}), "work[a]", MISSING) == {}
    assert with_value(fields, "work[b].name", MISSING).keys() == fields.keys() - {"work[b].name"}
