"""A dataset: one official release, read and checked, as named tables of plain values.

A table is JSON, compressed; it is unpacked when it is asked for, and not before: who asks for pay loads no skills.
"""

from __future__ import annotations

import hashlib
import json
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared_backend.utils.exception_handler import IntelliCVError

ONET, BLS, ESCO, INDUSTRIES, MARKET = "onet", "bls", "esco", "industries", "market"


class DatasetDamaged(IntelliCVError):
    """A dataset is not what its checksum says. Import it again, or switch to another version."""

    code = "dataset_damaged"


@dataclass(frozen=True)
class Source:
    """Where datasets of one kind come from, under which licence, and the words that its licence asks for."""

    name: str
    title: str
    publisher: str
    licence: str
    attribution: str
    address: str


SOURCES: Mapping[str, Source] = {
    ONET: Source(
        ONET,
        "O*NET database",
        "U.S. Department of Labor, Employment and Training Administration",
        "CC BY 4.0",
        "This product includes information from the O*NET Database by the U.S. Department of Labor, Employment and "
        "Training Administration (USDOL/ETA). Used under the CC BY 4.0 license. O*NET® is a trademark of USDOL/ETA. "
        "IntelliCV has modified all or some of this information. USDOL/ETA has not approved, endorsed, or tested "
        "these modifications.",
        "https://www.onetcenter.org/database.html",
    ),
    BLS: Source(
        BLS,
        "BLS employment projections, wages and SOC structure",
        "U.S. Bureau of Labor Statistics",
        "Public domain",
        "U.S. Bureau of Labor Statistics: Employment Projections; Occupational Employment and Wage Statistics; "
        "Standard Occupational Classification 2018. State figures: New York State Department of Labor; Washington "
        "State Employment Security Department.",
        "https://www.bls.gov/",
    ),
    ESCO: Source(
        ESCO,
        "ESCO classification, with its crosswalk to O*NET",
        "European Commission; crosswalk by Nesta",
        "EU reuse decision 2011/833/EU; crosswalk MIT; ICT labels BSD-3-Clause",
        "This service uses the ESCO classification of the European Commission. ESCO to O*NET crosswalk: Nesta, "
        "Mapping Career Causeways (MIT). ICT skill labels: Par-Tec Spa (BSD-3-Clause).",
        "https://esco.ec.europa.eu/",
    ),
    INDUSTRIES: Source(
        INDUSTRIES,
        "LinkedIn industry codes v2, NAICS 2022 and ISIC Rev. 4",
        "LinkedIn (Microsoft); U.S. Census Bureau; United Nations",
        "MIT (LinkedIn and ISIC listings); public domain (NAICS)",
        "LinkedIn industry codes v2, as documented by Microsoft; North American Industry Classification System 2022, "
        "U.S. Census Bureau; International Standard Industrial Classification Rev. 4, United Nations.",
        "https://www.census.gov/naics/",
    ),
    MARKET: Source(
        MARKET,
        "Job postings, posted wages, remote and AI shares",
        "Indeed Hiring Lab",
        "CC BY 4.0",
        "Job postings, posted wage growth, remote and AI shares: Indeed Hiring Lab, CC BY 4.0. IntelliCV has reduced "
        "daily figures to weekly and monthly ones.",
        "https://www.hiringlab.org/",
    ),
}


@dataclass(frozen=True)
class ReleaseFile:
    """One file that a dataset was read from. `bytes` is its size, `rows` the data rows read from it."""

    name: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class Manifest:
    """What a dataset is: `vintage` in words, `sha256` over the contents of its tables, `counts` of what they hold."""

    source: str
    vintage: str
    sha256: str
    counts: Mapping[str, int]
    files: tuple[ReleaseFile, ...]

    @property
    def version(self) -> str:
        """The id of this version: equal contents have equal ids, wherever and whenever they were imported."""
        return f"{self.source}-{self.sha256[:12]}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Manifest:
        """The inverse of `as_dict`."""
        files = tuple(ReleaseFile(**file) for file in given["files"])
        return cls(given["source"], given["vintage"], given["sha256"], dict(given["counts"]), files)


class Dataset:
    """A manifest and its tables. Tables come from `read`, packed, and are kept unpacked once they were asked for."""

    def __init__(self, manifest: Manifest, read: Callable[[str], bytes], names: tuple[str, ...]) -> None:
        self.manifest = manifest
        self.names = names
        self._read = read
        self._tables: dict[str, Any] = {}
        self._lock = threading.Lock()

    def table(self, name: str) -> Any:
        """A table's values: not to be changed by the caller. Raises DatasetDamaged for what can't be unpacked."""
        with self._lock:
            if name not in self._tables:
                self._tables[name] = unpack(self._read(name))
            return self._tables[name]

    def optional(self, name: str) -> Any:
        """The same, or an empty dictionary where the release had no such table."""
        return self.table(name) if name in self.names else {}

    def packed(self, name: str) -> bytes:
        """A table as it is stored."""
        return self._read(name)

    def facts(self) -> dict[str, str]:
        """Source and vintage, as every answer carries them."""
        return provenance(self.manifest)

    def verify(self) -> None:
        """Raises DatasetDamaged unless the tables are what the manifest's checksum says."""
        texts = {name: _text(self._read(name)) for name in self.names}
        if digest(texts) != self.manifest.sha256:
            raise DatasetDamaged()


def provenance(manifest: Manifest) -> dict[str, str]:
    """Where figures come from: source, title, vintage, version, licence and attribution."""
    source = SOURCES[manifest.source]
    return {
        "source": manifest.source,
        "title": source.title,
        "publisher": source.publisher,
        "vintage": manifest.vintage,
        "version": manifest.version,
        "licence": source.licence,
        "attribution": source.attribution,
        "address": source.address,
    }


def make_dataset(
    source: str, vintage: str, tables: Mapping[str, Any], counts: Mapping[str, int], files: tuple[ReleaseFile, ...]
) -> Dataset:
    """A dataset of plain values."""
    # Who only reads datasets, such as a worker process that parses documents, loads no SQLAlchemy.
    from shared_backend.database.types import to_json

    texts = {name: to_json(tables[name]).encode() for name in sorted(tables)}
    packed = {name: zlib.compress(text, 9) for name, text in texts.items()}
    manifest = Manifest(source, vintage, digest(texts), dict(sorted(counts.items())), files)
    return Dataset(manifest, packed.__getitem__, tuple(packed))


def digest(texts: Mapping[str, bytes]) -> str:
    """SHA-256 over the contents of tables, by name; not over the compressed bytes, which differ between libraries."""
    whole = hashlib.sha256()
    for name in sorted(texts):
        whole.update(f"{name}:{hashlib.sha256(texts[name]).hexdigest()}\n".encode())
    return whole.hexdigest()


def unpack(body: bytes) -> Any:
    """The values of a packed table."""
    try:
        return json.loads(_text(body))
    except ValueError as error:
        raise DatasetDamaged() from error


def _text(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error as error:
        raise DatasetDamaged() from error
