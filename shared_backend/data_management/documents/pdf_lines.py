"""Glyphs into rows: words parted where the page shows a gap, cells where it shows a wide one."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field
from itertools import pairwise

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.documents.pdf_glyphs import BROKEN_WORD, Glyphs
from shared_backend.data_management.documents.plain import BULLETS

# Shares of the letters' height. Inside of words, gaps are at most 0.02; between words, they begin at 0.13.
_WORD_GAP = 0.12
_CELL_GAP = 1.3
_LEADERS = re.compile(r"(?:\.\s?){5,}|_{5,}")
_MARK = re.compile(rf"[{re.escape(BULLETS)}\uf0a7\uf0b7\uf0d8\uf0fc\u25aa\uf06e]+$")
_CONTROL = frozenset(map(chr, [*range(32), *range(127, 160), 0xFFFD, 0x200B, 0x200E, 0x200F, 0xFEFF]))
_NO_INK = _CONTROL | {" ", "\t", "\u00a0"}
# A soft hyphen says of a word that it goes on in the next line.
_SAME = {"\u2010": "-", "\u2011": "-", BROKEN_WORD: "\u00ad"}


@dataclass(slots=True)
class Row:
    """A line in the making. `glyphs[i]` is the glyph that `text[i]` came from, or -1. `cuts` are where cells begin."""

    text: str = ""
    glyphs: list[int] = field(default_factory=list)
    x0: float = 0.0
    x1: float = 0.0
    y0: float = 0.0
    y1: float = 0.0
    size: float = 0.0
    bold: bool = False
    bold_until: int = 0
    bullet: bool = False
    cells: list[tuple[int, int, float, float]] = field(default_factory=list)

    def line(self, page: int, position: int) -> Line:
        """As a line of a page at that offset of its text."""
        cells = [Piece(page, position + begin, self.text[begin:end]) for begin, end, _, _ in self.cells]
        bullet, skip = self.bullet, 0
        if cells and _MARK.match(cells[0].text):
            # A bullet that stands apart from its text.
            bullet, skip = True, self.cells[0][1]
            cells = cells[1:]
        else:
            first, _, rest = self.text.partition(" ")
            if rest and _MARK.match(first):
                bullet, skip = True, len(first)
                if cells:
                    cells[0] = cells[0].part(len(first)).stripped()
        piece = Piece(page, position, self.text).part(skip).stripped()
        return Line(
            page, piece.start, piece.text, tuple(cells) if len(cells) > 1 else (), self.x0, self.x1, self.y0, self.y1,
            self.size, self.bold, max(0, self.bold_until - (piece.start - position)), bullet=bullet,
        )  # fmt: skip


def rows_of(glyphs: Glyphs) -> list[Row]:
    """The rows in stream order."""
    rows: list[Row] = []
    begin = 0
    text = glyphs.text
    for index, letter in enumerate(text):
        if letter in "\r\n":
            if index > begin:
                rows += _row(glyphs, begin, index)
            begin = index + 1
    if begin < len(text):
        rows += _row(glyphs, begin, len(text))
    return _joined(rows)


def _row(glyphs: Glyphs, begin: int, end: int) -> list[Row]:
    text, left, right, bold = glyphs.text, glyphs.left, glyphs.right, glyphs.bold
    for index in range(begin, end):
        # A word goes on in the next line, and pdfium goes on in the same one.
        if text[index] == BROKEN_WORD and index + 1 < end:
            return [*_row(glyphs, begin, index + 1), *_row(glyphs, index + 1, end)]
    inked = [i for i in range(begin, end) if text[i] not in _NO_INK]
    if not inked:
        return []
    size = statistics.median([glyphs.top[i] - glyphs.bottom[i] for i in inked]) or 1.0
    tracking = _tracking(glyphs, inked, size)
    row = Row(size=size)
    letters: list[str] = []
    sources: list[int] = []
    cell_begin, cell_x0 = 0, left[inked[0]]
    before = -1
    for i in inked:
        if before >= 0:
            gap = left[i] - right[before] - tracking
            spaced = i - before > 1 and any(one in " \t\u00a0" for one in text[before + 1 : i])
            if gap > _CELL_GAP * size or gap < -4 * size:
                row.cells.append((cell_begin, len(letters), cell_x0, right[before]))
                letters.append(" ")
                sources.append(-1)
                cell_begin, cell_x0 = len(letters), left[i]
            elif gap > _WORD_GAP * size or (spaced and (tracking == 0 or gap > 0.05 * size)):
                letters.append(" ")
                sources.append(-1)
        letters.append(_SAME.get(text[i], text[i]))
        sources.append(i)
        before = i
    row.cells.append((cell_begin, len(letters), cell_x0, right[before]))
    if len(row.cells) == 1:
        row.cells = []
    row.text, row.glyphs = "".join(letters), sources
    row.x0, row.x1 = min(left[i] for i in inked), max(right[i] for i in inked)
    row.y0 = statistics.median([glyphs.bottom[i] for i in inked])
    row.y1 = row.y0 + size
    heavy = [bold[i] for i in inked]
    row.bold = sum(heavy) > 0.8 * len(heavy)
    # Where the bold beginning ends: of "Company, position" the one that stands out.
    if heavy[0] and not row.bold:
        row.bold_until = next((n for n, source in enumerate(sources) if source >= 0 and not bold[source]), 0)
    return [row]


def _tracking(glyphs: Glyphs, inked: list[int], size: float) -> float:
    """How far a letter-spaced heading's letters stand apart; 0 for ordinary text."""
    gaps = [glyphs.left[b] - glyphs.right[a] for a, b in pairwise(inked)]
    if len(gaps) < 3:
        return 0.0
    usual = statistics.median(gaps)
    return usual if usual > 0.1 * size else 0.0


def _joined(rows: list[Row]) -> list[Row]:
    """Rows that stand on one line after each other are one: writers move to the right for a date."""
    result: list[Row] = []
    for row in rows:
        last = result[-1] if result else None
        if (
            last
            and not last.text.endswith("\u00ad")
            and abs(last.y0 - row.y0) < 0.25 * min(last.size, row.size)
            and row.x0 > last.x1 - 0.3 * row.size
        ):
            _append(last, row)
        else:
            result.append(row)
    return result


def _append(last: Row, row: Row) -> None:
    gap = row.x0 - last.x1
    offset = len(last.text) + 1
    wide = gap > _CELL_GAP * min(last.size, row.size)
    mine = row.cells or [(0, len(row.text), row.x0, row.x1)]
    if wide or last.cells or row.cells:
        cells = last.cells or [(0, len(last.text), last.x0, last.x1)]
        moved = [(begin + offset, end + offset, x0, x1) for begin, end, x0, x1 in mine]
        if not wide:
            begin, _, x0, _ = cells.pop()
            _, end, _, x1 = moved.pop(0)
            moved.insert(0, (begin, end, x0, x1))
        last.cells = cells + moved
    if last.bold and not row.bold:
        last.bold_until = len(last.text)
    last.text += " " + row.text
    last.glyphs += [-1, *row.glyphs]
    last.bold = last.bold and row.bold
    last.x1 = max(last.x1, row.x1)
    last.size = max(last.size, row.size)
    last.y1 = max(last.y1, row.y1)
