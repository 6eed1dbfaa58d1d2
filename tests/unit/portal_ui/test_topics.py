"""Topics as they come over the wire: what is well-formed, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from shared_backend.portal_ui.topics import ack_subject, ack_topic, parse_shown, parse_topics
from shared_backend.utils.exception_handler import InvalidInput


def test_topics_carry_the_mark_they_were_drawn_at() -> None:
    assert parse_topics([["user_profile", "42", 7], ["announcement", None]], limit=2) == {
        ("user_profile", "42"): 7,
        ("announcement", None): 0,
    }


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        "topics",
        [1],
        [[]],
        [["a"]],
        [["a", "b", 1, 2]],
        [["", "b"]],
        [["a", ""]],
        [["a", 3]],
        [["x" * 241, None]],
        [["a", "b", -1]],
        [["a", "b", 1.5]],
        [["a", "b", True]],
        [["a", "b", 2**60]],
        [["a", "b"]] * 3,
    ],
)
def test_topics_that_are_refused(raw: Any) -> None:
    with pytest.raises(InvalidInput):
        parse_topics(raw, limit=2)


def test_what_was_shown() -> None:
    assert parse_shown([["announcement", "1", 3]], limit=1) == [("announcement", "1", 3)]


@pytest.mark.parametrize(
    "raw", [[["a", None, 1]], [["a", "b"]], [["a", "b", 0]], [["a", "b", "1"]], [["a", "b", 1]] * 2]
)
def test_shown_that_is_refused(raw: Any) -> None:
    with pytest.raises(InvalidInput):
        parse_shown(raw, limit=1)


@pytest.mark.parametrize(
    ("kind", "entity_id"),
    [("a", name) for name in ("\ud800", "a\x00", "x" * 129, "two words", "a\n")]
    + [(name, "1") for name in ("\ud800", "A", "k" * 41, "a b")],
)
def test_shown_of_what_can_be_no_entity_is_refused(kind: str, entity_id: str) -> None:
    with pytest.raises(InvalidInput, match="No entity"):
        parse_shown([[kind, entity_id, 1]], limit=1)


def test_an_acknowledgement_is_about_its_entity_whatever_the_id_holds() -> None:
    assert ack_subject(ack_topic("job_title", "c: developer: senior", 12)) == ("job_title", "c: developer: senior")


@pytest.mark.parametrize("entity_id", [None, "", "a", "a:b", "a:b:x", ":b:1", "a::1"])
def test_acknowledgement_topics_that_are_refused(entity_id: str | None) -> None:
    with pytest.raises(InvalidInput):
        ack_subject(("ack", entity_id))
