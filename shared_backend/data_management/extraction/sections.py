"""A document's lines parted into sections, by what headings say and how they look."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import takewhile

from shared_backend.data_management.documents.document import Document, Line, Piece
from shared_backend.data_management.extraction.dates import find_ranges
from shared_backend.data_management.extraction.headings import INSIDE, Section, section_by_word, section_of, squashed
from shared_backend.data_management.extraction.lexicon import company_score, degrees_in, position_score
from shared_backend.data_management.extraction.signature import unsigned
from shared_backend.data_management.places.gazetteer import place_of

_PAGE_NUMBER = re.compile(
    r"^(?:page|seite|página)?\s*\d{1,2}\s*(?:of|/|von|de|sur)?\s*(?:\d{1,2})?$|\b(?:page|seite)\s+\d+(?:\s*(?:of|/|von)\s*\d+)?$"
    r"|(?<!/\d\d)(?<!/\d{4})\s[-–—]\s*\d{1,2}/\d{1,2}$|^last updated\b|^(?:page|seite) \d+",
    re.IGNORECASE,
)
_REACHES = re.compile(r"\S@\S+\.\w|https?://|www\.|\d[\d\s().–-]{7,}\d")
_ADDRESS = re.compile(r"https?://\S+$", re.IGNORECASE)
_INLINE = re.compile(r"^([^\W\d_][\w&/,' ’-]{2,45}?)\s*:\s*(?=\S)")
# Words of headings that no section of a profile is for.
_HEADING_WORD = re.compile(
    r"\b(?:memberships?|affiliations?|admissions?|activities|engagements|presentations|patents|exhibitions|performances|"
    r"directorships|boards?|clubs|societies|associations|mitgliedschaften|vorträge|adhésions|afiliaciones|conferencias)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Behind a colon, or of more than four digits.
_NUMBER = re.compile(r":\s*[(+]*\d|(?:\d[\s().-]{0,2}){5}")
_DECORATION = " \t:.-–—_=*#|•·~<>►▪■»«\u00a0\"'"


@dataclass(slots=True)
class SectionLines:
    """A section: its heading (none for what comes before the first) and its lines."""

    kind: Section
    heading: Piece | None
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Style:
    """How a heading looks."""

    size: int
    bold: bool
    caps: bool


def sections_of(document: Document) -> list[SectionLines]:
    """All sections in order; the first is what stands before any heading (kind `basics`). A signature at the end
    is in none."""
    lines = list(document.lines())
    _mark_furniture(document, lines)
    lines = unsigned([line for line in lines if not line.furniture])
    body = _usual_size(lines)
    style, level = _heading_style(lines, body), _section_level(lines)
    current = SectionLines("basics", None)
    found = [current]
    for index, line in enumerate(lines):
        before = lines[index - 1] if index else None
        heading = _heading(line, body, style, level, current, before)
        if heading is None and _capitals(line, style, current, lines[index + 1 : index + 5]):
            heading = section_by_word(line.text) or "other", _title(line), None
        if heading is None:
            current.lines.append(line)
            continue
        if current.heading is None and _names_document(heading[1], lines[index + 1 : index + 5]):
            continue
        kind, title, rest = heading
        current = SectionLines(kind, title)
        found.append(current)
        if rest:
            current.lines.append(replace(line, start=rest.start, text=rest.text, cells=(), bullet=False, bold_until=0))
    return found


def _names_document(title: Piece, after: list[Line]) -> bool:
    """Whether "Resume" is what the document is, as above a name and an address, and not its summary."""
    if squashed(title.text) != "resume":
        return False
    for line in after:
        if section_of(_title(line).text):
            return False
        if _REACHES.search(line.text):
            return True
    return False


def _mark_furniture(document: Document, lines: list[Line]) -> None:
    """Page numbers, and what all pages repeat at their edges."""
    edges: Counter[str] = Counter()
    for page in document.pages:
        for line in {id(one): one for one in [*page.lines[:2], *page.lines[-2:]]}.values():
            edges[re.sub(r"\d+", "#", line.text)] += 1
    for line in lines:
        text = line.text.strip()
        if len(text) < 80 and _PAGE_NUMBER.search(text) and not re.fullmatch(r"\d{4}", text):
            line.furniture = True
    # Where pages were run together, an address that nothing stands beside and that comes again was at their edge.
    addresses = Counter(line.text.strip() for line in lines if _ADDRESS.match(line.text.strip()))
    for line in lines:
        if addresses[line.text.strip()] > 1:
            line.furniture = True
    if len(document.pages) > 1:
        for page in document.pages[1:]:
            for line in [*page.lines[:2], *page.lines[-2:]]:
                if edges[re.sub(r"\d+", "#", line.text)] > 1 and len(line.text) < 80 and section_of(line.text) is None:
                    line.furniture = True


def _usual_size(lines: list[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _style_of(line: Line) -> _Style:
    return _Style(round(line.size), line.bold, line.text.isupper())


def _heading_style(lines: list[Line], body: float) -> _Style | None:
    """How this document's headings look: told from those whose words are known. None where they look like the text."""
    styles: Counter[_Style] = Counter()
    for line in lines:
        if not line.bullet and len(line.text) < 50 and section_of(_title(line).text):
            styles[_style_of(line)] += 1
    if not styles:
        return None
    style, times = styles.most_common(1)[0]
    apart = style.bold or style.caps or style.size > body + 0.9
    # A style that much other text has as well tells nothing.
    same = sum(1 for line in lines if _style_of(line) == style and (line.size or _alone(line)))
    return style if apart and times >= 2 and same <= max(14, 0.12 * len(lines)) else None


