# ruff: noqa: E501 (word lists and patterns: one family a line)
"""Courses of study: degree, field, school, dates, marks. An entry begins where a line repeats what the last one has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.atoms import atoms_of, split, trim
from shared_backend.data_management.extraction.dates import DateRange, find_ranges
from shared_backend.data_management.extraction.draft import Entry, value
from shared_backend.data_management.extraction.lexicon import degrees_in, is_placeholder, is_school, position_score
from shared_backend.data_management.extraction.text_body import highlights
from shared_backend.data_management.places.gazetteer import place_of

_SCORE = re.compile(
    r"\b(?:c?\.?g\.?p\.?a\.?|grade|gpa|percentage|note|marks?|aggregate|moyenne|nota|media)\b\s*(?:of|:|-|–|is|was)?\s*(?P<a>\d{1,3}(?:[.,]\d{1,3})?\s*%?(?:\s*(?:/|out of|on a)\s*\d{1,3}(?:[.,]\d+)?(?:\s*scale)?)?)"
    r"|(?P<b>\b\d{1,2}(?:\.\d{1,3})?\s*%)(?!\w)|(?P<c>\b[0-4]\.\d{1,2}\s*(?:gpa|cgpa)\b)",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s*,\s*|\s+[–—-]\s+|\s*;\s*|\s*\|\s*")
# Between a degree and its field.
_FIELD = re.compile(
    r"^(?:[’']?s?\s+degree)?\s*(?:\((?:hons?\.?|honou?rs)\))?\s*(?:,?\s*(?:in|of|en|em|im|in der|with (?:a )?(?:major|specialization|concentration|honors) in|major(?:ing)? in|major(?:ed)? in|specialization in)\s+|\s*[:,(–—-]\s*|\s+)",
    re.IGNORECASE,
)
_AT_SCHOOL = re.compile(r"\s+(?:from|at|bei|an der|à|en la|na|to)\s+(?:the\s+)?(?=[A-ZÀ-Þ])")
_NO_AREA = re.compile(
    r"^(?:with|from|at|gpa|cgpa|grade|graduated|expected|anticipated|degree|candidate|class|honou?rs?|first|second|summa|magna|cum|year|months?|and|the|program(?:me)?|courses?|completed|specialization|award(?:ed)?|certificate)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Study:
    degree: Piece | None = None
    area: Piece | None = None
    school: Piece | None = None
    place: Piece | None = None
    ranges: list[DateRange] = field(default_factory=list)
    spare: list[Piece] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    heads: int = 0

    def holds(self, other: _Study) -> bool:
        """Whether it has what the other brings, so that the other is a new entry."""
        return bool(
            (self.degree and other.degree) or (self.school and other.school) or (self.ranges and other.ranges and (self.degree or self.school))
        )  # fmt: skip

    def take(self, other: _Study) -> None:
        """Fills what is missing."""
        for name in ("degree", "area", "school", "place"):
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))
        self.ranges += other.ranges
        self.spare += other.spare


def education_entries(lines: list[Line]) -> list[Entry]:
    """The entries of a section of education."""
    return [entry for study in _studies(lines) if (entry := _entry(study))][:200]


def _studies(lines: list[Line]) -> list[_Study]:
    plain = any(not line.bullet and _features(line) for line in lines)
    found: list[_Study] = []
    closed = False
    for line in lines:
        text = line.text.strip()
        told = None if (line.bullet and plain) or len(text) > 400 else _features(line)
        if told is None:
            if found:
                found[-1].body.append(line)
                closed = closed or line.bullet or len(text.split()) > 8
            elif not line.bullet and len(text.split()) <= 8:
                found.append(_Study(spare=[trim(line.piece)], heads=1))
            continue
        # After an entry's text, a line with a date or a degree is the next one's; a sentence that names a school is not.
        sentence = len(text.split()) > 14 and text.endswith(".") and not told.degree
        last = found[-1] if found else None
        if last is None or (
            not sentence and (last.holds(told) or (closed and (told.degree or told.school or told.ranges)))
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


def _spare_before(last: _Study | None, line: Line) -> list[Piece]:
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


def _features(line: Line) -> _Study | None:
    """What a line brings; None for text."""
    study = _Study()
    text = line.text
    if len(text.split()) > 60:
        return None
    atoms, study.ranges = atoms_of(line)
    atoms = [part for atom in atoms for part in _school_apart(atom)]
    for atom in atoms:
        _atom(study, atom)
    short = len(text.split()) <= 16
    if study.ranges and not (study.degree or study.school) and not short:
        return None
    if study.degree and not study.school and not study.ranges and len(text.split()) > 22:
        return None
    return study if study.degree or study.school or study.ranges else None


def _school_apart(atom: Piece) -> list[Piece]:
    """ "B.Tech from X University" is two."""
    parts = split(atom, _AT_SCHOOL)
    return parts if len(parts) == 2 and is_school(parts[1].text) else [atom]


def _atom(study: _Study, atom: Piece) -> None:
    score = _SCORE.match(atom.text)
    if score and score.end() > 0.6 * len(atom.text):
        return
    if place_of(atom.text) and not degrees_in(atom.text) and study.place is None and not (is_school(atom.text)):
        study.place = atom
        return
    spans = degrees_in(atom.text)
    if spans and (study.degree is None or _again(study, atom, spans[0])) and not _is_title(atom.text, spans[0]):
        _degree(study, atom, spans[0])
        return
    if is_school(atom.text):
        _school(study, atom)
        return
    study.spare.append(atom)


def _again(study: _Study, atom: Piece, span: tuple[int, int]) -> bool:
    """A layout that names the degree twice: alone, and with its field."""
    return study.degree is not None and study.area is None and study.degree.text == trim(atom.part(*span)).text


def _is_title(text: str, span: tuple[int, int]) -> bool:
    """ "Master Technician", "Associate Director": a position, no degree."""
    return text[span[0] : span[1]].lower() in ("master", "associate", "bachelor", "doctor", "graduate", "high school", "intermediate") and (
        position_score(text) >= 0.75 or is_school(text)
    )  # fmt: skip


def _degree(study: _Study, atom: Piece, span: tuple[int, int]) -> None:
    before, after = trim(atom.part(0, span[0])), atom.part(span[1])
    study.degree = trim(atom.part(*span))
    if before:
        for part in split(before, _COMMA):
            if is_school(part.text) and study.school is None:
                study.school = part
            elif place_of(part.text) and study.place is None:
                study.place = part
            elif not _NO_AREA.match(part.text) and len(part.text.split()) <= 8:
                study.spare.append(part)
    link = _FIELD.match(after.text)
    rest = after.part(link.end()) if link else after
    parts = split(rest, _COMMA)
    for number, part in enumerate(parts):
        score = _SCORE.search(part.text)
        if score:
            part = trim(part.part(0, score.start()))
        if not part:
            continue
        if is_school(part.text):
            # "Computer Science (XYZ College)" and "Commerce Delhi University" keep their field.
            _school(study, _joined_school(rest, parts, number))
            break
        if place_of(part.text) and number:
            study.place = study.place or part
        elif (
            study.area is None
            and not _NO_AREA.match(part.text)
            and len(part.text.split()) <= 9
            and any(one.isalpha() for one in part.text)
        ):
            study.area = part
        else:
            study.spare.append(part)


def _joined_school(rest: Piece, parts: list[Piece], number: int) -> Piece:
    return rest.part(parts[number].start - rest.start).stripped()


def _school(study: _Study, atom: Piece) -> None:
    """The school's name, without a place behind it."""
    if study.school is not None:
        study.spare.append(atom)
        return
    cuts = list(re.finditer(r"\s*,\s*|\s+-\s+", atom.text))
    name = atom
    for cut in cuts:
        tail = trim(atom.part(cut.end()))
        if tail and place_of(tail.text) and is_school(atom.text[: cut.start()]):
            study.place = study.place or tail
            name = trim(atom.part(0, cut.start()))
            break
    if name is atom and cuts:
        parts = split(atom, _COMMA)
        schools = [part for part in parts if is_school(part.text)]
        if (
            len(schools) == 1 and len(parts) > 1 and schools[0] is not parts[-1] and len(schools[0].text.split()) > 1
        ) or (len(schools) == 1 and len(parts) == 2 and len(schools[0].text.split()) > 2):
            name = schools[0]
            study.spare += [part for part in parts if part is not name]
    study.school = trim(name.part(0, 290))


