"""How to reach the person: e-mail, telephone, addresses of pages, place."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from shared_backend.data_management.documents.document import Document, Line, Piece
from shared_backend.data_management.extraction.atoms import EDGES, atoms_of, trim
from shared_backend.data_management.extraction.dates import find_ranges
from shared_backend.data_management.extraction.draft import Entry, Value, value
from shared_backend.data_management.extraction.lexicon import is_placeholder
from shared_backend.data_management.extraction.other_people import Key, about_others, elsewhere, key_of
from shared_backend.data_management.extraction.sections import SectionLines
from shared_backend.data_management.places.gazetteer import Place, country_code, place_of

_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+'-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}(?![\w@-])")
_URL = re.compile(
    r"(?<![@\w.-])(?:https?://[^\s<>\"'|]+|www\.[^\s<>\"'|]+|(?:[a-z0-9-]+\.)+(?:com|org|net|io|de|fr|es|pt|br|dev|"
    r"me|ai|co|uk|edu|eu|info|ch|at|it|nl|in|ca|app|tech|page|site|xyz)(?:/[^\s<>\"'|]*)?)(?![@\w])",
    re.IGNORECASE,
)
_NETWORKS = {
    "linkedin": re.compile(r"linkedin\.com/(?:in|pub)/([\w%.À-ÿ-]+)", re.I), "GitHub": re.compile(
        r"github\.com/([\w-]+)/?$", re.I),
    "GitLab": re.compile(r"gitlab\.com/([\w.-]+)/?$", re.I),
    "Twitter": re.compile(r"(?:twitter|x)\.com/(\w+)/?$", re.I),
    "Stack Overflow": re.compile(r"stackoverflow\.com/users/(\d+(?:/[\w-]+)?)", re.I), "Xing": re.compile(
        r"xing\.com/profile/([\w.-]+)", re.I),
    "ORCID": re.compile(r"orcid\.org/([\dX-]{19})", re.I), "Kaggle": re.compile(r"kaggle\.com/([\w-]+)/?$", re.I),
    "Behance": re.compile(r"behance\.net/([\w-]+)/?$", re.I), "Medium": re.compile(r"medium\.com/@?([\w.-]+)/?$", re.I),
    "Indeed": re.compile(r"indeed\.com/r/([\w%.-]+)", re.I),
    "Facebook": re.compile(r"facebook\.com/([\w.-]+)/?$", re.I),
}  # fmt: skip
_PHONE = re.compile(r"(?<![\w/.@-])(?:\(?\+|00)?\(?\d[\d\s().\-–/]{6,22}\d(?![\w@%])")
# A number's neighbours that look like a part of it: a postal code before it, and what a wide gap parts from it.
_POSTAL = re.compile(r"(?:\d{5}-\d{3,4}|\d{4,6})[\s,./–-]+(?=[(+\d])")
_APART = re.compile(r"\t+|[ \u00a0]{2,}|\s/\s")
# Shorter ones are numbers of some country or other, whatever they are.
_GUESSED_DIGITS = 9
# Where a CV in a language may have been written; the first ones are tried first.
_REGIONS = {
    "en": "US GB AU CA IE NZ ZA IN", "de": "DE AT CH", "fr": "FR BE CH CA", "es": "ES MX AR CO CL PE", "pt": "BR PT",
    "it": "IT CH", "nl": "NL BE",
}  # fmt: skip
_PHONE_WORD = re.compile(
    r"\b(?:phone|telephone|tel|mobile|cell|mob|ph|contact|telefon|handy|mobil|tél|téléphone|portable|teléfono|móvil|"
    r"telefone|celular|fax|home|work|call)\b|[☎✆📞📱]",
    re.IGNORECASE,
)
_PLACE_LABEL = re.compile(
    r"^(?:address|location|residence|based in|current location|city|adresse|anschrift|wohnort|ort|dirección|ciudad|"
    r"endereço|cidade|domicile|lives in|home address)\s*[:\-]?\s*",
    re.IGNORECASE,
)
# Somebody has to look at it first.
FOUND_ELSEWHERE = "found_elsewhere"
_ELSEWHERE = 0.6
_RELOCATE = re.compile(r"\b(?:willing to relocate|relocat\w+)\b", re.IGNORECASE)


def contacts(
    document: Document, sections: list[SectionLines], top: list[Line], label_lines: list[Line], language: str = ""
) -> Entry:
    """email, phone, url, location and profiles. `top`: what stands before the sections; `label_lines`: on contact.

    An address or a number that only stands elsewhere is flagged `found_elsewhere`: it may be somebody else's. The
    document's language (ISO 639-1) tells of which countries its telephone numbers may be."""
    entry: Entry = {}
    everything = list(document.lines())
    others = about_others(everything)
    others |= {key_of(line) for section in sections if section.kind == "references" for line in section.lines}
    lines = [line for line in [*top, *label_lines] if key_of(line) not in others]
    further = [line for line in elsewhere(everything, sections) if key_of(line) not in others]
    place = _place(lines)
    if place is not None:
        entry["location"] = place[0]
    country = place[1].country if place else ""
    if email := _email(lines) or _elsewhere(_email(further)):
        entry["email"] = email
    made = entry.get("email")
    regions = _guessed(made.text if made else "", language)
    if phone := _phone(lines, country, regions) or _elsewhere(_phone(further, country, regions, strict=True)):
        entry["phone"] = phone
    _pages(entry, document, lines, others)
    return entry


