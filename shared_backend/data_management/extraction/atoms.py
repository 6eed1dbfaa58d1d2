"""The smallest parts of an entry's head: what stands between separators."""

from __future__ import annotations

import re

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.dates import DateRange, ranges_of, without

EDGES = " \t\u00a0,;:.|•·◦●▪■–—-_~*/\\()[]{}<>\"'“”‘’\ufffd→►»«ï¼½â€™¦+=#&"
# Closing brackets and full stops may belong to a name ("Acme Inc.", "Fulbright (2018)").
_SEPARATORS = re.compile(
    r"\s*[|•·◦●▪■►»¦\ue000-\uf8ff]+\s*|\t+|[ \u00a0]{3,}|\s+[–—―−-]{1,2}\s+|\s+[–—]|[–—]\s+|\s*ï¼\S?\s*|\s*;\s+|"
    r"\s+/{2}\s+|\s*â€[“”]\s*|\s+@\s+"
)
_OPEN, _CLOSE = "([<{", ")]>}"
_AT = re.compile(r"\s+(?:at|bei|chez|with|@)\s+(?=[A-ZÀ-Þ0-9])")


def split(piece: Piece, pattern: re.Pattern[str]) -> list[Piece]:
    """Its parts between the matches, those with letters or digits, stripped."""
    parts, begin = [], 0
    for match in pattern.finditer(piece.text):
        parts.append(piece.part(begin, match.start()))
        begin = match.end()
    parts.append(piece.part(begin))
    return [trimmed for part in parts if (trimmed := trim(part))]


def trim(piece: Piece) -> Piece:
    """Without separators at its ends; brackets are kept where they are a pair."""
    piece = piece.stripped()
    while piece.text:
        first, last = piece.text[0], piece.text[-1]
        if (
            first in EDGES
            and not (first in _OPEN and _closed(piece.text))
            and not (first in ".#" and piece.text[1:2].isalnum())
        ):
            piece = piece.part(1)
        elif (
            last in EDGES
            and not (last in _CLOSE and _opened(piece.text))
            and not (last in "+#" and (piece.text[-2:-1].isalnum() or piece.text.endswith("++")))
            and not (last == "." and _abbreviated(piece.text))
        ):
            piece = piece.part(0, len(piece.text) - 1)
        else:
            break
    return piece if any(letter.isalnum() for letter in piece.text) else piece.part(0, 0)


def _abbreviated(text: str) -> bool:
    return bool(re.search(r"\b(?:Inc|Ltd|Co|Corp|Pvt|Jr|Sr|[A-Z]|Tech|Sc|Ed|Com|Hons|Univ|Ph\.D|Engg|Bros)\.$", text))


def _closed(text: str) -> bool:
    return _CLOSE[_OPEN.index(text[0])] in text[1:]


def _opened(text: str) -> bool:
    return text.count(_OPEN[_CLOSE.index(text[-1])]) == text.count(text[-1])


def atoms_of(line: Line) -> tuple[list[Piece], list[DateRange]]:
    """(atoms, dates) of a head line. Dates are found over the whole line, and cut out of what is split."""
    ranges = ranges_of(line)
    found: list[Piece] = []
    for cell in line.parts:
        inside = [one for one in ranges if cell.start <= one.piece.start and one.piece.end <= cell.end]
        if len(inside) < len(ranges) and any(_overlap(cell, one.piece) for one in ranges if one not in inside):
            # A date that goes over a cell's edge: the whole line, then.
            return _split(line.piece, ranges), ranges
        found += _split(cell, inside)
    return found, ranges


def _split(piece: Piece, ranges: list[DateRange]) -> list[Piece]:
    found = []
    for part in without(piece, ranges):
        for atom in split(part, _SEPARATORS):
            found += split(atom, _AT)
    return found


def _overlap(one: Piece, other: Piece) -> bool:
    return one.start < other.end and other.start < one.end
