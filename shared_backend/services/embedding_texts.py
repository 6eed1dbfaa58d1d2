"""The product's own texts, for training embeddings: what profiles say of work, without what names a person.

Names, addresses, contact details, pictures, dates and employers are left out; so is every free text. What stays are
titles, skills and subjects: words of the trade.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from shared_backend.database.engine import Database
from shared_backend.database.tables import EntityHead

_HEADS = EntityHead.__table__  # type: ignore[attr-defined]

# Section of a profile: its fields that are words of the trade.
_FIELDS = {
    "work": ("position",),
    "volunteer": ("position",),
    "education": ("area", "studyType", "courses"),
    "skills": ("name", "keywords"),
    "certificates": ("name",),
    "interests": ("name", "keywords"),
    "languages": ("language",),
    "projects": ("roles", "keywords"),
}


def embedding_texts(database: Database) -> Iterator[str]:
    """One text a profile section's entry, and one for each profile's titles and skills together."""
    wanted = select(_HEADS.c.data).where(_HEADS.c.kind == "user_profile", _HEADS.c.deleted.is_(False))
    with database.snapshot() as connection:
        for data in connection.execute(wanted.order_by(_HEADS.c.entity_id)).scalars():
            yield from profile_texts(data)


def profile_subjects(database: Database) -> Iterator[tuple[str, str]]:
    """(id, text) of each profile that says something of work: what a profile's vector is made from."""
    wanted = select(_HEADS.c.entity_id, _HEADS.c.data)
    wanted = wanted.where(_HEADS.c.kind == "user_profile", _HEADS.c.deleted.is_(False)).order_by(_HEADS.c.entity_id)
    with database.snapshot() as connection:
        found = [(row.entity_id, "; ".join(profile_texts(row.data))) for row in connection.execute(wanted)]
    # Not within the snapshot: what is done with a text takes its time.
    yield from ((subject, text) for subject, text in found if text.strip())


def profile_texts(data: dict[str, Any]) -> Iterator[str]:
    """The texts of one profile."""
    whole = [_words((data.get("basics") or {}).get("label"))]
    for section, fields in _FIELDS.items():
        for entry in data.get(section) or ():
            text = ", ".join(filter(None, (_words(entry.get(name)) for name in fields)))
            if text:
                yield text
                if section in ("work", "skills"):
                    whole.append(text)
    if together := "; ".join(filter(None, whole)):
        yield together


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
