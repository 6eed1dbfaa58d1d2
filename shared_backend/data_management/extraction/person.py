"""The person's name and headline, out of what stands at the top."""

from __future__ import annotations

import re
import unicodedata

from shared_backend.data_management.documents.document import Document, Line, Piece
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
    r"^(?:(?:curriculum vitae|resume|cv|résumé|lebenslauf)\s+(?:of|for|von|de)\b\s*[:\-–]?\s*"
    r"|(?:i am|i’m|i'm|my name is)\s+"
    r"|(?:(?:full |candidate |applicant |candidate's |legal )?name|nom|nom et prénoms?|prénom et nom|nom complet|"
    r"nombre|nombre completo|nombre y apellidos?|apellidos? y nombres?|nome|nome completo|nome e cognome|"
    r"vor- und nachname|vorname und nachname|name und vorname|voornaam en achternaam|naam)\b\s*[:\-–]\s*)",
    re.IGNORECASE,
)
_SALUTATION = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Mx|Herr|Frau|Sr|Sra|Srta|Mme|Mlle)\.?\s+(?=\S+\s+\S)", re.IGNORECASE)
_TITLES = re.compile(
    r"^(?:(?:dr|prof|mag|ing|pd|priv|doz|med|rer|nat|phil|jur|iur|dent|vet|pol|oec|habil|theol|h\.?\s?c|rev|capt|sir|"
    r"dame|dipl\.?-\w+)(?:\.\s*|\s+))+(?=\S+\s+\S)",
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
        "an",
        "my",
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
# Of those, the ones that are also family names.
_FAMILY_NAMES = frozenset((
    "page", "lane", "west", "north", "east", "french", "english", "german", "street", "hills", "house", "court",
    "place", "road", "home", "single", "way", "new", "old", "box", "city", "state", "near", "drive",
))  # fmt: skip
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
    local = re.sub(r"[^a-z]", "", plain(email.split("@")[0]))
    best: tuple[float, Piece] | None = None
    for number, line in enumerate(lines[:_MOST]):
        for first, atom in enumerate(_candidates(line)):
            score = _score(atom.text, local, leads=number == 0)
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


def prominent(document: Document) -> list[Line]:
    """Lines of the first page that stand out as a name does: the only heading of the highest level, and those whose
    letters are larger than all others'. None where a format tells neither."""
    lines = [line for line in document.pages[0].lines if not line.furniture and line.text.strip()]
    largest = max((line.size for line in lines), default=0.0)
    found = [line for line in lines if line.heading == 1]
    found = found if len(found) == 1 else []
    if largest > 1.15 * _median(lines):
        found += [line for line in lines if line.size >= largest - 0.2 and line not in found][:2]
    return found


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
        if called := _SALUTATION.match(whole.text):
            whole = whole.part(called.end())
        comma = whole.text.find(",")
        for piece in (whole, trim(whole.part(0, comma)) if comma > 0 else None):
            if piece is None or not piece.text:
                continue
            tail = _TAIL.search(piece.text)
            found.append(trim(piece.part(0, tail.start())) if tail and tail.start() > 3 else piece)
    return found


def _score(text: str, local: str, *, leads: bool) -> float:
    """How much a text is a name. `local`: the letters of the e-mail address; `leads`: it stands first of all."""
    called = _TITLES.sub("", text)
    if not 4 <= len(text) <= 60 or not 4 <= len(called) <= 45 or not _NAME.match(called):
        return 0.0
    if is_placeholder(text) or section_of(text):
        return 0.0
    words = [word.strip(".’'()\"“”,") for word in called.split()]
    low = [plain(word) for word in words]
    # "A Reliable Worker" is none; "A. Reliable" is.
    if low[0] in ("a", "i") and not called[1:].startswith("."):
        return 0.0
    unlikely = 0.0
    for word in (word for word in low if word in _NOT_IN_NAMES):
        if _spelt(word, low, local):
            continue
        if not leads or word not in _FAMILY_NAMES or word != low[-1]:
            return 0.0
        unlikely += 0.35
    if not all(word[:1].isupper() or word in _PARTICLES for word in words if word) and not (
        local and all(plain(word) in local for word in words if len(word) > 2)
    ):
        # "jane doe" is taken for a name only where the address says so, too.
        return 0.0
    score = 0.6 + (0.1 if len(words) in (2, 3) else -0.1) - unlikely
    known = sum(1 for word in low if len(word) > 2 and word in local)
    if local and known:
        score += 0.35 if known > 1 else 0.2
    elif (
        local
        and len(local) > 3
        and any(len(word) > 3 and (local.startswith(word[:4]) or word in local) for word in low)
    ):
        score += 0.1
    if position_score(called) >= 0.45:
        score -= 0.75
    if company_score(text) >= 0.6 or is_school(text):
        score -= 0.6
    if degrees_in(called):
        score -= 0.5
    if place_of(text) or country_code(text) or region_country(text):
        score -= 0.5
    elif city_country(words[-1]) and city_country(words[0]) and not known:
        score -= 0.1
    return score


def _spelt(word: str, words: list[str], local: str) -> bool:
    """Whether an address spells a word as part of a name: with another of its words, or with that one's initial."""
    if len(word) < 3 or word not in local:
        return False
    others = [one for one in words if one != word and one[:1].isalpha()]
    return any((len(one) > 2 and one in local) or one[0] + word in local or word + one[0] in local for one in others)


def spells(local: str, text: str) -> bool:
    """Whether an address (what stands before its @) spells a short text as a name, or is one of its two words."""
    low = [plain(word) for word in re.findall(r"[^\W\d_]+", text)]
    letters = re.sub(r"[^a-z]", "", plain(local))
    return len(low) <= 8 and (any(_spelt(word, low, letters) for word in low) or (len(low) == 2 and letters in low))


def plain(text: str) -> str:
    """In lower case and without accents, as addresses spell names."""
    return "".join(one for one in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(one))


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