def _section_level(lines: list[Line]) -> int:
    """At which level this document's headings name sections; 0 where its format tells none."""
    levels = Counter(
        line.heading
        for line in lines
        if line.heading and section_of(title := _title(line).text) and squashed(title) not in INSIDE
    )
    return levels.most_common(1)[0][0] if levels else 0


def _heads_entry(line: Line, level: int, current: SectionLines) -> bool:
    """Whether a format's heading is that of an entry: deeper than its sections', or a position or a date within one."""
    if line.heading > level > 0:
        return True
    if not line.heading or current.kind not in ("work", "volunteer", "education", "projects"):
        return False
    return not section_by_word(line.text) and (
        position_score(line.text) >= 0.6 or bool(find_ranges(line.piece)) or bool(degrees_in(line.text))
    )


def _title(line: Line) -> Piece:
    return line.piece.stripped(_DECORATION)


def _heading(
    line: Line, body: float, style: _Style | None, level: int, current: SectionLines, before: Line | None
) -> tuple[Section, Piece, Piece | None] | None:
    """(section, title, text after it in the same line) if the line begins a section."""
    title = _title(line)
    words = title.text.split()
    if not words:
        return None
    apart = line.heading or line.size > body + 0.9 or line.bold or line.gap or title.text.isupper()
    if len(words) <= 7 and (kind := section_of(title.text)) and not _labels_number(title.text):
        if squashed(title.text) in INSIDE and current.kind in ("work", "projects", "volunteer", "other"):
            return None if not _same_style(line, style) else (kind, title, None)
        # A lone word of the text ("language", "experience") may be the end of a wrapped sentence.
        if title.text[:1].islower() and not line.heading:
            return None
        if line.bullet and not apart:
            return None
        return kind, title, None
    if inline := _inline(line, current):
        return inline
    if _heads_entry(line, level, current):
        return None
    looks = line.heading or _same_style(line, style)
    if looks and len(words) <= 8 and len(title.text) < 60 and not line.cells and not line.bullet:
        if before is None or (current.heading is None and style is None):
            return None
        if (
            current.heading is None
            and len(title.text.split()) <= 4
            and not section_by_word(title.text)
            and not line.heading
        ):
            # Before the first known heading, what stands out may be the name.
            return None
        return section_by_word(title.text) or "other", title, None
    if (
        apart
        and len(words) <= 5
        and title.text.isupper()
        and not any(one.isdigit() for one in title.text)
        and not line.cells
    ) and (kind := section_by_word(title.text)):
        return kind, title, None
    if (
        line.text.rstrip().endswith(":")
        and len(words) <= 4
        and not line.bullet
        and (kind := section_by_word(title.text))
    ):
        return kind, title, None
    return None


