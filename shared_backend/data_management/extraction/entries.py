"""A section of dated entries parted into its entries: which lines head one, and which tell of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from shared_backend.data_management.documents.document import Line
from shared_backend.data_management.extraction.atoms import atoms_of
from shared_backend.data_management.extraction.dates import DateRange, only_dates, ranges_of, says_present
from shared_backend.data_management.extraction.lexicon import company_score, position_score
from shared_backend.data_management.places.gazetteer import place_of

_MOST_HEAD_LINES = 3
_SENTENCE = re.compile(r"[.!?;]$")
_LABEL = re.compile(r"^(?:duration|period|dates?|from|tenure|zeitraum|période|periodo|período)\s*[:\-–]", re.IGNORECASE)
_HOW_LONG = re.compile(
    r"^\(?\d+\+?\s*(?:years?|yrs?|months?|mos?|jahre?|monate?|ans?|mois|años?|anos?|meses)\b", re.IGNORECASE
)
# How text begins that tells what was done.
_DOING = re.compile(
    r"^(?:[A-Z][a-z]+(?:ed|ing)\b|responsible for|worked|led\b|built|made|ran\b|wrote|taught|held|kept|oversaw|"
    r"assist(?:s|ing)?\b|provides?\b|manages?\b|performs?\b|ensures?\b|maintains?\b|"
    r"handles?\b|conducts?\b|prepares?\b|develops?\b|supports?\b|creates?\b|works?\b|reports?\b (?:to|on)|helps?\b|"
    r"key \w+:|project|goals?:|(?:the|my|i|to|a|an|as|in|on|for|with)\b(?!-))",
    re.IGNORECASE,
)
# What stands with a position and numbers it ("Ward 23", "Grade 7"); no employer is called so.
NUMBERED = re.compile(
    r"(?:ward|bay|band|grade|level|tier|step|class|scale|unit|team|shift|floor|room|zone|platoon|station|stufe|gruppe|"
    r"échelon|nivel|grado)\s+(?:[A-Z]|[IVX]{1,4}|\d{1,3}[A-Za-z]?)",
    re.IGNORECASE,
)
# A dash or a word for it behind a date, and up to three words behind that, up to the end of a line or a cell.
_UP_TO = re.compile(
    r"\)?\s*(?:-{1,3}>?|[–—]>?|―|−|~|→|⇒|➔|➜|=>|>{1,2}|\b(?:to|till|until|bis|hasta|até)\b)"
    r"\s*(?P<until>[^\s,;:|]+(?:\s[^\s,;:|]+){0,2})?[\s).]*"
)
_END = re.compile(
    r"(?:end(?:ed|\s+date)?|to|till|until|bis|ende|fin|(?:date|fecha)\s+de\s+fin|data\s+de\s+fim|hasta|até)?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class EntryLines:
    """One entry: its head lines with their dates, and its body."""

    head: list[Line] = field(default_factory=list)
    ranges: list[DateRange] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)


def head_like(line: Line) -> bool:
    """Whether a line could head an entry: short, no bullet, no sentence."""
    text = line.text.strip()
    words = text.split()
    if line.bullet or not words or len(words) > 16 or len(text) > 120:
        return False
    if (text[0].islower() and not begins_with_date(line, ranges_of(line))) or (
        len(words) > 6 and _SENTENCE.search(text) and not _abbreviation(text)
    ):
        return False
    if len(words) > 3 and _DOING.match(text) and position_score(text) < 0.7 and not line.bold:
        return False
    return not text.endswith((",", ":")) or len(words) <= 6


def begins_with_date(line: Line, ranges: list[DateRange]) -> bool:
    """Whether a line begins with a date that something is named behind: "seit 2017 Oberärztin", "depuis 2019 : …"."""
    if not ranges or line.bullet or ranges[0].piece.start - line.start > len(line.text) - len(line.text.lstrip()):
        return False
    behind = line.text[ranges[0].piece.end - line.start :]
    rest = behind.lstrip(" \t\u00a0:–—|,-")
    # "since 2015 the team …" goes on with what a line before began.
    return not rest or (rest[0].isupper() and (line.gap or rest != behind.lstrip(" ") or not _SENTENCE.search(rest)))


def _abbreviation(text: str) -> bool:
    return bool(re.search(r"\b(?:Inc|Ltd|Co|Corp|Pvt|LLC|[A-Z])\.$", text))


def is_anchor(line: Line, ranges: list[DateRange]) -> bool:
    """Whether a line's date is that of an entry, and not one in a sentence."""
    if not ranges:
        return False
    text = line.text.strip()
    before = line.text[: ranges[0].piece.start - line.start].strip(" ,.-–|()")
    if not ranges[0].single and len(before) <= 60 and position_score(before) >= 0.6:
        # "Position, dates" with the text running on behind them.
        return True
    rest = len(text) - sum(len(one.piece.text) for one in ranges)
    if rest > 130 or len(text.split()) > 24 or (text[0].islower() and not begins_with_date(line, ranges)):
        return False
    if _LABEL.match(text):
        return True
    first, last = ranges[0].piece, ranges[-1].piece
    at_begin = len(line.text[: first.start - line.start].strip(" (-–|,•")) <= 1
    behind = line.text[last.end - line.start :].strip(" )-–|,.;:•")
    at_end = len(behind) <= 1 or (len(behind) < 20 and _HOW_LONG.match(behind) is not None)
    in_cell = any(
        len(cell.text.strip(" ()-–|,.")) <= len(one.piece.text) + 2
        for cell in line.cells
        for one in ranges
        if cell.start <= one.piece.start < cell.end
    )
    single = all(one.single for one in ranges)
    if single and (line.bullet or len(text.split()) > 14):
        return False
    if single and not (at_begin or at_end or in_cell):
        return False
    if len(text.split()) > 8 and text.endswith(".") and not at_begin and not _abbreviation(text):
        return False
    if at_begin or at_end or in_cell:
        return not (at_end and not at_begin and not in_cell and single and _DOING.match(text) and len(text.split()) > 4)
    # In the middle, followed by a place or an employer.
    return not single and len(text.split()) <= 18


