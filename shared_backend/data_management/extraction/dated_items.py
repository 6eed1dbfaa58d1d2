"""Awards and certificates: items with the date they were earned, and who gave them where a line says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.atoms import trim
from shared_backend.data_management.extraction.dates import DateRange, find_ranges, only_dates, without
from shared_backend.data_management.extraction.draft import Entry, Value, value
from shared_backend.data_management.extraction.lexicon import is_placeholder
from shared_backend.data_management.extraction.text_body import items

_NUMBER = re.compile(r"^\s*(?:\d{1,2}[.)]|\[\d{1,2}\])\s+")
# What stands before a date up to which something holds; that is not when it was earned.
_UNTIL = re.compile(
    r"(?:\b(?:exp(?:ir(?:es?|y|ing|ation))?|valid|renewal|due|gültig|valable|validité|válid[oa]|vigente|caduca|expira)\b"
    r"[\s.:,]*(?:date|on|in|through|thru|until|till|to|bis|jusqu[’']?(?:à|en|au)?|hasta|até|em|el|le)?"
    r"|\b(?:until|till|through|thru|bis|hasta|até))[\s.:,(]*$",
    re.IGNORECASE,
)
# What stands before the date of earning, where a line begins with it.
_FROM = re.compile(
    r"\W*(?:date of issue|issue date|date issued|issued|earned|obtained|completed|received|awarded|valid from|"
    r"ausgestellt|erworben|gültig ab|délivrée?|obtenue?|expedid[oa]|emitid[oa]|obtenid[oa]|obtid[oa])"
    r"\s*(?:on|in|am|im|le|en|el|em)?[\s:.–-]*",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\W*(?:(?:issued|awarded|granted|given|presented) by|issu(?:er|ing (?:body|organi[sz]ation|authority))\s*:|"
    r"awarding body\s*:|ausgestellt von|verliehen von|délivrée? par|remise? par|expedid[oa] por|emitid[oa] por|"
    r"otorgad[oa] por)[\s:]*(?=\S)",
    re.IGNORECASE,
)
# The number under which it is kept.
_KEPT = re.compile(
    r"\W*(?:credential|certificate|certification|licen[cs]e|registration|verification|zertifikats?)[\s-]*"
    r"(?:id|url|link|code|no|nr|number|nummer|n[º°])\b\W*(?:https?://)?(?=\S*\d|\S+\.\w)\S+\W*$"
    r"|\W*(?:show|see|view) credential\W*$",
    re.IGNORECASE,
)
_FOREVER = re.compile(
    r"\W*(?:(?:no|never|does not) expir\w*(?: date)?|expir\w+(?: date)?\W+(?:never|none|n/?a))\W*$", re.IGNORECASE
)
# Words of what is earned, and of who gives it.
_EARNED = re.compile(
    r"certifi\w+|licen[cs]e|diploma|\b(?:award|prize|medal|scholarship|course|training|permit|level|preis|permis|brevet|"
    r"curso|premio|prêmio|prix|bourse|diplôme)|zertifikat|führerschein|schein\b|lehrgang|kurs\b|schulung",
    re.IGNORECASE,
)
_BODIES = (
    r"(?:inc|llc|llp|ltd|limited|plc|gmbh|ag|e\.v|corp|corporation|company|university|college|schools?|institut\w*|academy|"
    r"akademie|hotels?|bank|hospitals?|clinic|council|association|society|foundation|stiftung|fondation|ministry|board|"
    r"department|club|church|chamber|\w*kammer|\w*verband|\w*verein|federation|authority|agency|cámara|câmara)"
)
# "Hotel management" is learned; such a word names who gives something at its end, or before "of".
_BODY = re.compile(
    rf"\b{_BODIES}\b(?:\.?,.*|\.|\s*\([^()]*\))?$|\b{_BODIES}\s+(?:of|for|de|du|des|der|für|do|da)\s"
    r"|^(?:universität|hochschule|université|universidad|universidade|klinikum|hôpital|école|escuela|escola)\s",
    re.IGNORECASE,
)
_Kind = Literal["item", "date", "note"]


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring lines of one kind; of items also the items, each with its pieces."""

    kind: _Kind
    lines: list[Line]
    items: list[list[Piece]]


