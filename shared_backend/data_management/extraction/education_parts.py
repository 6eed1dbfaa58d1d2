"""What a line of a section of education brings: degree, field, school, place, dates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.atoms import atoms_of, split, trim
from shared_backend.data_management.extraction.dates import DateRange
from shared_backend.data_management.extraction.lexicon import (
    SCHOOL,
    degrees_in,
    is_bare_degree,
    is_school,
    position_score,
)
from shared_backend.data_management.extraction.text_body import fitting
from shared_backend.data_management.places.gazetteer import place_of

SCORE = re.compile(
    r"\b(?:c?\.?g\.?p\.?a\.?|grade|gpa|percentage|note|marks?|aggregate|moyenne|nota|media)\b\s*(?:of|:|-|–|is|was)?\s*"
    r"(?P<a>\d{1,3}(?:[.,]\d{1,3})?\s*%?(?:\s*(?:/|out of|on a)\s*\d{1,3}(?:[.,]\d+)?(?:\s*scale)?)?)"
    r"|(?P<b>\b\d{1,2}(?:\.\d{1,3})?\s*%)(?!\w)|(?P<c>\b[0-4]\.\d{1,2}\s*(?:gpa|cgpa)\b)",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s*,\s*|\s+[–—-]\s+|\s*[;|]\s*|\s*:\s+")
# Fields that stand right before a school's name: "Business Management Arizona State University".
_FIELD_NAME = (
    r"(?:applied |public |social |political |computer |electrical |mechanical |civil |industrial |business |"
    r"health ?care |information |human |criminal |mass |elementary |general |organizational |fine |liberal |graphic )?"
    r"(?:science|arts|administration|management|education|engineering|technology|technologies|systems|nursing|"
    r"accounting|accountancy|finance|marketing|economics|psychology|biology|chemistry|physics|mathematics|history|english|journalism|"
    r"communications?|studies|commerce|law|music|design|work|resources|justice|relations|philosophy|sociology|business)"
)
_FIELDS_NAME = rf"{_FIELD_NAME}(?:\s*(?:&|and|,|/|\s)\s*{_FIELD_NAME})*"
_FIELDS = re.compile(_FIELDS_NAME, re.IGNORECASE)
_BEFORE_SCHOOL = re.compile(
    rf"{_FIELDS_NAME}(?=\s+(?:[A-Z]|\d))(?!\s+(?:college|school|institute|academy|"
    r"department|center|centre|faculty|university|univ)\b(?!\s*of))(?!\s+and\b)",
    re.IGNORECASE,
)
# Between a degree and its field.
_FIELD = re.compile(
    r"^(?:[’']?s?\s+degree)?\s*(?:\((?:hons?\.?|honou?rs)\))?\s*(?:,?\s*(?:in|of|en|em|im|in der|"
    r"with (?:a )?(?:major|specialization|concentration|honors) in|major(?:ing|ed)? in|specialization in)\s+"
    r"|\s*[:,(–—-]\s*|\s+)",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\s*\(([^()]{2,60})\)")
_IN = re.compile(r"\b(?:in|of|en|em|im)\b", re.IGNORECASE)
_AT_SCHOOL = re.compile(r"\s+(?:from|at|bei|an der|à|en la|na|to)\s+(?:the\s+)?(?=[A-ZÀ-Þ])")
# Where what follows "from" is no longer its name.
_NAME_ENDS = re.compile(r"[.;,]\s|\s+(?:which|with|where|on|in \d|\d)\b|[.;,]$")
_FIRM = re.compile(r"m/s\b\.?\s*", re.IGNORECASE)
NO_AREA = re.compile(
    r"^(?:with|from|at|gpa|cgpa|grade|graduated|expected|anticipated|degree|candidate|class|honou?rs?|first|second|summa|"
    r"magna|cum|year|months?|and|the|program(?:me)?|courses?|completed|specialization|award(?:ed)?|certificate|still|"
    r"pursuing|appeared|appearing|continuing)\b",
    re.IGNORECASE,
)
# How well a degree was passed, in brackets or behind its field; that is no field of study.
MARK = re.compile(
    r"(?:note|abschlussnote|gesamtnote|grade|c?gpa|marks?|percentage|moyenne|nota|media|promedio|classifica\w+|média)\b"
    r"\D{0,12}\d.*|mention \w+(?: \w+)?|(?:(?:first|1st|(?:upper |lower )?(?:second|third|2nd|3rd))[- ]class|"
    r"(?:upper|lower) (?:second|2nd))(?: hon\w+)?(?: degree)?|"
    r"(?:with |pass with )?(?:distinction|merit)|with (?:first[- ]class )?honou?rs|mit auszeichnung|"
    r"(?:summa |magna )?cum laude|sobresaliente|notable"
    r"|[12]\s?[:.]\s?[12](?:\s+hon\w*\.?)?|\d{1,2}[.,]\d{1,2}(?:\s*/\s*\d{1,3}(?:[.,]\d+)?)?|\d{1,3}(?:[.,]\d+)?\s*%"
    r"|[1-6][.,]\d",
    re.IGNORECASE,
)
_MARK_BEHIND = re.compile(r"\s*\((?P<a>[^()]{2,40})\)$|[\s,]+(?P<b>[12]:[12])$")
# A date whose other half stands in the line above, or beside.
_WHEN = re.compile(r"(?:(?:current|present|(?:\d{1,2}/)?(?:19|20)\d\d|\d{1,2})\s+)+(?=\S)", re.IGNORECASE)
# Who examines, and who is named beside the school that was gone to.
_BOARD = re.compile(r"\bboard\b|^(?:cbse|icse|isc)\b", re.IGNORECASE)
# A level that is part of a school's name: "Hill Higher Secondary School", "Matriculation Hr. Sec. School".
_LEVEL_OF_NAME = re.compile(r"^[\s.]*(?:[\w.]+\s+){0,3}schools?\b", re.IGNORECASE)
_LEVELS = ("matriculation", "higher secondary", "senior secondary", "secondary", "intermediate", "plus two", "hs")
_TITLES = ("master", "associate", "bachelor", "doctor", "graduate", "high school", "intermediate")
_RANKS = ("master", "bachelor", "doctor")
_JOINS = frozenset(
    ["of", "for", "and", "the", "in", "at", "de", "la", "le", "du", "des", "y", "e", "und", "für", "der", "da"]
)
# How a bullet begins that names a degree: "Obtained a diploma in … from …".
_EARNED = re.compile(
    r"^(?:(?:obtained|completed|earned|received|done|did|holds?|pursued|passed|cleared)\s+)?(?:an?\s+|the\s+|my\s+)?",
    re.IGNORECASE,
)


_SECONDARY_SCHOOL = re.compile(
    r"\b(?:high ?school|(?:higher|senior) secondary|secondary school|hr\.? ?sec\w*|matric\w*|public school|convent|"
    r"gymnasium|realschule|hauptschule|gesamtschule|lycée|liceo|primary school|grammar school)\b",
    re.IGNORECASE,
)
_LEAVING = re.compile(
    r"^(?:h\.?s\.?c|s\.?s\.?c|s\.?s\.?l\.?c|high ?school|ged|g\.e\.d|.*certificate|.*diploma|1[02]\s?th|x(?:ii)?\b|"
    r"[ao][- ]level|gcse|matric|intermediate|(?:higher|senior) secondary|secondary|plus two|abitur|fachabitur|mittlere|"
    r"real|haupt|bac|bachillerato|ensino|baccalauréat)",
    re.IGNORECASE,
)


def no_match(school: Piece, degree: Piece) -> bool:
    """Whether a degree can't be that school's: a university's degree beside a secondary school."""
    return bool(_SECONDARY_SCHOOL.search(school.text)) and not _LEAVING.match(degree.text)