def split_entries(lines: list[Line]) -> list[EntryLines]:
    """The entries of a section in order; of a section without dates what can be told by position names."""
    lines, dated = _dated(lines)
    anchors = [n for n, line in enumerate(lines) if not line.bullet and is_anchor(line, dated[n])]
    ranged = [n for n in anchors if not all(one.single for one in dated[n])]
    if len(ranged) >= 1:
        # Beside ranges of dates, a lone year is mostly part of a text; not where the line heads something.
        anchors = [n for n in anchors if n in ranged or _heads(lines[n], dated[n])]
    if not anchors:
        anchors = [n for n, line in enumerate(lines) if line.bullet and is_anchor(line, dated[n])]
    if not anchors:
        return _undated(lines)
    anchors = _merged(anchors, lines, dated)
    lead = _lead(lines, anchors[0], 0)
    starts = []
    floor = 0
    for number, anchor in enumerate(anchors):
        start = anchor - (
            lead if number == 0 else _lead_of(lines, anchor, floor, lead, lines[anchors[0] - lead : anchors[0]])
        )
        starts.append(max(start, floor))
        floor = anchor + 1
    found: list[EntryLines] = []
    if starts[0] > 0:
        found += _undated(lines[: starts[0]])
    for number, (start, anchor) in enumerate(zip(starts, anchors, strict=True)):
        stop = starts[number + 1] if number + 1 < len(starts) else len(lines)
        found += _entry(lines, dated, start, anchor, stop)
    return found


def _dated(lines: list[Line]) -> tuple[list[Line], list[list[DateRange]]]:
    """(the lines, their dates). A line that has nothing but the end of what the one above it began is taken out, and
    so are words behind a date that are no name and say, in no language that is known, until when."""
    kept: list[Line] = []
    dated: list[list[DateRange]] = []
    for line in lines:
        line, ranges = _opened(line, ranges_of(line))
        if kept and (closed := _closed(kept[-1], dated[-1], line, ranges)):
            dated[-1] = [*dated[-1][:-1], closed]
            continue
        kept.append(line)
        dated.append(ranges)
    return kept, dated


