"""Text into lines: what plain text, and every format that is turned into text, has in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from shared_backend.data_management.documents.document import Document, Line, Page, Piece

BULLETS = "•●▪■◦○‣⁃∙·◆❖➢➤►▶✓✔✦★*–—-"
_BULLET = re.compile(
    rf"[ \t]*(?:[{re.escape(BULLETS)}\uf0a7\uf0b7\uf0d8\uf0fc]|o(?=[ \t]{{1,6}}[A-Z])|\uf0a8)[ \t\u00a0]+(?=\S)"
)
_WIDE = re.compile(r"\t+|[ \u00a0]{3,}")
_BREAK = re.compile(r"\t+|[ \u00a0]{2,}")
# A line that goes on for so long is a document whose breaks were lost: runs of spaces are what is left of them.
FLAT_LINE = 600
_INNER_BULLET = re.compile(r"(?<=\s)[•●▪■◦➢➤►✓✔❖◆\uf0a7\uf0b7](?=\s)")


def document_of(text: str, kind: str) -> Document:
    """A document of one page (or of more, where form feeds part them)."""
    document = Document(kind)
    for number, part in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\f"), 1):
        document.pages.append(Page(number, part, lines_of(part, number)))
    return document


def lines_of(text: str, page: int) -> list[Line]:
    """The lines of a page's text that hold anything."""
    lines: list[Line] = []
    gap = False
    position = 0
    for raw in text.split("\n"):
        if raw.strip():
            pieces = _flat(Piece(page, position, raw)) if len(raw) > FLAT_LINE else [Piece(page, position, raw)]
            for piece in pieces:
                lines.append(line_of(piece, gap=gap))
                gap = False
        else:
            gap = True
        position += len(raw) + 1
    return lines


def line_of(piece: Piece, *, gap: bool = False) -> Line:
    """A line without layout; a bullet is not part of it."""
    marked = _BULLET.match(piece.text)
    body = piece.part(marked.end() if marked else 0).stripped()
    cells = tuple(cells_of(body))
    return Line(piece.page, body.start, body.text, cells if len(cells) > 1 else (), gap=gap, bullet=bool(marked))


def cells_of(piece: Piece) -> Iterable[Piece]:
    """Its parts between tabs or wide gaps."""
    begin = 0
    for match in _WIDE.finditer(piece.text):
        yield piece.part(begin, match.start())
        begin = match.end()
    if begin < len(piece.text):
        yield piece.part(begin)


def _flat(piece: Piece) -> list[Piece]:
    """The lines that a line must have been: at double spaces and bullets."""
    cuts = [0]
    for match in _BREAK.finditer(piece.text):
        cuts.append(match.end())
    cuts += [match.start() for match in _INNER_BULLET.finditer(piece.text)]
    cuts = sorted({*cuts, len(piece.text)})
    found = [piece.part(begin, end).stripped() for begin, end in pairwise(cuts)]
    return [one for one in found if one.stripped("\"' ")]