def is_board(text: str) -> bool:
    """Whether a phrase names a board of examination, and no school."""
    return bool(_BOARD.search(text)) and len(text.split()) <= 6


@dataclass(slots=True)
class Study:
    """A course of study in the making. `also` are further degrees of the same line; `heads` counts its lines; `mark` is
    how well it was passed, where that stands with the degree; `of` tells that "in" or "of" ties the field to it."""

    degree: Piece | None = None
    area: Piece | None = None
    school: Piece | None = None
    place: Piece | None = None
    also: list[Piece] = field(default_factory=list)
    ranges: list[DateRange] = field(default_factory=list)
    spare: list[Piece] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    heads: int = 0
    school_sure: float = 0.9
    mark: Piece | None = None
    of: bool = False

    @property
    def examined(self) -> bool:
        """Whether only a board stands where the school is to be, and no date closes that yet."""
        return self.school is not None and is_board(self.school.text) and not self.ranges

    def holds(self, other: Study) -> bool:
        """Whether it has what the other brings, so that the other is a new entry."""
        return bool(
            (self.degree and other.degree)
            or (self.school and other.school and not self.examined)
            or (self.ranges and other.ranges and (self.degree or self.school))
        )

    def take(self, other: Study) -> None:
        """Fills what is missing."""
        if self.school is not None and other.school is not None and self.examined:
            self.spare.append(self.school)
            self.school = None
        if self.school is None and other.school is not None:
            self.school_sure = other.school_sure
        self.of = self.of or other.of
        for name in ("degree", "area", "school", "place", "mark"):
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))
        self.also += other.also
        self.ranges += other.ranges
        self.spare += other.spare


