"""Positions held: of each entry's head, which part is the position, which the employer and which the place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.atoms import atoms_of, trim
from shared_backend.data_management.extraction.dates import main_range, says_present
from shared_backend.data_management.extraction.draft import Entry, value
from shared_backend.data_management.extraction.entries import NUMBERED, EntryLines, split_entries
from shared_backend.data_management.extraction.lexicon import company_score, is_placeholder, position_score
from shared_backend.data_management.extraction.text_body import fitting, highlights
from shared_backend.data_management.places.gazetteer import place_of

_LABELS = re.compile(
    r"^(?P<company>company(?: name)?|employer|organi[sz]ation|client|firma|unternehmen|arbeitgeber|entreprise|"
    r"société|empresa)\s*[:\-–]\s*"
    r"|^(?P<position>designation|position(?: held)?|role|job title|title|job role|stelle|tätigkeit|poste|fonction|"
    r"puesto|cargo|função)\s*[:\-–]\s*"
    r"|^(?P<place>location|place|ort|lieu|lugar|local)\s*[:\-–]\s*",
    re.IGNORECASE,
)
_HOW_LONG = re.compile(
    r"^[(\s]*(?:\d+\+?|less than \d|one|two|three|six)\s*(?:years?|yrs?|months?|mos?|weeks?|jahre?|monate?|ans?|mois|"
    r"años?|anos?|meses)\b.{0,20}$",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s*,\s+|\s*,(?=[A-ZÀ-Þ])")
_NOISE = re.compile(
    r"^(?:full[- ]?time|part[- ]?time|contract|permanent|temporary|vollzeit|teilzeit|cdi|cdd|duration|period|from|to|"
    r"dates?|tenure|experience|since|till|until|bis|hasta|até|and|page \d+)$",
    re.IGNORECASE,
)
_FROM_AND_TO = re.compile(
    r"(?:^|\t)(?:from|start(?: date)?|von|beginn|de|du|début|desde|inicio|início)\t"
    r"(?:to|until|end(?: date)?|bis|ende|à|au|fin|hasta|até|a|fim)(?:\t|$)",
    re.IGNORECASE,
)
# What somebody did who worked nowhere; it employs nobody.
_AWAY = re.compile(
    r"^(?:on )?(?:(?:parental|maternity|paternity|family|carer?'?s?|sick|study|unpaid) leave|sabbatical|career break|"
    r"gap year|caring for|full[- ]time (?:parent|mother|father|carer|caregiver|student)|unemployed|job ?search|"
    r"elternzeit|mutterschutz|familien(?:zeit|pause|phase)|kindererziehung|pflegezeit|auszeit|arbeits?suchend|"
    r"arbeitslos|weltreise|studium|congé|année sabbatique|recherche d.emploi|études (?:de|en)|études d.|"
    r"baja (?:maternal|paternal|por)|excedencia|año sabático|estudios (?:de|en)|licença|ano sabático|"
    r"estudos (?:de|em))\b|^(?:family|child|elder) ?(?:care|time)$|^travel(?:l?ing)?$",
    re.IGNORECASE,
)
# That what has one date ended with it is by far the likelier, and not said.
_LONE_DATE = 0.6
_AT = re.compile(r"[\s,]+(?:at|bei|chez|@)\s+", re.IGNORECASE)


@dataclass(slots=True)
class Head:
    """What an entry's head says; `at` is what stands behind "at". `goes_on`: it says "now", or how long it was."""

    position: Piece | None = None
    company: Piece | None = None
    place: Piece | None = None
    position_sure: float = 0.0
    company_sure: float = 0.0
    at: Piece | None = None
    goes_on: bool = False


