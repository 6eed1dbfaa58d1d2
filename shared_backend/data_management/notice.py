"""NOTICE, taken apart: what the licences of what IntelliCV ships and installs demand to be said. The file is the one
place where that stands; pages draw it from here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared_backend.utils.exception_handler import NotFound


@dataclass(frozen=True)
class NoticeEntry:
    """What is named, and the paragraphs about it."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class NoticeSection:
    """What the entries have in common, as a sentence, and the entries."""

    words: str
    entries: tuple[NoticeEntry, ...]


def notice_file() -> Path:
    """Where it is in the product."""
    return Path(__file__).resolve().parents[2] / "NOTICE"


def read_notice(path: Path | None = None) -> list[NoticeSection]:
    """The sections. A paragraph at the margin begins a section, lines at the margin with indented ones below them name
    an entry, and what is indented is about the entry above. Raises NotFound where the file is gone."""
    try:
        text = (path or notice_file()).read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound("NOTICE, which lists whom the data is from, is missing in this installation.") from error
    sections: list[tuple[str, list[tuple[str, list[str]]]]] = []
    for block in text.strip().split("\n\n"):
        lines = block.splitlines()
        at_margin = [line for line in lines if line and not line[0].isspace()]
        body = " ".join(line.strip() for line in lines if line[:1].isspace())
        title = " ".join(at_margin)
        if title and not body:
            sections.append((title, []))
            continue
        if not sections:
            sections.append(("", []))
        entries = sections[-1][1]
        if title:
            entries.append((title, [body]))
        elif entries:
            entries[-1][1].append(body)
    return [
        NoticeSection(words, tuple(NoticeEntry(title, tuple(paragraphs)) for title, paragraphs in entries))
        for words, entries in sections
    ]
