"""What a document proposes for a profile: each value with its place, how sure it is, and what stands there already.

Pure: a draft (JSON, as the parser gave it), what the person has edited so far, and the profile as it is now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from shared_backend.data_management import profile_fields
from shared_backend.data_management.profile_match import alike, base_of, matches
from shared_backend.data_management.reading import Place
from shared_backend.database.types import to_json

# Below this a value is shown first: it is more likely than not to want a look.
DOUBTFUL: Final = 0.7
_ODD: Final = frozenset({"invalid_phone", "columns_disagreed"})

Take = Literal["cv", "profile"]
Status = Literal["new", "same", "differs"]


@dataclass(frozen=True)
class ProposedField:
    """One field. `path` is its place in the draft; `read` what the parser found, `value` what is right by now; `there`
    what the profile has. `take`: which of the two is kept where both have something."""

    path: str
    section: str
    name: str
    read: Any
    value: Any
    there: Any
    take: Take
    confidence: float
    places: tuple[Place, ...]
    rules: tuple[str, ...]
    flags: tuple[str, ...]
    edited: bool
    checked: bool
    problem: str
    # What the parser knows beside the value: of a skill its links, its months of use and its last use.
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """Against the profile."""
        if self.there in (None, "", []):
            return "new"
        return "same" if alike(self.there, self.value) else "differs"

    @property
    def doubtful(self) -> bool:
        """Whether the person should look at it first."""
        return (
            not self.edited and self.read is not None and (self.confidence < DOUBTFUL or bool(_ODD & set(self.flags)))
        )

    @property
    def taken(self) -> bool:
        """Whether the profile gets the document's value."""
        return self.value not in (None, "", []) and (self.status != "differs" or self.take == "cv")


@dataclass(frozen=True)
class ProposedEntry:
    """One entry of a section, or `basics`. `match` is the id of the profile's entry that it belongs to, if any."""

    path: str
    section: str
    index: int
    fields: tuple[ProposedField, ...]
    match: str | None = None
    left_out: bool = False

    @property
    def status(self) -> Status:
        """`same` where the profile has all of it already."""
        if self.section != "basics" and self.match is None:
            return "new"
        found = {each.status for each in self.fields if each.value not in (None, "", [])}
        return "differs" if "differs" in found else "new" if "new" in found else "same"

    def value(self, name: str) -> Any:
        """The value of a field; None where there is none."""
        return next((each.value for each in self.fields if each.name == name), None)