def _entry(study: _Study) -> Entry | None:
    entry: Entry = {}
    spare = [
        piece for piece in study.spare if piece and len(piece.text) > 2 and any(one.isalpha() for one in piece.text)
    ]
    sure = 0.9
    if study.school is None and study.degree is not None:
        # What else is named beside a degree, and begins with a capital, is where it was earned.
        study.school = next(
            (
                one
                for one in spare
                if one.text[0].isupper()
                and len(one.text.split()) <= 10
                and not _SCORE.search(one.text)
                and not _NO_AREA.match(one.text)
            ),
            None,
        )
        sure = 0.5
    if study.area is None and spare and study.degree is not None:
        study.area = next(
            (
                one
                for one in spare
                if one is not study.school
                and len(one.text.split()) <= 7
                and not _NO_AREA.match(one.text)
                and not _SCORE.search(one.text)
            ),
            None,
        )
    if study.area is None and study.degree is None and study.school is not None and spare:
        study.area = next(
            (
                one
                for one in spare
                if len(one.text.split()) <= 7 and not _NO_AREA.match(one.text) and not _SCORE.search(one.text)
            ),
            None,
        )
    if study.school and not is_placeholder(study.school.text):
        entry["institution"] = value(study.school, sure, "education.school")
    if study.degree:
        entry["studyType"] = value(study.degree.part(0, 290), 0.9, "education.degree")
    if study.area and not is_placeholder(study.area.text):
        entry["area"] = value(study.area.part(0, 290), 0.75, "education.area")
    if study.ranges:
        best = next((one for one in study.ranges if not one.single), study.ranges[-1])
        entry.update(best.fields(single="endDate"))
    if not ("institution" in entry or "studyType" in entry):
        return None
    _marks(entry, study)
    if texts := highlights([line for line in study.body], "education.course"):
        entry["courses"] = texts
    return entry


def _marks(entry: Entry, study: _Study) -> None:
    for piece in [*[line.piece for line in study.body], *study.spare]:
        if match := _SCORE.search(piece.text):
            group = match.lastgroup or "a"
            entry["score"] = value(piece.part(*match.span(group)).stripped(), 0.85, "education.score")
            return


def dates_in(lines: list[Line]) -> bool:
    """Whether any line names a date."""
    return any(find_ranges(line.piece) for line in lines)
