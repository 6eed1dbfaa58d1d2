"""Glyphs into rows: words parted where the page shows a gap, cells where it shows a wide one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.documents.pdf_glyphs import BROKEN_WORD, Glyphs, Numbers
from shared_backend.data_management.documents.plain import BULLETS

# Shares of the letters' height. Inside of words, gaps are at most 0.02; between words, they begin at 0.13.
_WORD_GAP = 0.12
_CELL_GAP = 1.3
_MARK = re.compile(rf"[{re.escape(BULLETS)}\uf0a7\uf0b7\uf0d8\uf0fc\u25aa\uf06e]+$")
_SPACES = (0x20, 0x09, 0xA0)
_LINE_ENDS = (0x0A, 0x0D)
_NO_INK = (*range(32), *range(127, 160), 0xFFFD, 0x200B, 0x200E, 0x200F, 0xFEFF, *_SPACES)
# A soft hyphen says of a word that it goes on in the next line.
_SAME = str.maketrans({"\u2010": "-", "\u2011": "-", BROKEN_WORD: "\u00ad"})


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
    """The rows in stream order. What every glyph is asked is asked of all at once; Python runs for words only."""
    rows = [_row(glyphs, told) for told in _told(glyphs)]
    return _joined(rows)


@dataclass(slots=True)
class _Told:
    """Of one row: its inked glyphs, where words and cells of them begin (offsets into `inked`), and its measures."""

    inked: list[int]
    words: list[int]
    cells: list[int]
    size: float
    x0: float
    x1: float
    y0: float
    heavy: int
    bold_first: bool


def _told(glyphs: Glyphs) -> Iterator[_Told]:
    codes = glyphs.codes
    inked = np.flatnonzero(~np.isin(codes, _NO_INK))
    if not len(inked):
        return
    # A row ends at a line break, and where a word goes on in the next line, though pdfium goes on in the same one.
    ends = np.isin(codes, _LINE_ENDS)
    ends[1:] |= codes[:-1] == ord(BROKEN_WORD)
    line = np.cumsum(ends)[inked]
    first = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1])))
    last = np.append(first[1:], len(inked))
    row_of = np.repeat(np.arange(len(first)), last - first)
    left, right, bottom = glyphs.left[inked], glyphs.right[inked], glyphs.bottom[inked]
    size = _medians(glyphs.top[inked] - bottom, row_of, first, last)
    size[size == 0] = 1.0
    gap = np.zeros(len(inked))
    gap[1:] = left[1:] - right[:-1]
    inner = np.ones(len(inked), dtype=np.bool_)
    inner[first] = False
    tracking = _tracking(gap, inner, row_of, first, last, size)
    gap -= tracking[row_of]
    spaces = np.cumsum(np.isin(codes, _SPACES))[inked]
    spaced = np.zeros(len(inked), dtype=np.bool_)
    spaced[1:] = spaces[1:] > spaces[:-1]
    of_row = size[row_of]
    cell = inner & ((gap > _CELL_GAP * of_row) | (gap < -4 * of_row))
    tight = (tracking[row_of] == 0) | (gap > 0.05 * of_row)
    word = inner & ~cell & ((gap > _WORD_GAP * of_row) | (spaced & tight))
    bold = glyphs.bold[inked]
    measures = zip(
        first.tolist(), last.tolist(), size.tolist(), np.minimum.reduceat(left, first).tolist(),
        np.maximum.reduceat(right, first).tolist(), _medians(bottom, row_of, first, last).tolist(),
        np.add.reduceat(bold, first, dtype=np.int64).tolist(), bold[first].tolist(), strict=True,
    )  # fmt: skip
    places, cells, words = inked.tolist(), np.flatnonzero(cell).tolist(), np.flatnonzero(word).tolist()
    at_cell = at_word = 0
    for begin, end, height, x0, x1, y0, heavy, bold_first in measures:
        next_cell, next_word = bisect_left(cells, end, at_cell), bisect_left(words, end, at_word)
        yield _Told(
            places[begin:end], [one - begin for one in words[at_word:next_word]],
            [one - begin for one in cells[at_cell:next_cell]], height, x0, x1, y0, heavy, bold_first,
        )  # fmt: skip
        at_cell, at_word = next_cell, next_word


def _medians(values: Numbers, row_of: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]) -> Numbers:
    """Of each row's values the middle one, or the mean of the two in the middle. `row_of` must ascend."""
    ordered = values[np.lexsort((values, row_of))]
    return (ordered[(first + last - 1) // 2] + ordered[(first + last) // 2]) / 2


def _tracking(
    gap: Numbers, inner: NDArray[np.bool_], row_of: NDArray[np.int64], first: NDArray[np.int64],
    last: NDArray[np.int64], size: Numbers,
) -> Numbers:  # fmt: skip
    """Of each row how far a letter-spaced heading's letters stand apart; 0 for ordinary text."""
    found = np.zeros(len(first))
    many = last - first > 3
    if many.any():
        begins = (first - np.arange(len(first)))[many]
        usual = _medians(gap[inner], row_of[inner], begins, begins + (last - first - 1)[many])
        found[many] = np.where(usual > 0.1 * size[many], usual, 0.0)
    return found


def _row(glyphs: Glyphs, told: _Told) -> Row:
    inked, left, right = told.inked, glyphs.left, glyphs.right
    row = Row(x0=told.x0, x1=told.x1, y0=told.y0, y1=told.y0 + told.size, size=told.size)
    parts: list[str] = []
    sources: list[int] = []
    cells = set(told.cells)
    begin = cell_begin = 0
    cell_x0 = float(left[inked[0]])
    for stop in [*sorted([*told.words, *told.cells]), len(inked)]:
        part = inked[begin:stop]
        if part[-1] - part[0] == len(part) - 1:
            parts.append(glyphs.text[part[0] : part[-1] + 1])
        else:
            parts.append("".join([glyphs.text[i] for i in part]))
        sources += part
        if stop in cells:
            row.cells.append((cell_begin, len(sources), cell_x0, float(right[part[-1]])))
            cell_begin, cell_x0 = len(sources) + 1, float(left[inked[stop]])
        sources.append(-1)
        begin = stop
    sources.pop()
    if row.cells:
        row.cells.append((cell_begin, len(sources), cell_x0, float(right[inked[-1]])))
    row.text, row.glyphs = " ".join(parts).translate(_SAME), sources
    row.bold = told.heavy > 0.8 * len(inked)
    # Where the bold beginning ends: of "Company, position" the one that stands out.
    if told.bold_first and not row.bold:
        row.bold_until = next((n for n, source in enumerate(sources) if source >= 0 and not glyphs.bold[source]), 0)
    return row


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
