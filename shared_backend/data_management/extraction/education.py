"""Courses of study: degree, field, school, dates, marks. An entry begins where a line repeats what the last one has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.atoms import atoms_of, trim
from shared_backend.data_management.extraction.dates import main_range
from shared_backend.data_management.extraction.draft import Entry, value
from shared_backend.data_management.extraction.education_parts import (
    MARK,
    NO_AREA,
    SCORE,
    Study,
    earned,
    features,
    field_only,
    is_board,
    no_match,
)
from shared_backend.data_management.extraction.lexicon import degrees_in, is_bare_degree, is_placeholder
from shared_backend.data_management.extraction.text_body import fitting, highlights
from shared_backend.data_management.places.gazetteer import place_of

# Lines below a degree that are no school's name: what is said of the degree, and fields of study.
_NO_SCHOOL = re.compile(
    r"^(?:minor|major|emphasis|concentration|thesis|dissertation|dean|honou?rs|coursework|relevant|focus|studied|graduat\w+|"
    r"member|scholarship|project|distinction|magna|summa|cum|phi|speciali[sz]\w+|diplom\w*|certifi\w+|licen[cs]\w*|"
    r"training|skills?|subjects?|stream|branch|passed|general|advanced|continuing|currently|president|awarded)\b",
    re.IGNORECASE,
)
_FIELD_WORDS = re.compile(
    r"\b(?:\w+ology|\w+nomics|\w+matics|\w+istry|\w*engineering|sciences?|arts|commerce|physics|business|administration|"
    r"management|accounting|accountancy|finance|marketing|law|laws|nursing|education|history|english|music|design|"
    r"communications?|studies|computers?|electronics|electrical|mechanical|philosophy|literature|languages?|"
    r"informati\w+|mathematics|maths?|medicine|psychology|justice|health|humanities|journalism|theat(?:er|re)|"
    r"\w+graphy|\w+onomy|linguistics|politics|political|dance|drama|film|religion|agriculture|architecture|tourism|pharmacy)\b",
    re.IGNORECASE,
)
# Other numbers are marks only where they stand right behind the degree.
_SAYS_MARK = re.compile(r"[^\W\d]|^[12]\s?[:.]\s?[12]$")
# What a state gives leave with, and not a university.
_LEAVE = re.compile(r"\b(?:licen[cs]es?|certificates?|permits?|tickets?|cards?|regulations?)\b", re.IGNORECASE)


def education_entries(lines: list[Line]) -> list[Entry]:
    """The entries of a section of education."""
    return [entry for study in _studies(lines) for entry in _entries(study)][:200]


def _studies(lines: list[Line]) -> list[Study]:
    plain = any(not line.bullet and features(line) for line in lines)
    told_of = [_told(line, plain) for line in lines]
    degree_first = _degree_first(lines, told_of)
    # Where neither degree nor school is told by its words, fields of study begin the entries.
    nameless = not any(told and (told.degree or told.school) for told in told_of)
    found: list[Study] = []
    closed = False
    for number, line in enumerate(lines):
        text = line.text.strip()
        told = told_of[number]
        last = found[-1] if found else None
        if told is None and nameless and (area := field_only(line)):
            told = Study(area=area)
        elif told is None and last is not None and degree_first is not False:
            told = _loose_school(last, lines, told_of, number, degree_first)
        if told is None:
            if last is not None:
                last.body.append(line)
                closed = closed or line.bullet or len(text.split()) > 8
            elif not line.bullet and len(text.split()) <= 8:
                found.append(Study(spare=[trim(line.piece)], heads=1))
            continue
        # After an entry's text, a line with a date or a degree is the next one's; a sentence that names a school isn't.
        sentence = len(text.split()) > 14 and text.endswith(".") and not told.degree
        if last is None or (
            not sentence
            and (
                last.holds(told)
                or (closed and (told.degree or told.school or told.ranges))
                or _out_of_order(last, told, degree_first)
                or (told.area is not None and told.degree is None and told.school is None)
            )
        ):
            moved = _spare_before(last, line)
            found.append(told)
            told.spare = moved + told.spare
            closed = False
        elif not sentence:
            last.take(told)
        else:
            last.body.append(line)
        found[-1].heads += 1
    return found


def _told(line: Line, plain: bool) -> Study | None:
    if len(line.text) > 400:
        return None
    return earned(line) if line.bullet and plain else features(line)


def _degree_first(lines: list[Line], told_of: Sequence[Study | None]) -> bool | None:
    """Whether in this section the degree stands in the line before the school's, or after it; None where none tells."""
    votes, before = 0, ""
    for told in told_of:
        kind = ""
        if told is not None:
            kind = "degree" if told.degree and not told.school else "school" if told.school and not told.degree else ""
        if kind and before and kind != before:
            votes += 1 if before == "degree" else -1
        before = kind
    return None if not votes else votes > 0


def _out_of_order(last: Study, told: Study, degree_first: bool | None) -> bool:
    """Whether a line has what its section's entries begin with, and the last entry has what they go on with."""
    if told.degree and not told.school and last.school and not last.degree and no_match(last.school, told.degree):
        return True
    if told.school and not told.degree and last.degree and not last.school and no_match(told.school, last.degree):
        return True
    if degree_first:
        return bool(told.degree and not told.school and last.school and not last.degree)
    return degree_first is False and bool(told.school and not told.degree and last.degree and not last.school)