def _labels_number(text: str) -> bool:
    """Whether a title is a telephone number's label ("Work: 555-0142"); years are part of a heading."""
    return bool(_NUMBER.search(_YEAR.sub(" - ", text)))


def _capitals(line: Line, style: _Style | None, current: SectionLines, after: list[Line]) -> bool:
    """Whether a line in capitals heads a section of which nothing is known, in a text that has no sizes of letters,
    and whose known headings are in capitals. The names of employers, schools and projects look so, too: among what is
    dated only the words of headings tell, and elsewhere dates, degrees and positions stand below such a name."""
    if style is None or style.size or not style.caps or not _alone(line) or current.heading is None or not after:
        return False
    text = _title(line).text
    if company_score(text) >= 0.6 or position_score(text) >= 0.6 or place_of(text) is not None:
        return False
    if _HEADING_WORD.search(text):
        return True
    # Near the top, the name is in capitals, too.
    if current.kind in ("basics", "summary", "work", "volunteer", "projects"):
        return False
    below = takewhile(lambda one: not section_of(_title(one).text), after)
    return not any(_tells_entry(one) for one in below)


def _tells_entry(line: Line) -> bool:
    """Whether a line has what stands below the name of an employer or a school."""
    return bool(find_ranges(line.piece)) or position_score(line.text) >= 0.6 or bool(degrees_in(line.text))


def _alone(line: Line) -> bool:
    """Whether a line without a size stands apart, in so few capitals as a heading has."""
    text = _title(line).text
    return (
        not line.size
        and line.gap
        and not line.bullet
        and not line.cells
        and line.text.isupper()
        and len(text.split()) <= 5
        and sum(letter.isalpha() for letter in text) >= 5
        and not re.search(r"[\d,|@]", text)
    )


def _same_style(line: Line, style: _Style | None) -> bool:
    return style is not None and line.size > 0 and _style_of(line) == style


def _inline(line: Line, current: SectionLines) -> tuple[Section, Piece, Piece | None] | None:
    """ "Skills: Python, Java" and "EDUCATION 2003-2004 …": a heading with its section's text behind it."""
    if line.bullet:
        return None
    if match := _INLINE.match(line.text):
        title = line.piece.part(0, match.end(1))
        kind = section_of(title.text)
        if kind and kind not in ("other", "basics") and squashed(title.text) not in INSIDE:
            # Inside of a list of skills, "Languages: Python" and "Tools: …" are its labels.
            if (
                current.kind == "skills" and kind in ("languages", "skills", "certificates", "interests")
            ) or kind == current.kind:
                return None
            if (
                current.kind in ("work", "projects", "education")
                and kind
                in (
                    "skills",
                    "projects",
                    "awards",
                    "certificates",
                    "summary",
                )
                and not title.text.isupper()
                and not line.bold_until
            ):
                return None
            return kind, title, line.piece.part(match.end()).stripped()
    if line.cells and (kind := section_of(line.cells[0].text.strip(_DECORATION))) and kind != "other":
        # A heading in a column of its own at the left.
        first = line.cells[0]
        if first.text.isupper() or line.bold_until >= len(first.text) or line.bold:
            return kind, first.stripped(_DECORATION), line.piece.part(line.cells[1].start - line.start).stripped()
    return None