def features(line: Line) -> Study | None:
    """What a line brings; None for text."""
    study = Study()
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


def earned(line: Line) -> Study | None:
    """What a bullet brings that says which degree was earned, and where; None for all others."""
    begin = _EARNED.match(line.text)
    spans = degrees_in(line.text)
    if begin is None or not spans or spans[0][0] != begin.end():
        return None
    told = features(line)
    return told if told is not None and told.degree and told.school else None


def field_only(line: Line) -> Piece | None:
    """The field of study that a line is, where it is nothing else: "Electrical engineering"."""
    piece = trim(line.piece)
    whole = _FIELDS.fullmatch(piece.text)
    return piece if whole and not line.bullet and not degrees_in(piece.text) else None


def _school_apart(atom: Piece) -> list[Piece]:
    """ "B.Tech from X University" is two; so is "Diploma in Y from X", whatever X is."""
    parts = split(atom, _AT_SCHOOL)
    if len(parts) == 2 and is_school(parts[1].text):
        return parts
    match = _AT_SCHOOL.search(atom.text)
    if match and "from" in match[0].lower() and degrees_in(atom.text[: match.start()]):
        name = atom.part(match.end())
        if firm := _FIRM.match(name.text):
            name = name.part(firm.end())
        end = _NAME_ENDS.search(name.text)
        name = trim(name.part(0, end.start())) if end else trim(name)
        if name and len(name.text.split()) <= 9:
            return [trim(atom.part(0, match.start())), name]
    return [atom]


def _names_school(text: str) -> bool:
    """A school's name, and not a sentence that has one: behind the word that says so go no two words without capitals,
    unless the whole name is written so."""
    found = list(SCHOOL.finditer(text))
    if not found:
        return False
    behind = re.split(r"\s?[,(]", text[found[-1].end() :])[0].split()
    behind = [word for word in behind if word[:1].isalpha() and word not in _JOINS]
    return sum(1 for word in behind if word[0].islower()) < 2 or text.islower()


def _atom(study: Study, atom: Piece) -> None:
    score = SCORE.match(atom.text)
    if score and score.end() > 0.6 * len(atom.text):
        return
    spans = [span for span in degrees_in(atom.text) if not _is_state(atom.text, span)]
    if place_of(atom.text) and not spans and study.place is None and not (is_school(atom.text)):
        study.place = atom
        return
    if spans and (study.degree is None or _again(study, atom, spans[0])) and not _is_name(atom.text, spans[0]):
        _degree(study, atom, spans[0])
        return
    if _names_school(atom.text):
        _school(study, atom)
        return
    study.spare.append(atom)


def _again(study: Study, atom: Piece, span: tuple[int, int]) -> bool:
    """A layout that names the degree twice: alone, and with its field."""
    return study.degree is not None and study.area is None and study.degree.text == trim(atom.part(*span)).text


def _is_state(text: str, span: tuple[int, int]) -> bool:
    """ "Boston, MA": behind an American town, two capitals are its state."""
    before = text[: span[0]].rstrip()
    if not before.endswith(",") or not is_bare_degree(text[slice(*span)]):
        return False
    town = before.rstrip(", ").rpartition(",")[2].strip()
    place, alone = place_of(f"{town}, {text[slice(*span)]}"), place_of(town)
    return place is not None and bool(place.region) and (alone is None or alone.country in ("", "US"))


def _is_name(text: str, span: tuple[int, int]) -> bool:
    """ "Master Technician", "Associate Director": a position; "Hill Higher Secondary School": a school. No degrees."""
    word = text[span[0] : span[1]].lower()
    if span[0] == 0 and word in _RANKS:
        # "Master Communication, Université Lyon 2": the school is behind the comma.
        text = _COMMA.split(text)[0]
    if word in _TITLES and (position_score(text) >= 0.75 or is_school(text)):
        return True
    return word.startswith(_LEVELS) and bool(_LEVEL_OF_NAME.match(text[span[1] :].split(",")[0]))