def award_entries(lines: list[Line]) -> list[Entry]:
    """Awards, one a line or bullet, with its date and, where that is told, who gave it."""
    return _dated_items(lines, "title", "awarder", "awards")


def certificate_entries(lines: list[Line]) -> list[Entry]:
    """Certificates and courses, one a line or bullet, with date and, where that is told, issuer."""
    return _dated_items(lines, "name", "issuer", "certificates")


def _dated_items(lines: list[Line], name: str, giver: str, rule: str) -> list[Entry]:
    """A line that says nothing but when belongs to the item above it, and parts it from the next; where such a line
    comes first, each belongs to the item below it."""
    runs = [_run(kind, list(some)) for kind, some in groupby(_noted_apart(lines), lambda line: _kind(line.piece))]
    leading = bool(runs) and runs[0].kind == "date"
    givers = _givers(runs, leading)
    found: list[Entry] = []
    last: Entry | None = None
    above: Value | None = None
    for number, run in enumerate(runs):
        if run.kind == "item":
            named = run.items[:-1] if number in givers else run.items
            made = [_dated_item(pieces, name, rule) for pieces in named]
            last = made[-1]
            if above is not None and made[0] is not None:
                made[0].setdefault("date", above)
            if last is not None and givers.get(number):
                last[giver] = value(trim(run.items[-1][0]), 0.65, f"{rule}.{giver}")
            above = None
            found += [entry for entry in made if entry is not None]
        elif run.kind == "note":
            if last is not None:
                _notes(last, run.lines, giver, rule)
        elif leading:
            # Of several dates in a row none is known to be that of the item below.
            above = _date_of(find_ranges(run.lines[0].piece)) if len(run.lines) == 1 else None
        elif last is not None and (date := _date_of(find_ranges(run.lines[0].piece))) is not None:
            last.setdefault("date", date)
    return found[:200]


def _run(kind: _Kind, lines: list[Line]) -> _Run:
    return _Run(kind, lines, items(lines) if kind == "item" else [])


def _noted_apart(lines: list[Line]) -> Iterator[Line]:
    """The lines; cells that say something of the item beside them are lines of their own."""
    for line in lines:
        if not any(_kind(cell) == "note" for cell in line.cells[1:]):
            yield line
            continue
        for noted, some in groupby(line.cells, lambda cell: _kind(cell) == "note"):
            cells = tuple(some)
            for group in [(cell,) for cell in cells] if noted else [cells]:
                part = line.piece.part(group[0].start - line.start, group[-1].end - line.start)
                first = group[0] == line.cells[0]
                yield replace(
                    line,
                    start=part.start,
                    text=part.text,
                    cells=group if len(group) > 1 else (),
                    bullet=line.bullet and first,
                    gap=line.gap and first,
                )


def _kind(piece: Piece) -> _Kind:
    """Whether a line names something, says nothing but when, or says when, until when, by whom or under which number
    the item above was given."""
    if ranges := find_ranges(piece):
        before = piece.text[: ranges[0].piece.start - piece.start]
        behind = piece.text[ranges[-1].piece.end - piece.start :]
        if (_UNTIL.fullmatch(before.lstrip(" (")) or _FROM.fullmatch(before)) and not _goes_on(behind):
            return "note"
    if any(one.match(piece.text) for one in (_BY, _KEPT, _FOREVER)):
        return "note"
    return "date" if only_dates(piece) else "item"


def _goes_on(text: str) -> bool:
    """Whether a text behind a date names something: "received in 2018 the …", "issued 2019: …"."""
    return not (_KEPT.match(text) or _FOREVER.match(text)) and bool(re.match(r"\s*[\w:,]", text))


