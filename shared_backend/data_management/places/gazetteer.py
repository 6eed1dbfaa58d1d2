"""Places by name. GeoNames (CC BY 4.0) for cities; see NOTICE."""

from __future__ import annotations

import gzip
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared_backend.data_management.places.names import COUNTRIES, OTHER_NAMES, REGIONS, US_STATES

_FILE = Path(__file__).with_name("cities.tsv.gz")
# Towns whose names are words that CVs use for something else.
_WORDS = frozenset(
    [
        "of",
        "university",
        "mobile",
        "reading",
        "nice",
        "normal",
        "bath",
        "march",
        "august",
        "may",
        "college",
        "best",
        "union",
        "page",
        "home",
        "date",
        "central",
        "police",
        "enterprise",
        "commerce",
        "independence",
        "opportunity",
        "media",
        "nova",
        "nancy",
        "lima",
        "cork",
        "split",
        "as",
        "most",
        "same",
        "man",
        "van",
        "sales",
        "social",
        "auto",
        "ion",
        "un",
        "cary",
        "long",
        "sale",
        "young",
        "young's",
        "york",
        "street",
        "hill",
        "data",
        "roman",
        "troy",
        "mary",
        "lincoln",
        "washington",
        "jackson",
        "santa",
        "male",
        "bar",
        "deal",
        "hull",
        "buffalo",
        "orange",
        "superior",
        "save",
        "mission",
        "liberty",
        "moscow",
        "data",
        "ela",
        "este",
        "the",
        "are",
        "male",
    ]
)
_CREDIBLE = re.compile(r"[A-ZÀ-Þ][\w.'’\- ]+$")
_ZIP = re.compile(
    r"[\s-]+\d{4,6}(?:-\d{4})?$|^(?:[A-Z]{1,2}-)?\d{4,6}\s+(?=[A-ZÀ-Þ])|\s+[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What a name resolves to; "" where it says nothing. `sure` is 0 to 1."""

    city: str = ""
    region: str = ""
    country: str = ""
    postal_code: str = ""
    sure: float = 0.0


def folded(name: str) -> str:
    """For comparing: no case, no accents, single spaces."""
    if not name.isascii():
        plain = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("ß", "ss"))
        name = "".join(one for one in plain if not unicodedata.combining(one))
    return " ".join(name.split()).casefold().strip(" .")


@cache
def _cities() -> dict[str, tuple[str, frozenset[str]]]:
    """Folded name -> (country of the largest city of that name, its US states)."""
    first: dict[str, str] = {}
    states: dict[str, set[str]] = {}
    with gzip.open(_FILE, "rt", encoding="utf-8") as file:
        for row in file:
            keys, country, region = row.rstrip("\n").split("\t")
            for number, key in enumerate(keys.split(";")):
                if number and key in first:
                    continue
                first.setdefault(key, country)
                if region:
                    states.setdefault(key, set()).add(region)
    none: frozenset[str] = frozenset()
    return {key: (country, frozenset(states[key]) if key in states else none) for key, country in first.items()}


@cache
def _countries() -> dict[str, str]:
    named = {folded(name): code for code, name in COUNTRIES.items()}
    return named | {folded(name): code for name, code in OTHER_NAMES.items()}


@cache
def _regions() -> dict[str, str]:
    found = {folded(name): country for country, names in REGIONS.items() for name in names if len(name) > 3}
    return found | {folded(name): "US" for name in US_STATES.values()}


def city_country(name: str) -> str:
    """The country of the best-known city of that name; "" for none."""
    return _cities().get(folded(name), ("", frozenset()))[0]


def country_code(name: str) -> str:
    """Of a country's name; "" for none."""
    return _countries().get(folded(name), "")


def region_country(name: str) -> str:
    """The country that a region is in; "" for none. Short forms must be in capitals."""
    if name in US_STATES:
        return "US"
    short = next((country for country, names in REGIONS.items() if name in names and len(name) <= 3), "")
    return short or _regions().get(folded(name), "")


def place_of(text: str) -> Place | None:
    """The place that a whole text names: "Berlin", "Boston, MA 02110", "London, UK", "Bengaluru, Karnataka", "Remote".

    None where it names none, so that it may be asked for any text.
    """
    text = text.strip(" ,.-–|()")
    if not 2 < len(text) <= 60 or "@" in text:
        return None
    if text.lower() in ("remote", "home office", "télétravail", "remoto"):
        return Place(city=text, sure=0.7)
    postal = ""
    if found := _ZIP.search(text):
        postal = found[0].strip()
        text = (text[: found.start()] + text[found.end() :]).strip(" ,")
    parts = [
        part.strip(" .") if len(part.strip()) > 4 else part.strip()
        for part in re.split(r",|\s[-–/|]\s|\(|\)", text)
        if part.strip()
    ]
    if not parts or len(parts) > 4 or any(any(one.isdigit() for one in part) for part in parts):
        return None
    place = _one(parts[0]) if len(parts) == 1 else _several(parts)
    if place and postal:
        return Place(place.city, place.region, place.country, postal, min(1.0, place.sure + 0.1))
    return place


def _one(name: str) -> Place | None:
    if country := country_code(name):
        return Place(country=country, sure=0.9)
    if (country := region_country(name)) and len(name) > 2:
        city = name if folded(name) in _cities() else ""
        return Place(city=city, region="" if city else name, country=country, sure=0.8)
    key = folded(name)
    # "City State" without a comma.
    head, _, tail = name.rpartition(" ")
    if head and (country := region_country(tail)) and tail.isupper() and city_country(head):
        return Place(head, tail, country, sure=0.85)
    if key in _cities() and key not in _WORDS and (_CREDIBLE.match(name) or name.islower()):
        return Place(city=name, country=_cities()[key][0], sure=0.75 if name[0].isupper() else 0.5)
    return None


def _several(parts: list[str]) -> Place | None:
    country = country_code(parts[-1])
    region = ""
    rest = parts[:-1]
    if not country:
        country = region_country(parts[-1])
        if country:
            region = parts[-1]
    elif len(rest) > 1 and (region_country(rest[-1]) or len(rest[-1]) <= 3):
        region = rest[-1]
        rest = rest[:-1]
    if not country or not rest:
        # Two names of which the first is a city: "Hyderabad, Secunderabad".
        if len(parts) == 2 and all(folded(part) in _cities() and folded(part) not in _WORDS for part in parts):
            return Place(parts[0], "", city_country(parts[0]), sure=0.6)
        return None
    city = rest[-1]
    known = folded(city) in _cities()
    if len(rest) > 1 or (not _CREDIBLE.match(city) and not known):
        return None
    if not known and (len(city.split()) > 3 or any(word.lower() in _NO_TOWN for word in city.split())):
        return None
    return Place(city, region, country, sure=0.95 if known else 0.7)


_NO_TOWN = frozenset(
    [
        "university",
        "college",
        "school",
        "institute",
        "inc",
        "ltd",
        "llc",
        "gmbh",
        "bank",
        "company",
        "manager",
        "engineer",
        "hospital",
        "group",
        "corp",
        "corporation",
        "department",
        "of",
        "and",
        "developer",
        "analyst",
        "services",
    ]
)