def _degree(study: Study, atom: Piece, span: tuple[int, int]) -> None:
    after = atom.part(span[1])
    study.degree = trim(atom.part(*span))
    _before(study, atom.part(0, span[0]))
    if inside := _IN_BRACKETS.match(after.text):
        # "Bachelor (B Tech)" is one degree; "B.Tech (Computer Science) in CSE" has its field in brackets.
        within = trim(after.part(*inside.span(1)))
        if MARK.fullmatch(within.text):
            study.mark = within
            after = after.part(inside.end())
        elif degrees_in(within.text):
            study.degree = atom.part(study.degree.start - atom.start, span[1] + inside.end())
            after = after.part(inside.end())
        elif _is_area(within):
            study.area = within
            after = after.part(inside.end())
    link = _FIELD.match(after.text)
    study.of = bool(link and _IN.search(link[0]))
    rest = after.part(link.end()) if link else after
    parts = split(rest, _COMMA)
    for number, part in enumerate(parts):
        if score := SCORE.search(part.text):
            part = trim(part.part(0, score.start()))
        part = _unmarked(study, part)
        if MARK.fullmatch(part.text):
            study.mark, part = study.mark or part, part.part(0, 0)
        if not part:
            continue
        if number == 0 and _whole_degree(part, study.degree):
            _second(study, atom, part)
        elif is_school(part.text):
            school = rest.part(parts[number].start - rest.start).stripped()
            field_name = _BEFORE_SCHOOL.match(school.text) if number == 0 and study.area is None else None
            if field_name:
                study.area, school = school.part(0, field_name.end()), trim(school.part(field_name.end()))
                when = _WHEN.match(school.text)
                school = school.part(when.end()) if when else school
            _school(study, school)
            break
        elif place_of(part.text) and number:
            study.place = study.place or part
        elif study.area is None and _is_area(part):
            study.area = part
        else:
            study.spare.append(part)


def _unmarked(study: Study, part: Piece) -> Piece:
    """Without the mark behind it, which goes to the study."""
    behind = _MARK_BEHIND.search(part.text)
    if behind is None or not MARK.fullmatch(behind[behind.lastgroup or 0].strip()):
        return part
    study.mark = study.mark or part.part(*behind.span(behind.lastgroup or 0)).stripped()
    return trim(part.part(0, behind.start()))


def _before(study: Study, before: Piece) -> None:
    """What stands before a degree: a school, a place; a label ("Education: B.Sc.") is neither."""
    labelled = before.text.rstrip().endswith(":")
    parts = split(before, _COMMA)
    for part in parts[:-1] if labelled else parts:
        if is_school(part.text) and study.school is None:
            study.school = part
        elif place_of(part.text) and study.place is None:
            study.place = part
        elif not NO_AREA.match(part.text) and len(part.text.split()) <= 8:
            study.spare.append(part)


def _is_area(part: Piece) -> bool:
    return (
        not NO_AREA.match(part.text)
        and len(part.text.split()) <= 9
        and any(one.isalpha() for one in part.text)
        and not is_board(part.text)
    )


def _whole_degree(part: Piece, first: Piece) -> bool:
    """Whether it is another degree and nothing else; only a short one is another of another rank."""
    spans = degrees_in(part.text)
    short = len(part.text) <= 10 or _rank(part.text) == _rank(first.text)
    return bool(spans) and spans[0] == (0, len(part.text)) and short


def _second(study: Study, atom: Piece, part: Piece) -> None:
    """ "BCA, MBA" are two degrees; "B.A., LL.B." and "Master of Business Administration, MBA" are one."""
    assert study.degree is not None
    if study.degree.text.casefold() == part.text.casefold():
        return
    if _rank(study.degree.text) != _rank(part.text):
        study.also.append(part)
    else:
        study.degree = atom.part(study.degree.start - atom.start, part.end - atom.start)


def _rank(degree: str) -> str:
    first = degree.lower().lstrip("( ")
    if first.startswith(("ph", "d", "ed.d")):
        return "doctor"
    return "master" if first.startswith(("m", "pg", "post", "ll.m", "llm")) else "bachelor"


def _school(study: Study, atom: Piece) -> None:
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
    study.school = trim(fitting(name))