@dataclass(frozen=True)
class Proposal:
    """Everything that a document proposes. `notes` are the parser's words about the document as a whole."""

    basics: ProposedEntry
    sections: dict[str, tuple[ProposedEntry, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    language: str = ""

    def entries(self) -> Iterator[ProposedEntry]:
        """`basics`, then all entries in their order."""
        yield self.basics
        for entries in self.sections.values():
            yield from entries

    def fields(self) -> Iterator[ProposedField]:
        """All fields of all entries that are not left out."""
        for entry in self.entries():
            if not entry.left_out:
                yield from entry.fields

    def find(self, path: str) -> ProposedField | None:
        """The field at a path of the draft."""
        return next((each for entry in self.entries() for each in entry.fields if each.path == path), None)

    def problems(self) -> list[ProposedField]:
        """Fields whose value can't be stored as it is."""
        return [each for each in self.fields() if each.taken and each.problem]


def propose(draft: dict[str, Any], edits: dict[str, Any], profile: dict[str, Any]) -> Proposal:
    """The proposal. `edits`: `values` (path → text), `take` (path → cv or profile), `left_out` (paths of entries),
    `checked` (paths that a person found right), `became` (what the entries became when they were confirmed before)."""
    basics = dict(draft.get("basics") or {})
    online = basics.pop("profiles", None)
    location = basics.pop("location", None) or {}
    flat = {**basics, **{f"location.{name}": value for name, value in location.items()}}
    there = profile.get("basics") or {}
    there = {**there, **{f"location.{name}": value for name, value in (there.get("location") or {}).items()}}
    found = {"basics": ProposedEntry("basics", "basics", 0, _fields("basics", "basics", flat, there, edits))}
    lists = {**(draft.get("sections") or {}), "profiles": online or []}
    sections: dict[str, tuple[ProposedEntry, ...]] = {}
    for section in profile_fields.LIST_SECTIONS:
        entries = [each for each in lists.get(section) or [] if isinstance(each, dict)]
        if entries:
            sections[section] = _entries(section, entries, entries_of(profile, section), edits)
    return Proposal(found["basics"], sections, tuple(draft.get("notes") or ()), str(draft.get("language") or ""))


def entries_of(profile: dict[str, Any], section: str) -> list[dict[str, Any]]:
    """The entries that a profile has in a section."""
    holder = profile.get("basics") or {} if section == "profiles" else profile
    return list(holder.get(section) or [])


def value_hash(value: Any) -> str:
    """Tells whether a value has been changed since, without keeping it a second time."""
    return hashlib.sha256(to_json(value).encode()).hexdigest()


def _entries(
    section: str, entries: list[dict[str, Any]], there: list[dict[str, Any]], edits: dict[str, Any]
) -> tuple[ProposedEntry, ...]:
    paths = [f"{base_of(section)}.{index}" for index in range(len(entries))]
    alone = [_fields(section, path, entry, {}, edits) for path, entry in zip(paths, entries, strict=True)]
    values = [{each.name: each.value for each in fields} for fields in alone]
    places = [frozenset(place for each in fields for place in each.places) for fields in alone]
    found = matches(section, values, places, there, edits.get("became") or {})
    proposed = []
    for index, (path, match) in enumerate(zip(paths, found, strict=True)):
        fields = _fields(section, path, entries[index], match, edits) if match else alone[index]
        left_out = path in (edits.get("left_out") or [])
        proposed.append(ProposedEntry(path, section, index, fields, match["id"] if match else None, left_out))
    return tuple(proposed)


def _fields(
    section: str, base: str, entry: dict[str, Any], there: dict[str, Any], edits: dict[str, Any]
) -> tuple[ProposedField, ...]:
    values, takes = edits.get("values") or {}, edits.get("take") or {}
    found = []
    for name in profile_fields.names(section):
        path = f"{base}.{name}"
        node = entry.get(name)
        # What goes on has no end to be added.
        offered = name in profile_fields.OFFERED.get(section, ()) and not (name == "endDate" and entry.get("present"))
        if node is None and path not in values and not offered:
            continue
        evidence = _evidence(node)
        several = profile_fields.is_list(section, name)
        texts = [each.get("value") for each in evidence if each.get("value") not in (None, "")]
        read: Any = (texts or None) if several else (texts[0] if texts else None)
        value = values.get(path, read)
        edited = path in values and not alike(value, read)
        # Who corrects what was misread means the profile too, as long as that has it from here.
        usual: Take = "cv" if edited and alike(there.get(name), read) else "profile"
        found.append(
            ProposedField(
                path,
                section,
                name,
                read,
                value,
                there.get(name),
                takes.get(path, usual),
                min((float(each.get("confidence", 0.0)) for each in evidence), default=1.0),
                tuple((int(p), int(s), int(e)) for each in evidence for p, s, e in each.get("spans") or ()),
                tuple(dict.fromkeys(str(each.get("rule", "")) for each in evidence)),
                tuple(dict.fromkeys(str(flag) for each in evidence for flag in each.get("flags") or ())),
                edited,
                path in (edits.get("checked") or ()),
                profile_fields.problem(section, name, value) if value not in (None, "", []) else "",
                dict(evidence[0].get("extra") or {}) if len(evidence) == 1 else {},
            )
        )
    return tuple(found)


def _evidence(node: Any) -> list[dict[str, Any]]:
    """The values at a place of the draft: one, or those of a list."""
    if isinstance(node, list):
        return [each for each in node if isinstance(each, dict) and "spans" in each]
    return [node] if isinstance(node, dict) and "spans" in node else []