def _elsewhere(made: Value | None) -> Value | None:
    if made is not None:
        made.confidence = min(made.confidence, _ELSEWHERE)
        made.flags = (*made.flags, FOUND_ELSEWHERE)
    return made


def _email(lines: list[Line]) -> Value | None:
    for line in lines:
        if "@" not in line.text:
            continue
        for match in _EMAIL.finditer(line.text):
            # An e-mail address may be glued to what follows it by a lost space.
            return value(line.piece.part(*match.span()), 0.98, "contact.email")
    return None


def _guessed(email: str, language: str) -> list[str]:
    """Regions that a number without a country's code may be of, by the address's last part and the language."""
    domain = email.rpartition(".")[2].upper()
    domain = "GB" if domain == "UK" else domain
    own = [domain] if domain in phonenumbers.SUPPORTED_REGIONS else []
    return list(dict.fromkeys([*own, *_REGIONS.get(language, "").split(), "US", "GB"]))


def _phone(lines: list[Line], country: str, regions: list[str], *, strict: bool = False) -> Value | None:
    """The first that is a telephone number; else one that is called so, kept as it stands and flagged."""
    doubtful: Value | None = None
    for line in lines:
        matches = list(_PHONE.finditer(line.text))
        if not matches:
            continue
        labelled = bool(_PHONE_WORD.search(line.text))
        dates = [one.piece for one in find_ranges(line.piece)]
        for match in matches:
            piece = _number(trim_phone(line.piece.part(*match.span())), country, regions)
            if any(one.start < piece.end and piece.start < one.end for one in dates) and not piece.text.startswith("+"):
                continue
            digits = sum(one.isdigit() for one in piece.text)
            if not 7 <= digits <= 15:
                continue
            made, valid = _e164(piece, country, regions)
            if valid and (not strict or labelled or piece.text.startswith("+")):
                return made
            if doubtful is None and (labelled or (not strict and digits >= 9)):
                doubtful = made
    return doubtful


def _number(piece: Piece, country: str, regions: list[str]) -> Piece:
    """The piece; or, where that is no number as a whole, the part of it beside a postal code or a gap that is one."""
    if _e164(piece, country, regions)[1]:
        return piece
    parts, begin = [], 0
    for gap in _APART.finditer(piece.text):
        parts.append(piece.part(begin, gap.start()))
        begin = gap.end()
    parts.append(piece.part(begin))
    for part in parts:
        postal = _POSTAL.match(part.text)
        for one in (part, part.part(postal.end()) if postal else None):
            number = trim_phone(one) if one else None
            if number and sum(each.isdigit() for each in number.text) >= 7 and _e164(number, country, regions)[1]:
                return number
    return piece


def trim_phone(piece: Piece) -> Piece:
    """Without separators at its ends, but with its plus and brackets."""
    piece = piece.stripped(" \t\u00a0.-–/")
    return piece.part(1) if piece.text.startswith("(") and ")" not in piece.text else piece


def _e164(piece: Piece, country: str, regions: list[str]) -> tuple[Value, bool]:
    for region in [None] if piece.text.startswith("+") else [country, *regions] if country else regions:
        try:
            number = phonenumbers.parse(piece.text, region)
        except phonenumbers.NumberParseException:
            continue
        if not phonenumbers.is_valid_number(number):
            continue
        if region is not None and region != country:
            if sum(each.isdigit() for each in piece.text) < _GUESSED_DIGITS:
                continue
            # Which country's it is, is a guess: kept as it stands.
            return value(piece, 0.7, "contact.phone", flags=("country_unknown",)), True
        text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return value(piece, 0.95, "contact.phone", text=text), True
    return value(piece, 0.4, "contact.phone", flags=("invalid_phone",)), False


