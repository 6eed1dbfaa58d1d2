"""Event types: what is registered, what may be published, and in which words the rest is refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from shared_backend.lockstep.event_types import Canary, EventRegister, UserUpdate
from shared_backend.lockstep.kinds import KindRegister
from shared_backend.utils.exception_handler import InvalidInput

REGISTER = EventRegister(kind.events for kind in KindRegister())


def test_every_kind_has_its_three_events() -> None:
    for prefix in ("user", "announcement", "setting"):
        assert {f"{prefix}_update", f"{prefix}_delete", f"{prefix}_restore"} <= set(REGISTER.names())
    assert REGISTER.shape_of("user_update") is UserUpdate
    assert REGISTER.shape_of("canary") is Canary


def test_every_type_says_what_it_tells() -> None:
    assert [name for name in REGISTER.names() if not (REGISTER.shape_of(name).__doc__ or "").strip()] == []


def test_custom_events_need_no_registering() -> None:
    assert REGISTER.check("custom.anything", {"any": [1, {"thing": None}]}) == {"any": [1, {"thing": None}]}


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("user_updat", {}, "Did you mean user_update"),
        ("", {}, "not a registered event type"),
        (None, {}, "not a registered event type"),
        ("custom." + "x" * 80, {}, "not a registered event type"),
        ("custom.", {}, "not a registered event type"),
        ("custom.a b", {}, "not a registered event type"),
        ("custom.\x00", {}, "not a registered event type"),
        ("custom.a\n", {}, "not a registered event type"),
        ("canary", {}, "needs 'canary_id'"),
        ("canary", {"canary_id": 7}, "'canary_id' of an event of type canary must be str"),
        ("portal_notice", {"message": ["x"]}, "'message' of an event of type portal_notice must be str"),
        ("user_update", {"changed": "name"}, "must be list"),
        ("data_synced", {"kinds": []}, "must be dict"),
        ("custom.x", ["a"], "is a dictionary, not list"),
        ("custom.x", None, "is a dictionary, not NoneType"),
    ],
)
def test_bad_events_are_refused_by_name(name: str, data: object, words: str) -> None:
    with pytest.raises(InvalidInput, match=words.replace("(", r"\(")):
        REGISTER.check(name, data)


def test_readers_and_writers_may_know_more_fields() -> None:
    assert REGISTER.check("canary", {"canary_id": "x", "new": 1}) == {"canary_id": "x", "new": 1}


def test_one_may_register_types_of_ones_own() -> None:
    @dataclass(frozen=True)
    class Interview:
        """An interview was agreed on."""

        candidate: str

    register = EventRegister()
    register.register("interview", Interview)
    assert register.check("interview", {"candidate": "c1"}) == {"candidate": "c1"}
    with pytest.raises(InvalidInput, match="already"):
        register.register("interview", Interview)
    with pytest.raises(InvalidInput, match="dataclass"):
        register.register("other", dict)
