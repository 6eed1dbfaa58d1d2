"""Skills: those that are listed, and those that the text names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.atoms import split, trim
from shared_backend.data_management.extraction.contacts import looks_like_contact
from shared_backend.data_management.extraction.dates import find_ranges
from shared_backend.data_management.extraction.draft import Draft, Entry, Span, clean, value
from shared_backend.data_management.extraction.entries import is_anchor
from shared_backend.data_management.extraction.headings import section_of
from shared_backend.data_management.extraction.skill_words import SKILLS
from shared_backend.data_management.extraction.text_body import paragraphs

_ITEMS = re.compile(
    r"\s*[,;|•·●▪■◦➢✓►♦]\s*(?![^()]*\))|\t+|[ \u00a0]{2,}|\s+[–—-]\s+|\s*[\ue000-\uf8ff]+\s*|\s{1}/\s{1}|\s*â€¢\s*"
)
_LABEL = re.compile(r"^([^\W\d_][\w &/+.,’'()-]{1,48}?)\s*(?::|\s[–—]\s)\s*(?=\S)")
_LEVEL = re.compile(
    r"\s*[(\[–—:-]\s*(?P<level>(?:less than |more than |over |around )?\d+\+?\s*(?:years?|yrs?|"
    r"months?)[^()]{0,14}|beginner|basic|elementary|intermediate|advanced|expert|proficient|fluent|"
    r"grundkenntnisse|gut|sehr gut|"
    r"fortgeschritten|débutant|intermédiaire|avancé|confirmé|básico|intermedio|avanzado|intermediário|"
    r"avançado)\s*[)\]]?\s*$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:and|und|et|y|e|or|proficient (?:in|with)|proficiency (?:in|with)|experienced? (?:in|with)|knowledge of|"
    r"working knowledge of|good knowledge of|strong|excellent|familiar with|expertise in|skilled in|using)\s+",
    re.IGNORECASE,
)
_MOST = 300
# Whom a value names, and where; not what was done.
_HEADS = re.compile(
    r"basics\.(?:name|email|phone|url|location|profiles)\b|work\.\d+\.(?:name|position|location)$|"
    r"volunteer\.\d+\.(?:organization|position)$|education\.\d+\.(?:institution|studyType|area)$|references\."
)
# A longer line is not only a head.
_ONE_LINE = 120


def listed_skills(lines: list[Line]) -> list[Entry]:
    """The skills of a skill section. "Label: a, b" becomes one skill with keywords, everything else one each."""
    found: list[Entry] = []
    for pieces in _listed(lines):
        label = _label(pieces[0])
        if label is not None:
            title, first = label
            items = [item for piece in _items([first, *pieces[1:]]) if (item := _skill(piece))]
            if items and sum(len(item["name"].text.split()) for item in items) <= 5 * len(items):
                found.append(
                    {"name": value(title, 0.85, "skills.label"), "keywords": [item["name"] for item in items][:200]}
                )
                continue
        found += [item for piece in _items(pieces) if (item := _skill(piece))]
    return _unique(found)[:_MOST]


def _listed(lines: list[Line]) -> Iterable[list[Piece]]:
    """Paragraphs, and of lines in columns each cell for itself."""
    run: list[Line] = []
    for line in lines:
        labelled = _label(line.piece) is not None
        if labelled or line.cells:
            yield from paragraphs(_unwrapped(run))
            run = []
        if line.cells and not labelled:
            yield from ([cell] for cell in line.cells)
        else:
            run.append(line)
    yield from paragraphs(_unwrapped(run))


def _unwrapped(lines: list[Line]) -> list[Line]:
    """Lines that go on in the next one: they are cut inside of brackets or after a comma."""
    result: list[Line] = []
    for line in lines:
        last = result[-1].text if result else ""
        goes_on = bool(last) and (last.count("(") > last.count(")") or last.rstrip().endswith((",", "/", "&", " and")))
        if goes_on and not line.bullet:
            line = Line(
                line.page,
                line.start,
                line.text,
                (),
                line.x0,
                line.x1,
                line.y0,
                line.y1,
                line.size,
                line.bold,
                0,
                False,
                False,
            )
            line.text = line.text[:1] + line.text[1:]
        result.append(line)
    return result


def _label(piece: Piece) -> tuple[Piece, Piece] | None:
    match = _LABEL.match(piece.text)
    if not match or len(match[1].split()) > 6 or "," in match[1]:
        return None
    rest = trim(piece.part(match.end()))
    return (trim(piece.part(0, match.end(1))), rest) if rest else None


def _items(pieces: list[Piece]) -> list[Piece]:
    """The items of a list that may be wrapped: an item that is cut by a line's end is left as its two halves only where
    its brackets close."""
    found: list[Piece] = []
    for piece in pieces:
        found += split(piece, _ITEMS)
    return found


def _skill(piece: Piece) -> Entry | None:
    lead = _LEAD.match(piece.text)
    if lead:
        piece = trim(piece.part(lead.end()))
    level = _LEVEL.search(piece.text)
    entry: Entry = {}
    if level:
        entry["level"] = value(piece.part(*level.span("level")).stripped(), 0.85, "skills.level")
        piece = trim(piece.part(0, level.start()))
    text = clean(piece.text)
    words = text.split()
    if not 0 < len(words) <= 7 or len(text) > 70 or not any(letter.isalpha() for letter in text):
        return None
    if re.match(r"^\(?\d+\s*(?:years?|months?)\b|^years?\)?$|^(?:less than|more than)\b", text, re.IGNORECASE) or (
        text.endswith(")") and "(" not in text
    ):
        return None
    if text.count("(") != text.count(")"):
        piece = trim(piece.part(0, max(piece.text.find("("), 0) or len(piece.text)))
        if not piece:
            return None
    entry["name"] = value(piece, 0.85 if len(words) <= 4 else 0.65, "skills.listed")
    return entry


def _unique(entries: Iterable[Entry]) -> list[Entry]:
    seen: set[str] = set()
    found = []
    for entry in entries:
        key = entry["name"].text.casefold()
        if key not in seen or "keywords" in entry:
            seen.add(key)
            found.append(entry)
    return found


def telling(lines: Iterable[Line], draft: Draft) -> list[Line]:
    """The lines, and parts of lines, that may name skills in passing: none of an address, of a heading, or of where
    and as what somebody worked or learned. A street, a firm and a school are no skills."""
    heads: dict[int, list[Span]] = {}
    for path, one in draft.values():
        if _HEADS.match(path):
            for span in one.spans:
                heads.setdefault(span.page, []).append(span)
    found: list[Line] = []
    for line in lines:
        if line.furniture or section_of(line.text) or (not line.bullet and _apart(line)):
            continue
        end = line.start + len(line.text)
        inside = [one for one in heads.get(line.page, []) if one.start < end and line.start < one.end]
        if inside and len(line.text) <= _ONE_LINE:
            continue
        begin = 0
        for head in sorted(inside, key=lambda one: one.start):
            found.append(
                replace(line, start=line.start + begin, text=line.text[begin : max(begin, head.start - line.start)])
            )
            begin = max(begin, min(head.end, end) - line.start)
        found.append(replace(line, start=line.start + begin, text=line.text[begin:]))
    return found


def _apart(line: Line) -> bool:
    """Whether it says how to reach somebody, or from when to when somebody was somewhere."""
    if len(line.text) > _ONE_LINE:
        return False
    ranges = find_ranges(line.piece)
    return looks_like_contact(line.text) or (not all(one.single for one in ranges) and is_anchor(line, ranges))


def named_skills(lines: Iterable[Line], known: set[str], most: int = 40) -> list[Entry]:
    """Skills that the text names in passing, by a list of well-known ones; those in `known` are left out."""
    found: list[Entry] = []
    seen = set(known)
    names = _named()
    for line in lines:
        words = [(match.start(), match.end(), match[0].casefold()) for match in _WORD.finditer(line.text)]
        skip = 0
        for number, (begin, _, first) in enumerate(words):
            if number < skip or first not in names:
                continue
            longest = next((n for n in names[first] if _said(words[number : number + len(n)], n)), None)
            if longest is None:
                continue
            skip = number + len(longest)
            piece = line.piece.part(begin, words[skip - 1][1])
            if piece.text.casefold() == "plc" and re.search(r"[A-Z][\w.&’'-]*\s+$", line.text[:begin]):
                # Behind a name it is what kind of firm that is.
                continue
            # "Go" and "R" are words, too.
            if piece.text.casefold() in seen or (len(piece.text) < 3 and not piece.text.isupper()):
                continue
            seen.add(piece.text.casefold())
            found.append({"name": value(piece, 0.55, "skills.named")})
            if len(found) >= most:
                return found
    return found


_WORD = re.compile(r"[^\W_][\w+#./-]*(?<![./-])")


def _said(words: list[tuple[int, int, str]], name: tuple[str, ...]) -> bool:
    return len(words) == len(name) and all(word[2] == part for word, part in zip(words, name, strict=True))


@cache
def _named() -> dict[str, list[tuple[str, ...]]]:
    """Well-known skills by their first word, longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for skill in SKILLS.replace("\n", ",").split(","):
        if name := tuple(match[0].casefold() for match in _WORD.finditer(skill)):
            found.setdefault(name[0], []).append(name)
    return {first: sorted(names, key=len, reverse=True) for first, names in found.items()}
