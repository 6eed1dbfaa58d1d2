"""The text of an entry or a section: bullets and paragraphs, each as one value."""

from __future__ import annotations

import re

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.dates import find_ranges, only_dates
from shared_backend.data_management.extraction.draft import Value, value

# A line of a profile holds so many characters.
LONGEST = 290
_END = re.compile(r"[.!?;:]$")
# How a line ends that goes on in the next one.
_OPEN_END = re.compile(
    r"(?:[,/&\u00ad]|(?<=\w)-|\s[-–—]|\b(?:and|or|of|in|for|the|a|at|by|from|with|on|to|und|oder|der|die|das|für|von|"
    r"mit|im|et|ou|de|du|des|la|le|les|en|pour|y|o|del|los|para|por|e|da|do|em))$",
    re.IGNORECASE,
)


def paragraphs(lines: list[Line]) -> list[list[Piece]]:
    """Lines that belong together, in order: a bullet with the lines it goes on in, or a paragraph."""
    bulleted = any(line.bullet for line in lines)
    widest = max((len(line.text) for line in lines), default=0)
    found: list[list[Piece]] = []
    before: Line | None = None
    for line in lines:
        if _columns(line):
            # Columns: what stands beside each other is not one text.
            found += [[cell] for cell in line.cells]
            before = None
            continue
        fresh = before is None or line.bullet
        if before is not None and not fresh:
            if bulleted and found and not line.gap:
                fresh = False
            else:
                ended = bool(_END.search(before.text)) or len(before.text) < 0.72 * widest
                fresh = line.gap or (ended and not line.text[:1].islower())
        if before is not None and line.page != before.page and not line.bullet and line.text[:1].islower():
            fresh = False
        if before is not None and before.text.endswith("\u00ad"):
            fresh = False
        if before is not None and apart(before, line):
            fresh = True
        if fresh:
            found.append([])
        found[-1].append(line.piece)
        before = line
    return [part for one in found for part in _short(one)]


def items(lines: list[Line]) -> list[list[Piece]]:
    """The items of a list, in order: a bullet with the lines it goes on in, or a line without one. Such a line goes on
    only where the next begins, or it ends, in the middle of something."""
    found: list[list[Piece]] = []
    spaced = any(line.gap for line in lines[1:])
    right = max((line.x1 for line in lines), default=0.0)
    first = before = None
    for line in lines:
        if _columns(line):
            found += [[cell] for cell in line.cells]
            first = before = None
            continue
        goes_on = (
            first is not None
            and before is not None
            and not line.bullet
            and not apart(before, line)
            and (
                line.text[:1].islower()
                or (not line.gap and (first.bullet or _ends_open(before) or (spaced and _full(before, right))))
            )
        )
        if goes_on:
            found[-1].append(line.piece)
        else:
            first = line
            found.append([line.piece])
        before = line
    return [part for one in found for part in _short(one)]


def _columns(line: Line) -> bool:
    return len(line.cells) > 1 and not any(only_dates(cell) for cell in line.cells)


def _ends_open(line: Line) -> bool:
    text = line.text.rstrip()
    return bool(_OPEN_END.search(text)) or text.count("(") > text.count(")")


def _full(line: Line, right: float) -> bool:
    """Whether a line of a page reaches the edge of its column; items then have space between them."""
    return line.x1 > line.x0 and line.x1 >= 0.92 * right and not _END.search(line.text) and not find_ranges(line.piece)


def fitting(piece: Piece) -> Piece:
    """As much of it as fits into a line of a profile."""
    return piece.part(0, LONGEST)


def apart(before: Line, line: Line) -> bool:
    """Whether two lines stand beside each other, where those of one text stand below each other."""
    if line.y1 <= line.y0 or before.y1 <= before.y0 or line.page != before.page:
        return False
    beside = line.x0 >= before.x1 or line.x1 <= before.x0
    above = line.y0 > before.y0 + 0.5 * line.size
    return beside or above or (before.text.endswith("\u00ad") and line.text[:1].isupper())


def _short(pieces: list[Piece]) -> list[list[Piece]]:
    """Parts that each fit into a line of a profile."""
    result: list[list[Piece]] = [[]]
    length = 0
    for piece in (part for whole in pieces for part in _cut(whole)):
        if result[-1] and length + len(piece.text) + 1 > LONGEST:
            result.append([])
            length = 0
        result[-1].append(piece)
        length += len(piece.text) + 1
    return result


def _cut(piece: Piece) -> list[Piece]:
    parts = []
    while len(piece.text) > LONGEST:
        at = piece.text.rfind(". ", 40, LONGEST) + 1 or piece.text.rfind(" ", 40, LONGEST) or LONGEST
        at = at if at > 0 else LONGEST
        parts.append(piece.part(0, at).stripped())
        piece = piece.part(at).stripped()
    return [*parts, piece]


def highlights(lines: list[Line], rule: str, confidence: float = 0.85) -> list[Value]:
    """Each paragraph or bullet as one value; at most 200."""
    found = [value(pieces, confidence, rule) for pieces in paragraphs(lines)[:200]]
    return [one for one in found if any(letter.isalnum() for letter in one.text)]


def prose(lines: list[Line], rule: str, confidence: float = 0.85) -> Value | None:
    """All lines as one text."""
    runs: list[list[Line]] = []
    for line in lines:
        if runs and not apart(runs[-1][-1], line) and not line.cells:
            runs[-1].append(line)
        else:
            runs.append([line])
    longest = max(runs, key=lambda run: sum(len(line.text) for line in run), default=[])
    made = value([line.piece for line in longest], confidence, rule)
    return made if any(letter.isalnum() for letter in made.text) and len(made.text) < 19_000 else None