def _notes(entry: Entry, lines: list[Line], giver: str, rule: str) -> None:
    """What lines say of the item above them. A date of expiry is none of earning."""
    for piece in (line.piece for line in lines):
        ranges = _earned(piece)
        if by := _BY.match(piece.text):
            rest = piece.part(by.end())
            parts = [trim(part) for part in without(rest, find_ranges(rest))]
            named = max(parts, key=lambda part: len(part.text), default=rest)
            if 2 < len(named.text) <= 120:
                entry.setdefault(giver, value(named, 0.75, f"{rule}.{giver}"))
            if (date := _date_of(ranges)) is not None:
                entry.setdefault("date", date)
        elif ranges and _FROM.match(piece.text):
            fields = ranges[0].fields(single="startDate")
            if "startDate" in fields:
                entry.setdefault("date", fields["startDate"])


def _givers(runs: list[_Run], leading: bool) -> dict[int, bool]:
    """Of which runs the last line is no item, but says who gave the one before it: run -> whether that is sure.

    Above (or, `leading`, below) a date stand a name and a short line: the line is known for an organisation's, a label
    as "Issued" follows, or all items of the section have two lines. Such a line is sure where most others are."""
    dated = [
        number
        for number, run in enumerate(runs)
        if run.kind == "item" and (number > 0 if leading else number + 1 < len(runs))
    ]
    may = [number for number in dated if _two_lines(runs[number], leading)]
    known = {number for number in may if _organisation(runs[number].items[-1][0].text)}
    labelled = {number for number in may if not leading and _labels_giver(runs[number + 1].lines[0].piece)}
    sure = labelled | {number for number in known if not _organisation(runs[number].items[-2][0].text)}
    if len(may) == len(dated) > 1 and all(len(runs[number].items) == 2 for number in may):
        most = 2 * len(known) > len(may)
        return {number: most or number in sure for number in may}
    return dict.fromkeys(sure, True)


def _two_lines(run: _Run, leading: bool) -> bool:
    """Whether a run ends with a name and a short line that may say who gave it."""
    if len(run.items) < 2 or (leading and len(run.items) > 2):
        return False
    [*_, name, short] = run.items
    line = next((one for one in run.lines if one.piece == short[0]), None)
    if line is None or len(short) > 1 or line.bullet or line.gap or len(line.text.split()) > 6:
        return False
    if any(find_ranges(piece) for piece in (*name, *short)):
        return False
    return _organisation(line.text) or not _EARNED.search(line.text)


def _organisation(text: str) -> bool:
    return bool(_BODY.search(text))


def _labels_giver(piece: Piece) -> bool:
    return bool(_KEPT.match(piece.text) or (_kind(piece) == "note" and _FROM.match(piece.text)))


def _date_of(ranges: list[DateRange]) -> Value | None:
    """The date of something that has but one: the last that is named, and its end where it has one."""
    fields = ranges[-1].fields(single="date") if ranges else {}
    return fields.get("date") or fields.get("endDate") or fields.get("startDate")


def _dated_item(pieces: list[Piece], name: str, rule: str) -> Entry | None:
    entry: Entry = {}
    first = pieces[0]
    number = _NUMBER.match(first.text)
    if number:
        first = first.part(number.end())
    ranges = [one for piece in (first, *pieces[1:]) for one in _earned(piece)]
    if (date := _date_of(ranges)) is not None and (len(pieces) == 1 or len(ranges) == 1):
        entry["date"] = date
    if len(pieces) == 1:
        last = ranges[-1] if ranges else None
        if last:
            at_edge = last.piece.end >= first.end - 2 or last.piece.start <= first.start + 1
            parts = [trim(part) for part in without(first, [last])] if at_edge else [first]
            first = max(parts, key=lambda one: len(one.text), default=first)
        title = value(trim(first), 0.75, f"{rule}.item")
    else:
        title = value([first, *pieces[1:]], 0.65, f"{rule}.item")
    if not 3 <= len(title.text) <= 299 or is_placeholder(title.text):
        return None
    return {name: title, **entry}


def _earned(piece: Piece) -> list[DateRange]:
    """Its dates, but for those up to which something is valid."""
    return [one for one in find_ranges(piece) if not _UNTIL.search(piece.text[: one.piece.start - piece.start])]
