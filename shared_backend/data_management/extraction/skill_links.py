"""Skills in a taxonomy, and how long each was used: by the dated positions whose text names it, and by nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Protocol

from shared_backend.data_management.extraction.draft import Draft, Entry, Value
from shared_backend.data_management.extraction.experience import (
    Span,
    counted_until,
    month_text,
    spans_of,
    total_months,
)

_OURS = ("links", "months", "last_used", "used_in")


@dataclass(frozen=True)
class SkillLink:
    """What a skill is in a taxonomy (`esco`, `onet`): its id and label there, and the `surface`, the very words of the
    document that say so. `confidence` is 0 to 1."""

    taxonomy: str
    id: str
    label: str
    surface: str
    confidence: float


class SkillLinker(Protocol):
    """Finds skills in taxonomies. The knowledge base gives one; without it nothing is linked."""

    def links(self, text: str) -> Sequence[SkillLink]:
        """The links of a skill as it is written; empty where it is not known."""

    def named_in(self, text: str) -> set[tuple[str, str]]:
        """(taxonomy, id) of each skill that a text names."""


def link_skills(draft: Draft, linker: SkillLinker | None, as_of: date | None = None) -> None:
    """Writes into each skill's `extra`: `links`, and, where a dated position names it, by its own words or by another
    name of the same skill, `months` of use (overlaps counted once), `last_used` and `used_in`, the positions' paths."""
    until = counted_until(draft, as_of)
    dated = [
        (f"work.{number}", _text(entry), spans)
        for number, entry in enumerate(draft.sections.get("work", []))
        if (spans := spans_of([entry], until))
    ]
    named = [linker.named_in(text) if linker else set() for _, text, _ in dated]
    said = [text.casefold() for _, text, _ in dated]
    for entry in draft.sections.get("skills", []):
        for skill in [*([entry["name"]] if "name" in entry else []), *entry.get("keywords", [])]:
            links = linker.links(skill.text) if linker else ()
            ids = {(link.taxonomy, link.id) for link in links}
            words = skill.text.casefold()
            used = [
                (path, spans)
                for (path, _, spans), text, others in zip(dated, said, named, strict=True)
                if ids & others or _says(text, words)
            ]
            _write(skill, links, used)


def _write(skill: Value, links: Sequence[SkillLink], used: list[tuple[str, list[Span]]]) -> None:
    extra = {key: one for key, one in skill.extra.items() if key not in _OURS}
    if links:
        extra["links"] = [asdict(link) for link in links]
    if used:
        spans = [span for _, some in used for span in some]
        extra["months"] = total_months(spans)
        extra["last_used"] = month_text(max(end for _, end in spans))
        extra["used_in"] = [path for path, _ in used]
    skill.extra = extra


def _text(entry: Entry) -> str:
    """What an entry says of itself, a line each, so that no name goes over two values."""
    found = [entry[key].text for key in ("position", "summary") if isinstance(entry.get(key), Value)]
    return "\n".join(["", *found, *(one.text for one in entry.get("highlights", [])), ""])


def _says(text: str, skill: str) -> bool:
    """Whether a text has these very words, and not as a part of others ("Java" in "JavaScript", "C" in "C++")."""
    at = text.find(skill) if len(skill) > 1 else -1
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(skill) : at + len(skill) + 1]
        if not before.isalnum() and not (after.isalnum() or after in "+#"):
            return True
        at = text.find(skill, at + 1)
    return False