def _pages(entry: Entry, document: Document, lines: list[Line], others: set[Key]) -> None:
    """Profiles by network, and a page of the person's own."""
    profiles: dict[tuple[str, str], Entry] = {}
    own: Value | None = None
    for made in _addresses(document, lines, others):
        network, match = next(
            ((name, found) for name, rule in _NETWORKS.items() if (found := rule.search(made.text))), ("", None)
        )
        if match:
            name = "LinkedIn" if network == "linkedin" else network
            key = (name, match[1].casefold())
            profiles.setdefault(
                key, {"network": _of(made, name), "username": _of(made, match[1]), "url": made}
            )  # fmt: skip
        elif own is None and not re.search(
            r"linkedin|github|mailto|example\.(?:com|org)|google\.com|indeed", made.text, re.I
        ):
            own = made
    if profiles:
        entry["profiles"] = list(profiles.values())[:20]
    if own is not None:
        entry["url"] = own


def _of(made: Value, text: str) -> Value:
    return Value(text, made.source, made.spans, made.confidence, made.rule + ".part", flags=made.flags)


def _addresses(document: Document, lines: list[Line], others: set[Key]) -> Iterator[Value]:
    places = {key_of(line) for line in lines}
    for page in document.pages:
        for link in page.links:
            around = {
                key_of(line) for line in page.lines if line.start <= link.piece.start <= line.start + len(line.text) + 1
            }
            if (
                link.uri.lower().startswith(("http://", "https://"))
                and not around & others
                and (around & places or re.search(r"linkedin\.com/in/", link.uri))
            ):
                yield (
                    value(link.piece, 0.95, "contact.link", text=link.uri.rstrip(), flags=("from_link",))
                    if link.piece
                    else Value(link.uri, "", (), 0.8, "contact.link", flags=("from_link",))
                )
    # Away from where people are reached, only profiles of networks count, and these have a path.
    for line in [*lines, *(line for line in document.lines() if "/" in line.text and key_of(line) not in others)]:
        for match in _URL.finditer(line.text):
            piece = line.piece.part(*match.span()).stripped(".,;:)")
            if "@" in line.text[max(0, match.start() - 1) : match.start()] or (
                line not in lines and not any(rule.search(piece.text) for rule in _NETWORKS.values())
            ):
                continue
            yield value(piece, 0.9, "contact.url")


def _place(lines: list[Line]) -> tuple[Entry, Place] | None:
    best: tuple[float, Piece, Place] | None = None
    for number, line in enumerate(lines[:25]):
        if _RELOCATE.search(line.text):
            continue
        text = line.piece
        labelled = _PLACE_LABEL.match(text.text)
        if labelled:
            text = text.part(labelled.end())
        atoms, _ = atoms_of(
            Line(line.page, text.start, text.text, tuple(c for c in line.cells if c.start >= text.start))
        )
        for atom in atoms:
            if _EMAIL.search(atom.text) or is_placeholder(atom.text):
                continue
            for part in _tails(atom):
                place = place_of(part.text)
                if (
                    place
                    and place.city
                    and place.sure
                    >= (0.6 if labelled or place.region or (place.country and "," in part.text) else 0.75)
                ):
                    score = place.sure - 0.01 * number + (0.2 if labelled else 0)
                    if best is None or score > best[0]:
                        best = (score, part, place)
                    break
    if best is None:
        return None
    _, piece, place = best
    return _location(piece, place), place


def _tails(atom: Piece) -> Iterator[Piece]:
    """The whole, and what is left of it after each comma: "12 High Street, Leeds, UK" ends in a place."""
    yield atom
    for match in re.finditer(r",\s*", atom.text):
        if tail := trim(atom.part(match.end())):
            yield tail


def _location(piece: Piece, place: Place) -> Entry:
    entry: Entry = {}
    for key, name in (("city", place.city), ("region", place.region), ("postalCode", place.postal_code)):
        at = piece.text.find(name) if name else -1
        if at >= 0:
            entry[key] = value(piece.part(at, at + len(name)), place.sure, "contact.place")
    # The country's code is looked up: it may stand there, or follow from the region or the city.
    if place.country and ("," in piece.text or country_code(piece.text)):
        last = trim(piece.part(piece.text.rfind(",") + 1))
        entry["countryCode"] = value(
            last, place.sure - 0.1, "contact.country", text=place.country, flags=("looked_up",)
        )
    elif place.country:
        entry["countryCode"] = value(
            piece, place.sure - 0.25, "contact.country", text=place.country, flags=("looked_up",)
        )
    return entry


def looks_like_contact(text: str) -> bool:
    """Whether a line is about reaching somebody."""
    return bool(_EMAIL.search(text) or _URL.search(text) or _PHONE_WORD.search(text) or _PHONE.search(text))


def bare(text: str) -> str:
    """Without separators and symbols at its ends."""
    return text.strip(EDGES)
