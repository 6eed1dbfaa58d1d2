"""A confirmed proposal into a profile: the merge patch, and where each of its values came from. Nothing is lost."""

from __future__ import annotations

import copy
import secrets
from dataclasses import dataclass, field
from typing import Any

from shared_backend.data_management.profile_match import base_of
from shared_backend.data_management.profile_proposal import (
    Proposal,
    ProposedEntry,
    ProposedField,
    entries_of,
    value_hash,
)


@dataclass
class MergedProfile:
    """`patch` is a merge patch (RFC 7386) for the profile; `sources` is where its values came from, by path. `became`
    is which entry of the profile each of the document's is: what the next confirmation of it goes by."""

    patch: dict[str, Any] = field(default_factory=dict)
    sources: list[dict[str, Any]] = field(default_factory=list)
    became: dict[str, dict[str, Any]] = field(default_factory=dict)


def merged(proposal: Proposal, profile: dict[str, Any]) -> MergedProfile:
    """What confirming writes. Entries that the profile has keep their ids, their order and all that the document says
    nothing of; new ones come after them."""
    result = MergedProfile()
    basics: dict[str, Any] = {}
    for each in proposal.basics.fields:
        if each.taken:
            if each.status != "same":
                _put(basics, each.name, each.value)
            result.sources.append(_source(f"basics.{each.name}", each))
    for section, entries in proposal.sections.items():
        there = copy.deepcopy(entries_of(profile, section))
        changed = False
        for entry in entries:
            if not entry.left_out:
                changed = _merge_entry(entry, there, result) or changed
        if changed and section == "profiles":
            basics["profiles"] = there
        elif changed:
            result.patch[section] = there
    if basics:
        result.patch["basics"] = basics
    return result


def _merge_entry(entry: ProposedEntry, there: list[dict[str, Any]], result: MergedProfile) -> bool:
    target = next((each for each in there if each["id"] == entry.match), None)
    taken = [each for each in entry.fields if each.taken]
    if target is None and not taken:
        return False
    new = target is None
    if target is None:
        target = {"id": secrets.token_hex(4)}
        there.append(target)
    base = base_of(entry.section)
    places = sorted({place for each in entry.fields for place in each.places})
    result.became[entry.path] = {
        "section": entry.section,
        "id": target["id"],
        "places": [list(each) for each in places],
    }
    changed = new
    for each in taken:
        if each.status != "same":
            target[each.name] = each.value
            changed = True
        result.sources.append(_source(f"{base}[{target['id']}].{each.name}", each, value=target[each.name]))
    return changed


def _put(basics: dict[str, Any], name: str, value: Any) -> None:
    holder, dot, inside = name.partition(".")
    if dot:
        basics.setdefault(holder, {})[inside] = value
    else:
        basics[name] = value


def _source(path: str, each: ProposedField, *, value: Any = None) -> dict[str, Any]:
    # Of equal values the profile's own spelling stands, and is what must not have changed since.
    stands = value if value is not None else each.there if each.status == "same" else each.value
    return {
        "path": path,
        "value_hash": value_hash(stands),
        "spans": [list(place) for place in each.places],
        "corrected": each.edited,
    }
