"""A draft: the sections of JSON Resume, and for each value where it stands, how sure it is and which rule found it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shared_backend.data_management.documents.document import Piece

PARSER_VERSION = "1.0.0"

SECTIONS = (
    "work", "volunteer", "education", "awards", "certificates", "publications", "skills", "languages", "interests",
    "references", "projects",
)  # fmt: skip

_SPACE = re.compile(r"\s+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ue000-\uf8ff\ud800-\udfff\ufffd\ufffe]")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a page's text: page from 1, characters from 0, the end not included."""

    page: int
    start: int
    end: int


@dataclass(slots=True)
class Value:
    """One value. `text` is what a profile gets, `source` what the document says there.

    `confidence` is 0 to 1. `precision` is set for dates: year, month, day or present. `flags` say what is odd
    (`invalid_phone`, `from_link`, `columns_disagreed`, …).
    """

    text: str
    source: str
    spans: tuple[Span, ...]
    confidence: float
    rule: str
    precision: str = ""
    flags: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; what is empty is left out."""
        result: dict[str, Any] = {
            "value": self.text,
            "source": self.source,
            "spans": [[span.page, span.start, span.end] for span in self.spans],
            "confidence": round(self.confidence, 3),
            "rule": self.rule,
        }
        for key in ("precision", "flags", "extra"):
            if getattr(self, key):
                result[key] = list(self.flags) if key == "flags" else getattr(self, key)
        return result

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Value:
        """What `to_dict` gave."""
        return cls(
            data["value"], data["source"], tuple(Span(*span) for span in data["spans"]), data["confidence"],
            data["rule"], data.get("precision", ""), tuple(data.get("flags", ())), data.get("extra", {}),
        )  # fmt: skip


Field = Value | list[Value]
Entry = dict[str, Any]


@dataclass(slots=True)
class Draft:
    """`basics` and the lists of entries map JSON Resume's field names to values.

    An entry may also hold `present` (it goes on) beside `startDate`. `experience` is computed (see experience.py).
    """

    basics: Entry = field(default_factory=dict)
    sections: dict[str, list[Entry]] = field(default_factory=dict)
    language: str = "und"
    experience: dict[str, Any] = field(default_factory=dict)
    order: str = "text"
    cv_score: float = 0.0
    notes: list[str] = field(default_factory=list)
    parser_version: str = PARSER_VERSION

    def values(self) -> Iterator[tuple[str, Value]]:
        """(path, value) of each value, paths such as `work.0.startDate` or `skills.2.keywords.1`."""
        yield from _walk("basics", self.basics)
        for section, entries in self.sections.items():
            for index, entry in enumerate(entries):
                yield from _walk(f"{section}.{index}", entry)

    def profile(self) -> dict[str, Any]:
        """The plain JSON Resume sections, fit for the kind `user_profile`: no confidence, no places."""
        result: dict[str, Any] = {}
        if self.basics:
            result["basics"] = _plain(self.basics)
        for section, entries in self.sections.items():
            if plain := [one for entry in entries if (one := _plain(entry))]:
                result[section] = plain
        return result

    def to_dict(self) -> dict[str, Any]:
        """As JSON, with all evidence."""
        return {
            "parser_version": self.parser_version,
            "language": self.language,
            "reading_order": self.order,
            "cv_score": round(self.cv_score, 3),
            "notes": self.notes,
            "experience": self.experience,
            "basics": _json(self.basics),
            "sections": {section: [_json(entry) for entry in entries] for section, entries in self.sections.items()},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Draft:
        """What `to_dict` gave."""
        return cls(
            _unjson(data["basics"]), {key: [_unjson(one) for one in some] for key, some in data["sections"].items()},
            data["language"], data["experience"], data["reading_order"], data["cv_score"], data["notes"],
            data["parser_version"],
        )  # fmt: skip


def value(
    pieces: Piece | list[Piece],
    confidence: float,
    rule: str,
    *,
    text: str | None = None,
    wrapped: bool = False,
    **more: Any,
) -> Value:
    """A value of one piece, or of the lines of a paragraph. `text` where it is normalised further than white space;
    `wrapped` for a title that goes on below, with a note at the side in between."""
    given = [piece for piece in ([pieces] if isinstance(pieces, Piece) else pieces) if piece.text]
    many = given if wrapped else _run(given)
    source = joined(many)
    if wrapped:
        spans = tuple(Span(piece.page, piece.start, piece.end) for piece in many)
    else:
        spans = (Span(many[0].page, many[0].start, many[-1].end),) if many else ()
    return Value(clean(source) if text is None else text, source, spans, confidence, rule, **more)


def _run(pieces: list[Piece]) -> list[Piece]:
    """Of lines that do not follow each other in the page's text the longest run that does: nothing is stitched."""
    runs: list[list[Piece]] = []
    for piece in pieces:
        last = runs[-1][-1] if runs else None
        # Between two lines stand a line break and perhaps a bullet.
        if last and last.page == piece.page and 0 <= piece.start - last.end <= 4:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return max(runs, key=lambda run: sum(len(piece.text) for piece in run), default=[])


def joined(pieces: list[Piece]) -> str:
    """The lines of a paragraph as one: a word that was broken at a line's end is whole again."""
    text = ""
    for piece in pieces:
        if text.endswith("\u00ad"):
            text = text[:-1] + ("-" if _COMPOUND.search(text[:-1]) else "") + piece.text
        elif text.endswith("-") and piece.text[:1].islower() and not text.endswith(" -"):
            text += piece.text
        else:
            text += (" " if text else "") + piece.text
    return text


# Of a word that ends its line with a hyphen, PDF does not say whether the hyphen is the word's own. After these, and
# inside of addresses, it is.
_COMPOUND = re.compile(
    r"(?:\b(?:cross|self|well|high|low|full|part|real|long|short|end|end-to|state-of|decision|data|user|client|"
    r"results?|"
    r"detail|team|multi|non|co|pre|post|problem|time|cost|world|hands|award|on|in|off|up|e|face-to|day-to|client)|"
    r"[/.\w]+[./][^ ]*|\d)$",
    re.I,
)  # fmt: skip


def clean(text: str) -> str:
    """White space is one space, symbols of private fonts are nothing."""
    return _SPACE.sub(" ", _UNPRINTABLE.sub(" ", text).replace("\u00ad", "")).strip()


def _walk(path: str, node: Any) -> Iterator[tuple[str, Value]]:
    if isinstance(node, Value):
        yield path, node
    elif isinstance(node, dict):
        for key, one in node.items():
            yield from _walk(f"{path}.{key}", one)
    elif isinstance(node, list):
        for index, one in enumerate(node):
            yield from _walk(f"{path}.{index}", one)


# What an entry holds beyond JSON Resume.
_BEYOND = ("present", "areas")


def _plain(node: Any) -> Any:
    if isinstance(node, Value):
        return node.text
    if isinstance(node, list):
        return [plain for one in node if (plain := _plain(one))]
    return {key: plain for key, one in node.items() if key not in _BEYOND and (plain := _plain(one))}


def _json(node: Any) -> Any:
    if isinstance(node, Value):
        return node.to_dict()
    if isinstance(node, list):
        return [_json(one) for one in node]
    return {key: _json(one) for key, one in node.items()}


def _unjson(node: Any) -> Any:
    if isinstance(node, list):
        return [_unjson(one) for one in node]
    if "rule" in node and "spans" in node:
        return Value.from_dict(node)
    return {key: _unjson(one) for key, one in node.items()}
