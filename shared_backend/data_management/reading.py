"""What the life of a document needs of whoever reads it: its kind by its bytes, a draft of a profile, its pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

# A stretch of a page's text: page from 1, characters from 0, the end not included.
Place = tuple[int, int, int]


@dataclass(frozen=True)
class Reading:
    """How reading a document ended. `outcome` is `parsed` or names what was in the way, `words` says it to a person;
    `draft` is there where it was parsed: a profile with the evidence for each value, as JSON."""

    outcome: str
    words: str
    draft: dict[str, Any] | None
    pages: int = 0
    parser_version: str = ""


@dataclass(frozen=True)
class PageLook:
    """One page to look at. `png` is its picture with the places marked in it, None for formats without pages; then
    `text` and the `marks` in it (start, end) are shown instead."""

    page: int
    pages: int
    png: bytes | None
    text: str = ""
    marks: tuple[tuple[int, int], ...] = ()


class Reader(Protocol):
    """Reads documents, harmful ones too, without harm to this process."""

    def kind(self, content: bytes, name: str) -> str:
        """What the bytes are (`pdf`, `docx`, …). Raises InvalidInput, in a person's words, for what can't be read."""

    def read(self, content: bytes, name: str, as_of: date | None = None) -> Reading:
        """Reads a document. Does not raise for what is wrong with it: that is the outcome. `as_of`: the day up to which
        that is counted which goes on; None: up to the newest one that the document names."""

    def look(self, content: bytes, name: str, page: int, places: Sequence[Place]) -> PageLook:
        """A page with some places marked. Raises InvalidInput where it can't be drawn."""

    def close(self) -> None:
        """Ends its processes."""


class Storage(Protocol):
    """Where the bytes are."""

    def put(self, path: str, content: bytes) -> None:
        """Stores them; durable when it returns."""

    def get(self, path: str) -> bytes:
        """The bytes. Raises CloudError."""

    def delete(self, path: str) -> None:
        """Removes them; nothing to remove is no error."""

    def ours(self, prefix: str) -> Iterable[tuple[str, datetime]]:
        """Paths that begin so and that this very installation has stored, each with when. Raises CloudError."""
