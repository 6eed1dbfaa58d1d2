"""Marks of acknowledgements: they only grow, and forgetting one never hides a change."""

from __future__ import annotations

from shared_backend.portal_ui.ack_marks import AckMarks
from shared_backend.portal_ui.topics import ack_topic


def test_a_page_drawn_before_a_change_is_stale_and_after_it_is_not() -> None:
    acks, topic = AckMarks(), ack_topic("user_profile", "42", 3)
    drawn = acks.count
    assert not acks.mark(topic) > drawn
    acks.moved([topic])
    assert acks.mark(topic) > drawn
    assert not acks.mark(topic) > acks.count


def test_other_topics_stay_as_they_were() -> None:
    acks = AckMarks()
    drawn = acks.count
    acks.moved([ack_topic("user_profile", "1", 1)])
    assert not acks.mark(ack_topic("user_profile", "2", 1)) > drawn


def test_what_was_forgotten_looks_changed_rather_than_unchanged() -> None:
    acks = AckMarks(kept=2)
    drawn = acks.count
    topics = [ack_topic("user_profile", str(number), 1) for number in range(4)]
    for topic in topics:
        acks.moved([topic])
    assert all(acks.mark(topic) > drawn for topic in topics)


def test_two_processes_have_different_names() -> None:
    assert AckMarks().process != AckMarks().process