def _opened(line: Line, ranges: list[DateRange]) -> tuple[Line, list[DateRange]]:
    """(a line, its dates): the last begins a range where a dash and words that are no name stand behind it."""
    if not ranges or not ranges[-1].single or ranges[-1].begins or not head_like(line):
        return line, ranges
    last = ranges[-1]
    stop = next((cell.end for cell in line.cells if cell.start <= last.piece.start < cell.end), line.piece.end)
    behind = _UP_TO.fullmatch(line.text[last.piece.end - line.start : stop - line.start])
    if behind is None:
        return line, ranges
    until = behind["until"] or ""
    before = line.text[: ranges[0].piece.start - line.start].strip(" ,.-–|()")
    if (
        max(position_score(until), company_score(until)) >= 0.6
        or place_of(until) is not None
        or (before and max(position_score(before), company_score(before)) < 0.6)
    ):
        return line, ranges
    if until[:1].islower() and stop == line.piece.end:
        text = line.text[: last.piece.end - line.start]
        cells = tuple(cell.part(0, last.piece.end - cell.start) for cell in line.cells)
        line = replace(line, text=text, cells=cells)
    return line, [*ranges[:-1], replace(last, single=False)]


def _closed(above: Line, begun: list[DateRange], line: Line, ranges: list[DateRange]) -> DateRange | None:
    """The range that begins at the end of one line, and of which the next line has the end and nothing else."""
    if not begun or begun[-1].end or begun[-1].present or (begun[-1].single and not begun[-1].begins):
        return None
    last = begun[-1]
    behind = _UP_TO.fullmatch(rest) if (rest := above.text[last.piece.end - above.start :].strip(" )")) else None
    if last.start is None or line.bullet or (rest and (behind is None or behind["until"])):
        return None
    if says_present(line.text):
        return replace(last, present=line.piece.stripped(), single=False, begins=False)
    if len(ranges) != 1 or not ranges[0].single or ranges[0].start is None:
        return None
    end = ranges[0]
    others = line.text.replace(end.piece.text, "").strip(" \t:.,()-–—")
    if end.begins or last.start.months() > ranges[0].start.months(last=True) or not _END.fullmatch(others):
        return None
    return replace(last, end=end.start, single=False, begins=False)


def _heads(line: Line, ranges: list[DateRange]) -> bool:
    rest = line.text
    for one in ranges:
        rest = rest.replace(one.piece.text, " ")
    rest = rest.strip(" ,.-–|()")
    words = rest.split()
    return not words or (
        len(words) <= 9
        and (
            position_score(rest) >= 0.6 or company_score(rest) >= 0.6 or bool(line.cells) or place_of(rest) is not None
        )
    )


def _merged(anchors: list[int], lines: list[Line], dated: list[list[DateRange]]) -> list[int]:
    """Neighbouring anchors of which the second has nothing but a single date are one ("2009 – / 2012")."""
    kept: list[int] = []
    for anchor in anchors:
        alone = len(lines[anchor].text.strip()) <= sum(len(one.piece.text) for one in dated[anchor]) + 3
        if (
            kept
            and anchor == kept[-1] + 1
            and alone
            and all(one.single for one in dated[anchor])
            and all(one.single for one in dated[kept[-1]])
        ):
            continue
        kept.append(anchor)
    return kept


def _lead(lines: list[Line], anchor: int, floor: int) -> int:
    """How many lines before the first date head its entry."""
    count = 0
    while anchor - count > floor and count < _MOST_HEAD_LINES and head_like(lines[anchor - count - 1]):
        count += 1
        if lines[anchor - count].gap and count > 1 and not lines[anchor].gap:
            break
    return count


def _lead_of(lines: list[Line], anchor: int, floor: int, lead: int, model: list[Line]) -> int:
    """How many lines before a further date head its entry: as many as at the first, if they look alike."""
    count = 0
    while count < lead and anchor - count > floor:
        line = lines[anchor - count - 1]
        like = model[lead - count - 1]
        if not head_like(line) or (like.size and (line.bold != like.bold or abs(line.size - like.size) > 0.8)):
            break
        count += 1
    if not count and lead == 0 and anchor - 1 > floor and len(lines[anchor].text.split()) <= 6:
        # The first entry had none, but this one's date stands alone.
        line = lines[anchor - 1]
        if (
            head_like(line)
            and line.gap
            and position_score(line.text) >= 0.7
            and only_dates(lines[anchor].piece, beside=4)
        ):
            return 1
    return count