def work_entries(lines: list[Line]) -> list[Entry]:
    """The entries of a section of work (or of volunteering), with position, name, location, dates and highlights."""
    parted = split_entries(lines)
    heads = [_atoms(entry) for entry in parted]
    first = _position_first(heads)
    found = []
    # A table with a column for the end: where that is empty, there is none.
    columns = any(_FROM_AND_TO.search("\t".join(cell.text for cell in line.cells)) for line in lines)
    told = _below_employers(parted, heads)
    for number, (entry, (atoms, head)) in enumerate(zip(parted, heads, strict=True)):
        if number not in told:
            _assign(head, atoms, first)
        elif not told[number]:
            continue
        if made := _entry(entry, head, columns or head.goes_on):
            found.append(made)
    return found[:200]


def _below_employers(parted: list[EntryLines], heads: list[tuple[list[Piece], Head]]) -> dict[int, bool]:
    """The entries that name an employer and when somebody was there, and those below that name what as, each with
    whether it stands for itself: the first does not where its positions leave nothing of its time out."""
    found: dict[int, bool] = {}
    number = 0
    while number < len(parted):
        atoms, head = heads[number]
        whole = _span(parted[number])
        below = number + 1
        if whole and len(atoms) == 1 and _names_employer(parted[number], head, atoms[0]):
            while below < len(parted) and _within(whole, parted[below], heads[below]):
                below += 1
        spans = [span for entry in parted[number + 1 : below] if (span := _span(entry))]
        # Names of what somebody was, each with a second name, may be positions elsewhere meanwhile.
        double = any(len(atoms_below) > 1 for atoms_below, _ in heads[number + 1 : below])
        if whole and spans and (not double or _fill(whole, spans)):
            for one in range(number + 1, below):
                _position_at(parted[one], heads[one], atoms[0], head)
                found[one] = True
            head.company, head.company_sure = atoms[0], 0.85
            found[number] = (min(spans)[0], max(end for _, end in spans)) != whole
        number = below
    return found


def _names_employer(entry: EntryLines, head: Head, atom: Piece) -> bool:
    if entry.body or head.position or head.company or position_score(atom.text) >= 0.6:
        return False
    return not _AWAY.search(atom.text) or company_score(atom.text) >= 0.9


