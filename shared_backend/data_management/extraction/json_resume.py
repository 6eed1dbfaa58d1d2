"""JSON Resume into a draft: its fields as they are, each with its place in the file."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from shared_backend.data_management.documents.document import Document, Piece
from shared_backend.data_management.extraction import experience
from shared_backend.data_management.extraction.dates import find_ranges
from shared_backend.data_management.extraction.draft import SECTIONS, Draft, Value, clean, value
from shared_backend.data_management.extraction.language_of import language_of
from shared_backend.data_management.extraction.skill_links import link_skills

_BASICS = frozenset(["name", "label", "image", "email", "phone", "url", "summary", "location", "profiles"])
_FIELDS: dict[str, frozenset[str]] = {
    "work": frozenset(
        ["name", "location", "description", "position", "url", "startDate", "endDate", "summary", "highlights"]
    ),
    "volunteer": frozenset(["organization", "position", "url", "startDate", "endDate", "summary", "highlights"]),
    "education": frozenset(["institution", "url", "area", "studyType", "startDate", "endDate", "score", "courses"]),
    "awards": frozenset(["title", "date", "awarder", "summary"]),
    "certificates": frozenset(["name", "date", "url", "issuer"]),
    "publications": frozenset(["name", "publisher", "releaseDate", "url", "summary"]),
    "skills": frozenset(["name", "level", "keywords"]),
    "languages": frozenset(["language", "fluency"]),
    "interests": frozenset(["name", "keywords"]),
    "references": frozenset(["name", "reference"]),
    "projects": frozenset(
        ["name", "description", "highlights", "keywords", "startDate", "endDate", "url", "roles", "entity", "type"]
    ),
}
# Names of older editions of the schema.
_OLDER = {"company": "name", "website": "url", "gpa": "score"}
_DATES = frozenset(("startDate", "endDate", "date", "releaseDate"))


class _Finder:
    """Finds strings of a JSON text in the order in which they stand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def piece(self, found: str) -> Piece | None:
        for quoted in (json.dumps(found, ensure_ascii=False), json.dumps(found)):
            for begin in (self._at, 0):
                at = self._text.find(quoted, begin)
                if at >= 0:
                    self._at = at + len(quoted)
                    return Piece(1, at + 1, self._text[at + 1 : at + len(quoted) - 1])
        return None


def is_json_resume(document: Document) -> bool:
    """Whether it is JSON with a section of JSON Resume."""
    if document.format != "json":
        return False
    try:
        data = json.loads(document.text)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and any(isinstance(data.get(key), dict | list) for key in ("basics", *SECTIONS))


def read_json_resume(document: Document, *, as_of: date | None = None) -> Draft:
    """The draft. What does not fit the schema is left out and noted. `as_of` ends what goes on, where it is counted."""
    data = json.loads(document.text)
    finder = _Finder(document.text)
    draft = Draft(notes=list(document.notes), order="text")
    left: set[str] = set()
    for key, content in data.items():
        if key == "basics" and isinstance(content, dict):
            draft.basics = _object(content, finder, _BASICS, left)
        elif key in _FIELDS and isinstance(content, list):
            entries = []
            for one in content[:200]:
                one = {"name" if key != "languages" else "language": one} if isinstance(one, str) else one
                if isinstance(one, dict) and (entry := _object(one, finder, _FIELDS[key], left)):
                    entries.append(entry)
            if entries:
                draft.sections[key] = entries
        elif key not in ("meta", "$schema"):
            left.add(key)
    if left:
        draft.notes.append(f"Not taken over: {', '.join(sorted(left)[:12])}.")
    draft.language = language_of(" ".join(one.text for _, one in draft.values()))
    draft.cv_score = 1.0 if draft.basics or draft.sections else 0.0
    draft.experience = experience.summary(draft, as_of)
    link_skills(draft, None, as_of)
    return draft


def _object(data: dict[str, Any], finder: _Finder, fields: frozenset[str] | None, left: set[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for name, content in data.items():
        key = name if fields is None or name in fields else _OLDER.get(name, name)
        if fields is not None and key not in fields:
            if content:
                left.add(name)
            continue
        if isinstance(content, dict):
            made: Any = _object(
                content, finder, frozenset(("address", "postalCode", "city", "countryCode", "region")), left
            )
        elif isinstance(content, list):
            made = [
                one
                for item in content[:200]
                if (
                    one := _object(item, finder, frozenset(("network", "username", "url")), left)
                    if isinstance(item, dict)
                    else _value(key, item, finder)
                )
            ]
        else:
            made = _value(key, content, finder)
        if made and key not in entry:
            entry[key] = made
    return entry


def _value(key: str, content: Any, finder: _Finder) -> Value | None:
    if not isinstance(content, str) or not content.strip():
        return None
    piece = finder.piece(content)
    if piece is None:
        return None
    if key in _DATES:
        dates = find_ranges(Piece(piece.page, piece.start, piece.text))
        if not dates or dates[0].start is None:
            return None
        return value(piece, 1.0, "json_resume", text=dates[0].start.text, precision=dates[0].start.precision)
    return value(piece, 1.0, "json_resume", text=clean(content))