def _entry(lines: list[Line], dated: list[list[DateRange]], start: int, anchor: int, stop: int) -> list[EntryLines]:
    entry = EntryLines(lines[start : anchor + 1], [*dated[anchor]])
    following = anchor + 1
    told = _told(entry.head)
    while following < stop and len(entry.head) < 5:
        line = lines[following]
        text = line.text.strip()
        if _HOW_LONG.match(text) and len(text) < 30:
            following += 1
            continue
        if not head_like(line) or (dated[following] and following != anchor and not only_dates(line.piece, beside=4)):
            break
        place = place_of(text) is not None
        strong = max(position_score(text), company_score(text) - 0.05) >= 0.6
        behind = told == 1 and _names_position(entry.head[-1]) and _name_and_place(text)
        needed = told < 2 and (strong or line.bold or told == 0 or behind or _next_is_body(lines, following, stop))
        if not place and not needed:
            break
        if told >= 1 and not place and len(text.split()) > 9:
            break
        entry.head.append(line)
        told += 0 if place else 1
        following += 1
    body = lines[following:stop]
    for number in range(len(body)):
        if number and _begins_undated(body, number):
            entry.body = body[:number]
            return [entry, *_undated(body[number:])]
    entry.body = body
    return [entry]


def _told(head: list[Line]) -> int:
    """How many things (position, employer) a head names already; places and dates are none."""
    count = 0
    for line in head:
        for atom in atoms_of(line)[0]:
            parts = [part.strip(" ,.-–|()") for part in atom.text.split(",")]
            for begin in range(max(0, len(parts) - 3), len(parts)):
                if place_of(", ".join(parts[begin:])) is not None:
                    parts = parts[:begin]
                    break
            named = [
                part for part in parts if sum(letter.isalpha() for letter in part) > 1 and not NUMBERED.fullmatch(part)
            ]
            scores = [position_score(part) >= 0.6 for part in named]
            # "Company, position" are two; "Smith, Jones and Partners" is one.
            count += 2 if any(scores) and not all(scores) else min(1, len(named))
    return count


def _names_position(line: Line) -> bool:
    return any(position_score(atom.text) >= 0.6 for atom in atoms_of(line)[0])


def _name_and_place(text: str) -> bool:
    """ "Rakuten, Tokyo": right below a position, a name with a place is its employer."""
    name, _, tail = text.rpartition(",")
    place = place_of(tail.strip()) if name and tail.strip() else None
    return (
        place is not None
        and place.sure >= 0.7
        and len(name.split()) <= 5
        and name[:1].isupper()
        and position_score(name) < 0.6
        and not _DOING.match(name)
    )


def _next_is_body(lines: list[Line], at: int, stop: int) -> bool:
    return at + 1 < stop and (lines[at + 1].bullet or len(lines[at + 1].text.split()) > 9)


def _begins_undated(lines: list[Line], at: int) -> bool:
    """Whether an entry without dates begins here: a position in a paragraph of its own, its employer in the next."""
    line = lines[at]
    if not (line.gap and head_like(line) and len(line.text.split()) <= 8 and position_score(line.text) >= 0.75):
        return False
    if at + 1 >= len(lines):
        return False
    after = lines[at + 1]
    return (
        after.gap and head_like(after) and len(after.text.split()) <= 8 and (at + 2 >= len(lines) or lines[at + 2].gap)
    )


def _undated(lines: list[Line]) -> list[EntryLines]:
    """Entries of lines without dates: each begins with a line that names a position."""
    found: list[EntryLines] = []
    for number, line in enumerate(lines):
        begins = head_like(line) and len(line.text.split()) <= 10 and position_score(line.text) >= 0.7
        near = found and not found[-1].body and len(found[-1].head) < 3
        if begins and not (near and not line.gap):
            found.append(EntryLines([line]))
        elif (
            found
            and not found[-1].body
            and len(found[-1].head) < 3
            and head_like(line)
            and len(line.text.split()) <= 9
            and (line.gap or company_score(line.text) >= 0.6 or place_of(line.text))
        ):
            found[-1].head.append(line)
        elif found:
            found[-1].body.append(line)
        elif (
            number == 0
            and head_like(line)
            and len(lines) > 1
            and head_like(lines[1])
            and position_score(lines[1].text) >= 0.7
            and len(line.text.split()) <= 8
        ):
            found.append(EntryLines([line]))
    return found
