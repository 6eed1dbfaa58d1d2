"""NOTICE is the one place for attributions: it can be taken apart, and says what every source's licence demands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared_backend.data_management.dataset import SOURCES
from shared_backend.data_management.notice import notice_file, read_notice
from shared_backend.utils.exception_handler import NotFound


def said() -> str:
    return " ".join(text for section in read_notice() for entry in section.entries for text in entry.paragraphs)


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_every_sentence_that_answers_carry_is_in_it(source: object) -> None:
    for sentence in re.split(r"(?<=\.) (?=[A-Z])", source.attribution):  # type: ignore[attr-defined]
        assert sentence in said()


def test_nothing_of_the_file_is_lost() -> None:
    told = [
        word
        for section in read_notice()
        for text in (section.words, *(part for entry in section.entries for part in (entry.title, *entry.paragraphs)))
        for word in text.split()
    ]
    assert told == notice_file().read_text(encoding="utf-8").split()


def test_licences_are_entries_of_several_paragraphs() -> None:
    titles = {entry.title: len(entry.paragraphs) for section in read_notice() for entry in section.entries}
    assert titles["MIT License"] == 3 and titles["BSD 3-Clause License"] == 5
    assert all(number >= 1 for number in titles.values())


def test_without_the_file_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="NOTICE"):
        read_notice(tmp_path / "NOTICE")
