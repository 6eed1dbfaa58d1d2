"""What a writer asks for: its authority, its fingerprint, and the answer that is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.lockstep.requests import MAX_DEPTH, ConflictSummary, SaveAnswer, SaveRequest, is_too_deep

ASKED = SaveRequest("user_profile", "c1", {"basics": {"name": "Ada", "label": "x"}}, "api", Actor("a", Role.ADMIN), 3)


@pytest.mark.parametrize(
    ("role", "source", "authority"),
    [
        (Role.CANDIDATE, "user_portal", 1),
        (Role.ADMIN, "admin_portal", 2),
        (Role.OWNER, "api", 2),
        (Role.SYSTEM, "script", 2),
        (Role.ADMIN, "user_portal", 1),
        (Role.SYSTEM, "user_portal", 1),
    ],
)
def test_authority_is_the_roles_and_never_above_the_portals(role: Role, source: str, authority: int) -> None:
    assert replace(ASKED, actor=Actor("a", role), source=source).authorship.authority == authority


def test_a_fingerprint_is_of_what_is_asked_for_and_not_of_its_spelling() -> None:
    spelt = replace(ASKED, data={"basics": {"label": "x", "name": "Ada"}}, correlation_id="other")
    assert spelt.fingerprint() == ASKED.fingerprint()


@pytest.mark.parametrize(
    "other",
    [
        {"data": {"basics": {"name": "Ada"}}},
        {"entity_id": "c2"},
        {"kind": "setting"},
        {"base_version": None},
        {"override": True},
        {"source": "script"},
        {"action": "delete"},
    ],
)
def test_another_write_has_another_fingerprint(other: dict[str, object]) -> None:
    assert replace(ASKED, **other).fingerprint() != ASKED.fingerprint()  # type: ignore[arg-type]


@pytest.mark.parametrize("conflict", [None, ConflictSummary(["a.b"], ["id"], "theirs")])
def test_an_answer_comes_back_as_it_was_kept(conflict: ConflictSummary | None) -> None:
    answer = SaveAnswer(3, 17, "epoch", ["a.b"], conflict)
    assert SaveAnswer.from_json(answer.to_json()) == answer


@pytest.mark.parametrize("wrap", [lambda inner: {"a": inner, "b": 1}, lambda inner: [inner, 2], lambda inner: (inner,)])
def test_depth_is_counted_in_objects_and_lists(wrap: Any) -> None:
    data: Any = {}
    for _level in range(MAX_DEPTH - 1):
        data = wrap(data)
    assert not is_too_deep(data)
    assert is_too_deep(wrap(data))


def test_what_contains_itself_or_the_same_twice_is_counted_in_no_time() -> None:
    circle: dict[str, Any] = {}
    circle["a"] = [circle, circle]
    assert is_too_deep(circle)
    wide: Any = {}
    for _level in range(MAX_DEPTH - 1):
        wide = [wide, wide]
    assert not is_too_deep(wide)
