"""Topics: a change is never forgotten, at most remembered as older than it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_backend.lockstep.event_log import Event
from shared_backend.lockstep.topics import WHOLE, Topics, entity_kind, entity_topics, part_kind

KINDS, IDS = st.sampled_from(["a", "b"]), st.sampled_from([None, "1", "2", "3", "4", "5"])


def event(seq: int, kind: str | None, entity_id: str | None, changed: list[str] | None = None, **told: Any) -> Event:
    data = told if changed is None else {"changed": changed, **told}
    return Event(seq, "", "x", "", "", "", kind, entity_id, None, data, datetime(2026, 1, 1, tzinfo=UTC), "")


def test_a_change_is_known_by_entity_and_by_kind() -> None:
    topics = Topics()
    topics.reset(10)
    topics.note([event(11, "a", "1"), event(12, "b", "1"), event(13, None, None)])
    assert (topics.seq("a", "1"), topics.seq("a"), topics.seq("b", "1"), topics.seq("b")) == (11, 11, 12, 12)
    assert (topics.seq("a", "2"), topics.seq("c")) == (10, 10)


@given(st.lists(st.tuples(KINDS, IDS), max_size=60), st.integers(1, 4))
def test_a_bounded_memory_errs_on_the_side_of_a_redraw(noted: list[tuple[str, str | None]], limit: int) -> None:
    topics = Topics(limit=limit)
    last: dict[tuple[str, str | None], int] = {}
    for seq, (kind, entity_id) in enumerate(noted, 1):
        topics.note([event(seq, kind, entity_id)])
        last[kind, entity_id] = last[kind, None] = seq
        for (known_kind, known_id), changed_at in last.items():
            assert topics.seq(known_kind, known_id) >= changed_at
        assert topics.baseline <= seq
        assert len(topics._entities) <= limit + 1


def test_the_parts_that_changed_are_topics_of_their_own() -> None:
    paths = ["basics.location.city", "basics.name", "basics.profiles[a1].url", "work[]", "work[b2].position"]
    found = set(entity_topics(event(1, "user_profile", "7", paths)))
    parts = {("user_profile.basics", "7"), ("user_profile.basics.profiles", "7"), ("user_profile.work", "7")}
    assert found == {("user_profile", "7")} | parts
    assert {entity_kind(kind) for kind, _id in found} == {"user_profile"}
    topics = Topics()
    topics.note([event(1, "user_profile", "7", paths), event(2, "user_profile", "7", ["work[b2].name"])])
    assert topics.seq("user_profile.basics", "7") == 1
    assert topics.seq("user_profile.work", "7") == topics.seq("user_profile", "7") == 2


def test_what_changes_no_field_concerns_the_whole() -> None:
    for changed in (None, []):
        assert list(entity_topics(event(1, "a", "1", changed))) == [("a", "1"), (part_kind("a", WHOLE), "1")]
    assert list(entity_topics(event(1, "a", None))) == list(entity_topics(event(1, None, None))) == []


@pytest.mark.parametrize("action", ["delete", "undelete", "restore"])
def test_what_may_delete_or_bring_back_concerns_the_whole_and_every_part(action: str) -> None:
    found = set(entity_topics(event(1, "a", "1", ["work[]", "basics.name"], action=action)))
    assert found == {("a", "1"), (part_kind("a", WHOLE), "1"), ("a.basics", "1"), ("a.work", "1")}
    assert (part_kind("a", WHOLE), "1") not in set(entity_topics(event(1, "a", "1", ["work[]"], action="save")))


def test_a_reset_makes_everything_look_changed() -> None:
    topics = Topics()
    topics.note([event(1, "a", "1")])
    topics.reset(50)
    assert (topics.seq("a", "1"), topics.seq("zzz", "9")) == (50, 50)
