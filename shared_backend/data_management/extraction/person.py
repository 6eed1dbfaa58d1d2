"""The person's name and headline, out of what stands at the top."""

from __future__ import annotations

import re

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.atoms import atoms_of, trim
from shared_backend.data_management.extraction.draft import Value, clean, value
from shared_backend.data_management.extraction.headings import section_of
from shared_backend.data_management.extraction.lexicon import (
    company_score,
    degrees_in,
    is_placeholder,
    is_school,
    position_score,
)
from shared_backend.data_management.places.gazetteer import city_country, country_code, place_of, region_country

_NAME = re.compile(
    r"^(?:(?:Dr|Mr|Mrs|Ms|Miss|Prof|Ing|Herr|Frau|Sra?|Mme|"
    r"M)\.?\s+)?[^\W\d_][\w’'.\-]*(?:\s+(?:\(?[^\W\d_][\w’'.\-]*\)?|[“\"][^\W\d_]+[”\"])){1,4}(?:,?\s+(?:Jr|Sr|II|"
    r"III|IV)\.?)?$"
)
_LABEL = re.compile(
    r"^(?:(?:curriculum vitae|resume|cv|résumé|lebenslauf)\s+(?:of|for|von|de)|(?:full |candidate |"
    r"applicant )?name|nom|nombre|nome|vor- und nachname|i am|i’m|i'm|my name is)\s*[:\-–]?\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,–-]*(?:\b(?:resume|cv|curriculum vitae|résumé|lebenslauf)\b|,?\s*\b(?:M\.?Sc\.?|B\.?Sc\.?|Ph\.?D\.?|MBA|"
    r"RN|CPA|Esq\.?|M\.?D\.?|PMP|BSN|MSN|P\.?E\.?|CFA|LCSW|M\.Ed\.?|Dipl\.?-?Ing\.?))+\s*$",
    re.IGNORECASE,
)
_NOT_IN_NAMES = frozenset(
    [
        "resume",
        "curriculum",
        "vitae",
        "cv",
        "sample",
        "template",
        "example",
        "profile",
        "objective",
        "summary",
        "street",
        "st",
        "road",
        "rd",
        "avenue",
        "ave",
        "drive",
        "lane",
        "phone",
        "email",
        "e-mail",
        "mail",
        "address",
        "telephone",
        "tel",
        "mobile",
        "fax",
        "page",
        "your",
        "name",
        "university",
        "college",
        "school",
        "institute",
        "inc",
        "llc",
        "ltd",
        "company",
        "corporation",
        "department",
        "center",
        "centre",
        "box",
        "apt",
        "suite",
        "floor",
        "home",
        "contact",
        "email:",
        "tel:",
        "years",
        "experience",
        "of",
        "the",
        "and",
        "for",
        "with",
        "in",
        "at",
        "to",
        "seeking",
        "by",
        "skills",
        "education",
        "work",
        "professional",
        "personal",
        "information",
        "details",
        "date",
        "birth",
        "nationality",
        "references",
        "available",
        "upon",
        "request",
        "campus",
        "permanent",
        "current",
        "present",
        "functional",
        "chronological",
        "format",
        "nagar",
        "colony",
        "sector",
        "road:",
        "near",
        "objective:",
        "village",
        "district",
        "highway",
        "court",
        "ct",
        "boulevard",
        "blvd",
        "square",
        "place",
        "pl",
        "way",
        "circle",
        "parkway",
        "heights",
        "hills",
        "house",
        "residence",
        "p.o.",
        "pin",
        "india",
        "usa",
        "america",
        "north",
        "south",
        "east",
        "west",
        "new",
        "old",
        "city",
        "state",
        "county",
        "mr",
        "english",
        "spanish",
        "french",
        "german",
        "hindi",
        "male",
        "female",
        "single",
        "married",
        "marital",
        "status",
        "gender",
        "last",
        "updated",
        "confidential",
        "a",
        "an",
        "my",
        "i",
        "is",
        "on",
        "as",
        "from",
        "term",
        "time",
        "term-time",
        "address:",
        "linkedin",
        "github",
        "twitter",
        "website",
        "portfolio",
        "microsoft",
        "office",
        "java",
        "sql",
        "engineer",
        "engineering",
        "software",
        "computer",
        "science",
        "management",
        "business",
        "technology",
        "information",
        "finance",
        "administration",
        "services",
        "sales",
        "marketing",
        "customer",
        "service",
    ]
)
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "do",
        "dos",
        "van",
        "von",
        "der",
        "den",
        "del",
        "la",
        "le",
        "di",
        "bin",
        "al",
        "el",
        "y",
        "e",
        "zu",
        "ter",
        "ten",
        "du",
    ]
)
_MOST = 14


