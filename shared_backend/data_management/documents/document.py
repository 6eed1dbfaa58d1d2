"""A document that was read: pages of text, and on each page its lines with where and how they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

ReadingOrder = Literal["stream", "columns", "text"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a page's text: `page.text[start:end] == text`. Values are made of these and keep their places."""

    page: int
    start: int
    text: str

    @property
    def end(self) -> int:
        """One after its last character."""
        return self.start + len(self.text)

    def part(self, begin: int, end: int | None = None) -> Piece:
        """The piece between two of its own offsets."""
        begin, stop, _ = slice(begin, end).indices(len(self.text))
        return Piece(self.page, self.start + begin, self.text[begin : max(begin, stop)])

    def stripped(self, characters: str | None = None) -> Piece:
        """Without those characters (white space) at its ends."""
        left = len(self.text) - len(self.text.lstrip(characters))
        return self.part(left, len(self.text.rstrip(characters))) if left < len(self.text) else self.part(0, 0)

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(slots=True)
class Line:
    """A line of a page. `cells` are its parts that stand apart, by a wide gap, a tab or a table's border.

    Positions are in points from the lower left corner; in formats without pages they are 0. `size` is the height of
    the letters' boxes, 0 where unknown. `heading` is the level that the format gives it, 1 the highest, 0 for text.
    `gap`: more space above it than between the lines of a paragraph.
    """

    page: int
    start: int
    text: str
    cells: tuple[Piece, ...] = ()
    x0: float = 0.0
    x1: float = 0.0
    y0: float = 0.0
    y1: float = 0.0
    size: float = 0.0
    bold: bool = False
    bold_until: int = 0
    gap: bool = False
    bullet: bool = False
    heading: int = 0
    furniture: bool = False

    @property
    def piece(self) -> Piece:
        """The whole line."""
        return Piece(self.page, self.start, self.text)

    @property
    def parts(self) -> tuple[Piece, ...]:
        """Its cells, or itself where nothing stands apart."""
        return self.cells or (self.piece,)


@dataclass(frozen=True, slots=True)
class Link:
    """An address behind a stretch of text, as the format keeps it."""

    uri: str
    piece: Piece


@dataclass(slots=True)
class Page:
    """One page; formats without pages have one. `number` counts from 1. `unreadable`: signs in words that are drawn and
    stand for no letter that a program could know."""

    number: int
    text: str
    lines: list[Line] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0
    order: ReadingOrder = "text"
    disagreed: bool = False
    images: int = 0
    unreadable: int = 0
    links: list[Link] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """What was read. `notes` are in the person's words."""

    format: str
    pages: list[Page] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ocr: bool = False

    def lines(self) -> Iterator[Line]:
        """All lines in reading order."""
        for page in self.pages:
            yield from page.lines

    def page(self, number: int) -> Page:
        """The page of that number. Raises IndexError for one that there is not."""
        if not 1 <= number <= len(self.pages):
            raise IndexError(f"There is no page {number}.")
        return self.pages[number - 1]

    @property
    def text(self) -> str:
        """All pages, separated by form feeds."""
        return "\f".join(page.text for page in self.pages)