def _loose_school(
    last: Study, lines: list[Line], told_of: Sequence[Study | None], number: int, degree_first: bool | None
) -> Study | None:
    """A short line below a degree that names where it was earned, though none of its words says so ("CDAC - Kochi")."""
    line = lines[number]
    text = line.text.strip()
    if (
        (last.degree is None and last.area is None)
        or (last.school is not None and not last.examined)
        or last.body
        or line.bullet
    ):
        return None
    if len(text.split()) > 9 or len(text) > 90 or ":" in text or re.search(r"[.!?;]$|@|https?:", text):
        return None
    atoms, _ = atoms_of(line)
    named = [atom for atom in atoms if not place_of(atom.text)]
    if len(named) != 1 or NO_AREA.match(text) or _NO_SCHOOL.match(text) or SCORE.search(text) or is_placeholder(text):
        return None
    name, place = named[0], next((atom for atom in atoms if place_of(atom.text)), None)
    comma = name.text.rfind(",")
    if place is None and comma > 0 and place_of(name.text[comma + 1 :]):
        name, place = trim(name.part(0, comma)), trim(name.part(comma + 1))
    if not name or not any(letter.isalpha() for letter in name.text):
        return None
    if place is None:
        after = told_of[number + 1] if number + 1 < len(lines) else None
        ends = number + 1 == len(lines) or (after is not None and bool(after.degree) and not after.school)
        dated = after is not None and bool(after.ranges) and not (after.degree or after.school)
        if _FIELD_WORDS.search(name.text) or not (dated or (ends and (degree_first or len(name.text.split()) <= 3))):
            return None
    return Study(school=fitting(name), place=place, school_sure=0.6)


def _spare_before(last: Study | None, line: Line) -> list[Piece]:
    """A short line right before, with space above it, is the beginning of this entry and not the end of the last."""
    if (
        last
        and last.body
        and not line.gap
        and last.body[-1].gap
        and len(last.body[-1].text.split()) <= 8
        and not last.body[-1].bullet
    ):
        return [trim(last.body.pop().piece)]
    return []


def _entries(study: Study) -> list[Entry]:
    """Its entry, and one for each further degree that the same line names, at the same school."""
    entry = _entry(study)
    if entry is None:
        return []
    more = []
    for degree in study.also:
        other: Entry = {"studyType": value(degree, 0.8, "education.degree")}
        if "institution" in entry:
            other["institution"] = value(study.school or degree, 0.5, "education.school")
        more.append(other)
    return [*more, entry]


def _entry(study: Study) -> Entry | None:
    entry: Entry = {}
    if study.degree and _doubtful(study, study.degree):
        return None
    _from_spare(study)
    if study.school and not is_placeholder(study.school.text):
        entry["institution"] = value(study.school, study.school_sure, "education.school")
    if study.degree:
        entry["studyType"] = value(fitting(study.degree), 0.9, "education.degree")
    if study.area and not is_placeholder(study.area.text):
        entry["area"] = value(fitting(study.area), 0.75, "education.area")
    if study.ranges:
        entry.update(main_range(study.ranges, last=True).fields(single="endDate"))
    if not ("institution" in entry or "studyType" in entry):
        return None
    _marks(entry, study)
    if texts := highlights([line for line in study.body], "education.course"):
        entry["courses"] = texts
    return entry


def _doubtful(study: Study, degree: Piece) -> bool:
    """Two capitals that neither a field of study, nor a school, nor a date stands with. A field in capitals is one,
    whatever its words are."""
    if not is_bare_degree(degree.text) or study.school or study.ranges:
        return False
    if study.of or study.area is None:
        return not study.of
    named = study.area.text[0].isupper() and not _LEAVE.search(study.area.text)
    return not (named or _FIELD_WORDS.search(study.area.text))


def _from_spare(study: Study) -> None:
    """School, field and mark out of what else the entry's head names."""
    marks = [piece for piece in study.spare if MARK.fullmatch(piece.text) and not SCORE.search(piece.text)]
    study.mark = study.mark or next((piece for piece in marks if _SAYS_MARK.search(piece.text)), None)
    spare = [
        piece
        for piece in study.spare
        if piece not in marks
        and len(piece.text) > 2
        and any(one.isalpha() for one in piece.text)
        and not SCORE.search(piece.text)
    ]
    spare = [piece for piece in spare if not NO_AREA.match(piece.text)]
    if study.school is None and study.degree is not None:
        # What else is named beside a degree, and begins with a capital, is where it was earned.
        study.school = next((one for one in spare if one.text[0].isupper() and len(one.text.split()) <= 10), None)
        study.school_sure = 0.5
    if study.area is None and (study.degree or study.school):
        short = (one for one in spare if one is not study.school and len(one.text.split()) <= 7)
        study.area = next((one for one in short if not is_board(one.text) and not degrees_in(one.text)), None)


def _marks(entry: Entry, study: Study) -> None:
    if study.mark is not None:
        match = SCORE.search(study.mark.text)
        mark = study.mark.part(*match.span(match.lastgroup or "a")).stripped() if match else study.mark
        entry["score"] = value(mark, 0.85, "education.score")
        return
    for piece in [*[line.piece for line in study.body], *study.spare]:
        if match := SCORE.search(piece.text):
            group = match.lastgroup or "a"
            entry["score"] = value(piece.part(*match.span(group)).stripped(), 0.85, "education.score")
            return