def name_of(lines: list[Line], email: str) -> Value | None:
    """The name; None where nothing at the top is one."""
    largest = max((line.size for line in lines[:_MOST]), default=0.0)
    local = re.sub(r"[^a-z]", "", email.split("@")[0].lower())
    best: tuple[float, Piece] | None = None
    for number, line in enumerate(lines[:_MOST]):
        for first, atom in enumerate(_candidates(line)):
            score = _score(atom.text, local)
            if score <= 0:
                continue
            score -= 0.05 * number + 0.04 * first
            if line.size and line.size >= largest - 0.2 and largest > 1.15 * _median(lines):
                score += 0.4
            if best is None or score > best[0]:
                best = (score, atom)
    if best is None or best[0] < 0.2:
        return None
    return value(best[1], min(0.98, 0.45 + best[0] * 0.45), "person.name")


def _median(lines: list[Line]) -> float:
    sizes = sorted(line.size for line in lines)
    return sizes[len(sizes) // 2] if sizes else 0.0


def _candidates(line: Line) -> list[Piece]:
    found = []
    atoms, _ = atoms_of(line)
    # A name may stand before a comma and a place, or after a label.
    for atom in atoms:
        label = _LABEL.match(atom.text)
        whole = trim(atom.part(label.end())) if label else atom
        comma = whole.text.find(",")
        for piece in (whole, trim(whole.part(0, comma)) if comma > 0 else None):
            if piece is None or not piece.text:
                continue
            tail = _TAIL.search(piece.text)
            found.append(trim(piece.part(0, tail.start())) if tail and tail.start() > 3 else piece)
    return found


def _score(text: str, local: str) -> float:
    if not 4 <= len(text) <= 45 or not _NAME.match(text) or is_placeholder(text) or section_of(text):
        return 0.0
    words = [word.strip(".’'()\"“”,") for word in text.split()]
    low = [word.lower() for word in words]
    if any(word in _NOT_IN_NAMES for word in low):
        return 0.0
    if not all(word[:1].isupper() or word in _PARTICLES for word in words if word) and not (
        local and all(word.lower() in local for word in words if len(word) > 2)
    ):
        # "jane doe" is taken for a name only where the address says so, too.
        return 0.0
    score = 0.6 + (0.1 if len(words) in (2, 3) else -0.1)
    known = sum(1 for word in low if len(word) > 2 and word in local)
    if local and known:
        score += 0.35 if known > 1 else 0.2
    elif (
        local
        and len(local) > 3
        and any(len(word) > 3 and (local.startswith(word[:4]) or word in local) for word in low)
    ):
        score += 0.1
    if position_score(text) >= 0.45:
        score -= 0.75
    if company_score(text) >= 0.6 or is_school(text):
        score -= 0.6
    if degrees_in(text):
        score -= 0.5
    if place_of(text) or country_code(text) or region_country(text):
        score -= 0.5
    elif city_country(words[-1]) and city_country(words[0]) and not known:
        score -= 0.1
    return score


def label_of(lines: list[Line], name: Value | None) -> Value | None:
    """The headline: the position at the top that is said of the person."""
    for line in lines[:_MOST]:
        atoms, ranges = atoms_of(line)
        if ranges or len(line.text) > 130 or line.bullet:
            continue
        for atom in atoms:
            text = atom.text
            if name is not None and text.startswith(name.text):
                atom = trim(atom.part(len(name.text)))
                text = atom.text
            tail = re.search(
                r"\s+(?:resume|cv|curriculum vitae)(?:\s+(?:template|sample|example))?\s*$|\s+(?:with|having)\s.*$",
                text,
                re.IGNORECASE,
            )
            if tail:
                atom = trim(atom.part(0, tail.start()))
                text = atom.text
            if not text or "@" in text or len(text.split()) > 10 or clean(text) == (name.text if name else ""):
                continue
            if position_score(text) >= 0.6 and text[0].isupper():
                return value(atom, 0.5 + 0.4 * position_score(text), "person.label")
    return None