def _fill(whole: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    """Whether spans, one after another or at once, begin and end with a whole and leave no month of it out."""
    reached = whole[0] - 1
    for begin, end in sorted(spans):
        if begin > reached + 1:
            return False
        reached = max(reached, end)
    return reached == whole[1] and min(spans)[0] == whole[0]


def _span(entry: EntryLines) -> tuple[int, int] | None:
    """First and last month of a range; what goes on has no last one."""
    best = main_range(entry.ranges) if entry.ranges else None
    if best is None or best.single or best.start is None:
        return None
    return best.start.months(), best.end.months(last=True) if best.end else 9999 * 12


def _within(whole: tuple[int, int], entry: EntryLines, head: tuple[list[Piece], Head]) -> bool:
    """Whether an entry is a position that was held then, and names no employer of its own."""
    span, (atoms, told) = _span(entry), head
    if span is None or not whole[0] <= span[0] <= span[1] <= whole[1] or told.company or told.at or not atoms:
        return False
    own = any(company_score(one.text) >= 0.9 and position_score(one.text) < 0.6 for one in atoms)
    return told.position is None and position_score(atoms[0].text) >= 0.45 and not own


def _position_at(lines: EntryLines, entry: tuple[list[Piece], Head], company: Piece, above: Head) -> None:
    atoms, head = entry
    head.position, head.position_sure = atoms[0], 0.9
    for line in lines.head:
        begin, end = atoms[0].start - line.start, atoms[-1].end - line.start
        held = line.page == atoms[0].page and begin >= 0 and end <= len(line.text) and len(atoms) == 2
        # "Chief Officer, Wealth Management": the part of the firm belongs to what somebody was.
        if held and _COMMA.fullmatch(line.text[atoms[0].end - line.start : atoms[1].start - line.start]):
            head.position = line.piece.part(begin, end)
    head.company, head.company_sure = company, 0.8
    head.place = head.place or above.place


def _entry(lines: EntryLines, head: Head, open_ended: bool = False) -> Entry | None:
    entry: Entry = {}
    if head.position and not is_placeholder(head.position.text):
        entry["position"] = value(fitting(head.position), head.position_sure, "work.position")
    if head.company and not is_placeholder(head.company.text):
        entry["name"] = value(fitting(head.company), head.company_sure, "work.company")
    if head.place and not is_placeholder(head.place.text):
        entry["location"] = value(fitting(head.place), 0.9, "work.place")
    if lines.ranges:
        entry.update(main_range(lines.ranges).fields(single="startDate"))
        if len(lines.ranges) == 1 and lines.ranges[0].single and not (lines.ranges[0].begins or open_ended):
            # Nothing says that it went on: a lone date is when it was, from its beginning to its end.
            entry.update(lines.ranges[0].fields(single="endDate", confidence=_LONE_DATE))
    if texts := highlights(lines.body, "work.highlight"):
        entry["highlights"] = texts
    # Dates and what was done are an entry, too, where a template's words stand for the rest.
    named = "position" in entry or "name" in entry
    return entry if named or ("startDate" in entry and texts) else None


def _atoms(entry: EntryLines) -> tuple[list[Piece], Head]:
    """(the parts of the head that are not yet told, what labels and places tell)."""
    head = Head()
    left: list[Piece] = []
    for line in entry.head:
        atoms, ranges = atoms_of(line)
        known = {one.piece for one in entry.ranges}
        entry.ranges += [one for one in ranges if one.piece not in known]
        for number, atom in enumerate(atoms):
            if label := _LABELS.match(atom.text):
                told = trim(atom.part(label.end()))
                kind = label.lastgroup
                if told and kind == "company" and head.company is None:
                    head.company, head.company_sure = _without_place(head, told), 0.95
                elif told and kind == "position" and head.position is None:
                    head.position, head.position_sure = told, 0.95
                elif told and kind == "place" and head.place is None:
                    head.place = told
                continue
            if _HOW_LONG.match(atom.text):
                # "May 2019 (3 months)" did not end in May.
                head.goes_on = True
                continue
            if _NOISE.match(atom.text) or len(atom.text) < 2 or len(atom.text.split()) > 16:
                continue
            if says_present(atom.text.rpartition(",")[2]):
                head.goes_on = True
                atom = trim(atom.part(0, max(0, atom.text.rfind(","))))
                if not atom:
                    continue
            parts = _without_places(head, atom)
            if (
                number
                and parts
                and _AT.fullmatch(line.text[atoms[number - 1].end - line.start : atom.start - line.start])
            ):
                before = atoms[number - 1].text
                if position_score(before) >= 0.6 or company_score(before) < 0.6:
                    head.at = parts[0]
            left += parts
    return left, head


def _without_place(head: Head, atom: Piece) -> Piece:
    rest = _without_places(head, atom)
    return rest[0] if rest else atom


def _without_places(head: Head, atom: Piece) -> list[Piece]:
    """The atom without the place that it is or ends with; the place goes to the head."""
    strength = max(position_score(atom.text), company_score(atom.text))
    if place := place_of(atom.text):
        if head.place is None and (place.sure >= 0.7 or strength < 0.6):
            head.place = atom
            return []
        if head.place is not None and place.sure >= 0.8:
            return []
    cuts = list(_COMMA.finditer(atom.text))
    for cut in cuts[-3:]:
        tail = trim(atom.part(cut.end()))
        place = place_of(tail.text) if tail else None
        if place and place.sure >= 0.7 and trim(atom.part(0, cut.start())):
            if head.place is None:
                head.place = tail
            return _at_comma(trim(atom.part(0, cut.start())))
    if (end := _parenthesis(atom.text)) and (tail := trim(atom.part(end))) and place_of(tail.text.strip("()")):
        if head.place is None:
            head.place = tail.stripped("()")
        return _at_comma(trim(atom.part(0, end)))
    return _at_comma(atom)


def _parenthesis(text: str) -> int:
    match = re.search(r"\s\([^()]+\)$", text)
    return match.start() if match else 0


def _at_comma(atom: Piece) -> list[Piece]:
    """Parted at the comma between a position and an employer, where one side is the one and the other is not."""
    best: tuple[float, int, int] | None = None
    for cut in _COMMA.finditer(atom.text):
        left, right = atom.text[: cut.start()], atom.text[cut.end() :]
        a, b = position_score(left), position_score(right)
        if a >= 0.45 and NUMBERED.fullmatch(_COMMA.split(left)[-1].strip()):
            # "Porter, Ward 12": a word that is a name as well, but what is numbered is a position.
            a = max(a, 0.6)
        if max(a, b) < 0.6 or min(a, b) >= 0.6:
            continue
        other = right if a > b else left
        # The employer begins behind the ward or the grade.
        if NUMBERED.fullmatch(_COMMA.split(other)[0].strip()):
            continue
        score = max(a, b) - min(a, b) + company_score(other) * 0.5
        if other and other[:1].isupper() and (best is None or score > best[0]):
            best = (score, cut.start(), cut.end())
    if best is None:
        return [atom]
    return [part for part in (trim(atom.part(0, best[1])), trim(atom.part(best[2]))) if part]


def _position_first(heads: list[tuple[list[Piece], Head]]) -> bool:
    """Whether in this section's heads the position comes before the employer, by those that are clear."""
    votes = 0
    for atoms, _ in heads:
        scores = [position_score(atom.text) for atom in atoms[:2]]
        if len(scores) == 2 and abs(scores[0] - scores[1]) >= 0.5:
            votes += 1 if scores[0] > scores[1] else -1
    return votes >= 0


def _assign(head: Head, atoms: list[Piece], position_first: bool) -> None:
    """Position and employer out of what is left."""
    atoms = [atom for atom in atoms if any(letter.isalpha() for letter in atom.text)][:5]
    if head.company is not None and head.position is None and atoms:
        head.position = max(atoms, key=lambda one: position_score(one.text))
        head.position_sure = 0.5 + position_score(head.position.text) / 2
        return
    if head.position is not None:
        if head.company is None and atoms:
            head.company, head.company_sure = atoms[0], 0.6
        return
    before = [one for one in atoms if head.at and one.start < head.at.start and one.page == head.at.page]
    if head.at and before and position_score(head.at.text) < 0.6:
        head.position = max(reversed(before), key=lambda one: position_score(one.text))
        head.position_sure = 0.6 + 0.4 * position_score(head.position.text)
        head.company, head.company_sure = head.at, 0.8
        return
    best: tuple[float, Piece, Piece | None] | None = None
    for p, position in enumerate(atoms):
        for c in [*range(len(atoms)), -1]:
            if c == p or (c >= 0 and NUMBERED.fullmatch(atoms[c].text)):
                continue
            company = atoms[c] if c >= 0 else None
            score = position_score(position.text) - 0.6 * company_score(position.text)
            if company is not None:
                score += 0.7 * company_score(company.text) - 0.6 * position_score(company.text) + 0.12
                score += 0.12 if (p < c) == position_first else 0.0
                score -= 0.06 * (abs(p - c) - 1) + 0.05 * min(p, c)
            if best is None or score > best[0]:
                best = (score, position, company)
    if best is None:
        return
    _, position, company = best
    sure = position_score(position.text)
    if company is None and sure < 0.4 and company_score(position.text) >= 0.6:
        head.company, head.company_sure = position, 0.7
        return
    head.position, head.position_sure = position, 0.4 + sure * 0.6
    if company is not None:
        head.company, head.company_sure = company, 0.55 + 0.4 * company_score(company.text)
