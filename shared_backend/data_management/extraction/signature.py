"""A CV's last paragraph where it is signed: a place and a day, with or without the name below."""

from __future__ import annotations

import re

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.dates import find_ranges
from shared_backend.data_management.places.gazetteer import place_of

# A day in numbers, also of two digits' years, which are dates nowhere else.
_DAY = re.compile(r"\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:\d{4}|\d\d)\W*$")
_BEFORE_DAY = re.compile(r"(?:,|\s)\s*(?P<word>den|dem|am|im|le|el|em|a|on|the)?\s*$", re.IGNORECASE)
# Words that stand between a place and a day, and hardly elsewhere.
_FORMAL = ("den", "le")
_SIGNED = re.compile(r"\W*(?:unterschrift|signature|signed|firma|assinatura|gez)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
# Among how many lines the name stands, and how many lines stand below the day.
_TOP, _BELOW = 12, 2


def unsigned(lines: list[Line]) -> list[Line]:
    """The lines without the signature at their end, if there is one."""
    for number in range(len(lines) - 1, max(0, len(lines) - 2 - _BELOW), -1):
        line, below = lines[number], lines[number + 1 :]
        top = {word.casefold() for one in lines[: min(_TOP, number)] for word in _WORD.findall(one.text)}
        beside = [*line.parts[1:], *(one.piece for one in below)]
        names = [piece for piece in beside if any(letter.isalnum() for letter in piece.text)]
        if line.bullet or not all(_signs(piece, top) for piece in names):
            return lines
        # Without a name with it, a paragraph of its own tells it from what is dated.
        named = bool(names) and (line.gap or len(line.parts) > 1)
        if (names or line.gap) and _place_and_day(line.parts[0], named=named):
            return lines[:number]
    return lines


def _place_and_day(piece: Piece, *, named: bool) -> bool:
    """ "Berlin, den 3. März 2024". A place that is not known needs such a word, or the name with it."""
    text = piece.text.rstrip()
    ranges = find_ranges(piece)
    if found := _DAY.search(text):
        begin = found.start()
    elif len(ranges) == 1 and ranges[0].single and ranges[0].start and ranges[0].start.precision == "day":
        if piece.text[ranges[0].piece.end - piece.start :].strip(" ."):
            return False
        begin = ranges[0].piece.start - piece.start
    else:
        return False
    joint = _BEFORE_DAY.search(text, 0, begin)
    if joint is None or (not joint["word"] and "," not in joint[0]):
        return False
    place = text[: joint.start()].strip(" ,")
    if place_of(place) is not None:
        return True
    formal = named or (joint["word"] or "").lower() in _FORMAL
    return formal and 0 < len(place.split()) <= 4 and place[0].isupper() and not any(map(str.isdigit, place))


def _signs(piece: Piece, top: set[str]) -> bool:
    """Whether a text is the name that stands at the top, or says that somebody signed."""
    words = [word.casefold() for word in _WORD.findall(piece.text)]
    if len(piece.text.split()) > 5 or any(map(str.isdigit, piece.text)):
        return False
    return bool(_SIGNED.match(piece.text)) or (bool(words) and all(word in top for word in words))
