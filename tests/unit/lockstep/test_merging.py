"""Two edits from one base: what stands, what is kept, and what must not depend on who came first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_backend.lockstep.fields import MISSING, diff, flatten, unflatten
from shared_backend.lockstep.merging import Authorship, Merged, merge

ADMIN = Authorship("a1", "Grace", "admin_portal", 2)
OTHER_ADMIN = Authorship("a2", "Edsger", "admin_portal", 2)
CANDIDATE = Authorship("c1", "Ada", "user_portal", 1)


def merged(
    base: dict[str, Any],
    theirs: dict[str, Any],
    mine: dict[str, Any],
    *,
    by: Authorship = CANDIDATE,
    theirs_by: Authorship = ADMIN,
    override: bool = False,
) -> Merged:
    """`theirs` was committed first, by `theirs_by`; `mine` comes second."""
    return merge(
        flatten(base), flatten(theirs), flatten(mine), mine=by, author_of=lambda _path: theirs_by, override=override
    )


def state(found: Merged) -> dict[str, Any]:
    return unflatten(found.fields)


def test_different_fields_merge_without_a_word() -> None:
    found = merged({"a": "1", "b": "1"}, {"a": "2", "b": "1"}, {"a": "1", "b": "2"})
    assert (state(found), found.changed, found.collisions) == ({"a": "2", "b": "2"}, ["b"], [])


def test_the_same_edit_twice_is_no_conflict() -> None:
    found = merged({"a": "1"}, {"a": "2"}, {"a": "2"})
    assert (state(found), found.changed, found.collisions) == ({"a": "2"}, [], [])


@pytest.mark.parametrize(
    ("by", "theirs_by", "override", "mine_wins", "reason"),
    [
        (CANDIDATE, ADMIN, False, False, "admin_precedence"),
        (ADMIN, CANDIDATE, False, True, "admin_precedence"),
        (ADMIN, OTHER_ADMIN, False, True, "later_commit"),
        (CANDIDATE, CANDIDATE, False, True, "later_commit"),
        (ADMIN, OTHER_ADMIN, True, True, "override"),
        (CANDIDATE, ADMIN, True, True, "override"),
    ],
)
def test_who_wins_the_same_field(
    by: Authorship, theirs_by: Authorship, override: bool, mine_wins: bool, reason: str
) -> None:
    found = merged({"a": "1"}, {"a": "theirs"}, {"a": "mine"}, by=by, theirs_by=theirs_by, override=override)
    (collision,) = found.collisions
    assert state(found) == {"a": "mine" if mine_wins else "theirs"}
    assert found.changed == (["a"] if mine_wins else [])
    assert (collision.path, collision.base, collision.mine, collision.theirs) == ("a", "1", "mine", "theirs")
    assert (collision.mine_wins, collision.reason, collision.theirs_author) == (mine_wins, reason, theirs_by)


@pytest.mark.parametrize("by", [ADMIN, CANDIDATE])
def test_removing_a_field_meets_an_edit_of_it(by: Authorship) -> None:
    theirs_by = CANDIDATE if by is ADMIN else ADMIN
    found = merged({"a": "1", "b": "x"}, {"a": "edited", "b": "x"}, {"b": "x"}, by=by, theirs_by=theirs_by)
    (collision,) = found.collisions
    assert (collision.mine, collision.theirs) == (MISSING, "edited")
    assert state(found) == ({"b": "x"} if by is ADMIN else {"a": "edited", "b": "x"})


JOB = {"id": "j", "name": "Analytical Engines", "position": "Engineer"}
OTHER = {"id": "k", "name": "Navy"}


def test_two_people_edit_two_entries() -> None:
    base = {"work": [JOB, OTHER]}
    found = merged(
        base, {"work": [{**JOB, "position": "Lead"}, OTHER]}, {"work": [JOB, {**OTHER, "name": "Royal Navy"}]}
    )
    assert state(found) == {"work": [{**JOB, "position": "Lead"}, {**OTHER, "name": "Royal Navy"}]}
    assert (found.changed, found.collisions) == (["work[k].name"], [])


def test_two_people_add_an_entry_each() -> None:
    one, two = {"id": "n1", "name": "One"}, {"id": "n2", "name": "Two"}
    found = merged({"work": [JOB]}, {"work": [JOB, one]}, {"work": [JOB, two]})
    assert [entry["id"] for entry in state(found)["work"]] == ["j", "n2", "n1"]
    assert found.collisions == []


def test_both_add_the_first_entry() -> None:
    found = merged({}, {"work": [JOB]}, {"work": [OTHER]})
    assert [entry["id"] for entry in state(found)["work"]] == ["k", "j"]
    assert found.collisions == []


def test_one_adds_while_the_other_removes_all() -> None:
    found = merged({"work": [JOB]}, {}, {"work": [JOB, OTHER]})
    assert state(found) == {"work": [OTHER]}
    assert found.collisions == []


@pytest.mark.parametrize(
    "edited", [{**JOB, "position": "Lead"}, {**JOB, "url": "https://example.org"}, {"id": "j", "position": "Engineer"}]
)
@pytest.mark.parametrize("by", [ADMIN, CANDIDATE])
@pytest.mark.parametrize("mine_removes", [True, False])
def test_an_entry_removed_by_one_and_edited_by_the_other_is_whole_or_gone(
    edited: dict[str, Any], by: Authorship, mine_removes: bool
) -> None:
    base, removed, changed = {"work": [JOB, OTHER]}, {"work": [OTHER]}, {"work": [edited, OTHER]}
    theirs, mine = (changed, removed) if mine_removes else (removed, changed)
    found = merged(base, theirs, mine, by=by, theirs_by=CANDIDATE if by is ADMIN else ADMIN)
    winner = mine if by is ADMIN else theirs
    assert state(found) == winner
    (collision,) = found.collisions
    assert collision.path == "work[j]"
    assert {repr(collision.mine), repr(collision.theirs)} == {"MISSING", repr(collision_value(edited))}


def collision_value(entry: dict[str, Any]) -> dict[str, Any]:
    return {"id": entry["id"], **{key: entry[key] for key in sorted(entry) if key != "id"}}


def test_an_administrator_among_the_editors_protects_the_entry() -> None:
    base, head = {"work": [JOB]}, {"work": [{**JOB, "name": "By the candidate", "position": "By the admin"}]}
    found = merge(
        flatten(base),
        flatten(head),
        {},
        mine=CANDIDATE,
        author_of=lambda path: ADMIN if path.endswith("position") else CANDIDATE,
    )
    assert state(found) == head


def test_an_entry_that_keeps_no_field_is_none() -> None:
    found = merged({"work": [JOB]}, {"work": [JOB]}, {"work": [JOB, {"id": "empty"}]})
    assert (state(found), found.changed) == ({"work": [JOB]}, [])


def test_one_moves_entries_while_the_other_edits_one() -> None:
    found = merged({"work": [JOB, OTHER]}, {"work": [OTHER, JOB]}, {"work": [{**JOB, "position": "Lead"}, OTHER]})
    assert state(found) == {"work": [OTHER, {**JOB, "position": "Lead"}]}
    assert found.collisions == []


VALUES = st.sampled_from(["", "x", "y", "z"])
ENTRIES = st.lists(
    st.builds(
        lambda entry_id, name, extra: {"id": entry_id, "name": name, **({"position": extra} if extra else {})},
        st.sampled_from("abcd"),
        st.sampled_from(["x", "y"]),
        st.none() | VALUES,
    ),
    max_size=4,
    unique_by=lambda entry: entry["id"],
)
STATES = st.builds(
    lambda scalars, work, skills: {
        **scalars,
        **({"work": work} if work else {}),
        **({"skills": skills} if skills else {}),
    },
    st.dictionaries(st.sampled_from(["name", "label", "summary"]), VALUES, max_size=3),
    ENTRIES,
    ENTRIES,
)


@settings(max_examples=400, deadline=None)
@given(STATES, STATES, STATES, st.sampled_from([(ADMIN, CANDIDATE), (CANDIDATE, ADMIN), (ADMIN, OTHER_ADMIN)]))
def test_nothing_is_lost_and_nothing_is_invented(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any], sides: tuple[Authorship, Authorship]
) -> None:
    """Each field of the outcome is one side's; each of my changes stands, or is a collision that keeps it."""
    found = merged(base, theirs, mine, by=sides[0], theirs_by=sides[1])
    was, now, wanted, after = flatten(base), flatten(theirs), flatten(mine), found.fields
    assert flatten(unflatten(after)) == after, "canonical, so `changed` tells the truth about what is stored"
    assert found.changed == [change.path for change in diff(now, after)]
    collided = [collision.path for collision in found.collisions]
    for change in diff(was, wanted):
        if change.path.endswith("[]"):
            continue
        kept = any(change.path == path or change.path.startswith(f"{path}.") for path in collided)
        assert kept or after.get(change.path, MISSING) == change.after
    for change in diff(was, now):
        if change.path.endswith("[]"):
            continue
        kept = any(change.path == path or change.path.startswith(f"{path}.") for path in collided)
        assert kept or after.get(change.path, MISSING) == change.after
    for path, value in after.items():
        assert path.endswith("[]") or value in (now.get(path, MISSING), wanted.get(path, MISSING))


@settings(max_examples=400, deadline=None)
@given(STATES, STATES, STATES)
def test_an_admin_and_a_candidate_come_to_the_same_whoever_commits_first(
    base: dict[str, Any], by_admin: dict[str, Any], by_candidate: dict[str, Any]
) -> None:
    candidate_second = merged(base, by_admin, by_candidate, by=CANDIDATE, theirs_by=ADMIN)
    admin_second = merged(base, by_candidate, by_admin, by=ADMIN, theirs_by=CANDIDATE)
    assert _unordered(candidate_second) == _unordered(admin_second)
    assert [c.path for c in candidate_second.collisions] == [c.path for c in admin_second.collisions]


def _unordered(found: Merged) -> dict[str, Any]:
    # The place of entries that both added or moved may depend on who came first; what there is, may not.
    return {path: sorted(value) if path.endswith("[]") else value for path, value in found.fields.items()}
