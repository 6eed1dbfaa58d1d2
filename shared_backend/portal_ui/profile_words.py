"""Fields, values and authors of a profile in the words that people use for them."""

from __future__ import annotations

import re
from typing import Any, Final

from shared_backend.lockstep.fields import MISSING
from shared_backend.portal_ui.profile_sections import BASICS, SECTIONS, SectionSpec

_PATH = re.compile(r"^(?P<section>[a-z.]+?)(?:\[(?P<entry>[^\]]*)\])?(?:\.(?P<field>[A-Za-z.]+))?$")
_PORTALS: Final = {
    "admin_portal": "admin portal",
    "user_portal": "user portal",
    "api": "API",
    "worker": "worker",
    "script": "script",
}


def field_words(path: str, *states: dict[str, Any]) -> str:
    """A field's path as people call it: `Headline`, `Work experience: Engineer, ACME: From`. `states` are profiles to
    look an entry's name up in, the first that has it."""
    if path.startswith("basics.") and not path.startswith("basics.profiles"):
        name = path.rpartition(".")[2]
        return BASICS.labels.get(name, name)
    found = _PATH.match(path)
    spec = _list_section(found["section"]) if found else None
    if found is None or spec is None:
        return path
    if found["entry"] is None:
        return spec.title
    if not found["entry"]:
        return f"{spec.title}: order"
    words = f"{spec.title}: {_entry_words(spec, found['entry'], states)}"
    return f"{words}: {spec.labels.get(found['field'], found['field'])}" if found["field"] else words


def changed_words(paths: list[str], *states: dict[str, Any], most: int = 4) -> str:
    """What changed, in one line: the fields of the basics by name, list sections by entry."""
    words: list[str] = []
    for path in paths:
        if path.endswith("[]") and any(other.startswith(f"{path[:-2]}[") and other != path for other in paths):
            continue
        entry = path[: path.index("]") + 1] if "]" in path and not path.endswith("[]") else path
        said = field_words(entry, *states)
        if said not in words:
            words.append(said)
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def value_words(value: Any, path: str = "", *states: dict[str, Any]) -> str:
    """A field's value as text; `(empty)` where there is none. An order is told by the names of its entries, which are
    looked up in `states`."""
    if value is MISSING or value is None or value in ("", []):
        return "(empty)"
    if path.endswith("[]"):
        spec = _list_section(path[:-2])
        names = [_entry_words(spec, entry_id, states) if spec else entry_id for entry_id in value]
        return "\n".join(f"{number}. {name}" for number, name in enumerate(names, 1))
    if isinstance(value, list):
        return "\n".join(f"• {line}" for line in value)
    if isinstance(value, dict):
        return "\n".join(f"{key}: {value_words(item)}" for key, item in value.items() if key != "id")
    return str(value)


def portal_words(source: str) -> str:
    """A source as people call it."""
    return _PORTALS.get(source, "another program")


def author_words(author_id: str, name: str, viewer_id: str) -> str:
    """Who did it: `You`, a name, or the product itself."""
    if author_id == viewer_id:
        return "You"
    if author_id.startswith("system:"):
        return "IntelliCV" if author_id == "system:people" else f"IntelliCV ({author_id.removeprefix('system:')})"
    return name or "Somebody whose account is gone"


def _list_section(path: str) -> SectionSpec | None:
    return next((spec for spec in SECTIONS if spec.is_list and ".".join(spec.path) == path), None)


def _entry_words(spec: SectionSpec, entry_id: str, states: tuple[dict[str, Any], ...]) -> str:
    for state in states:
        for entry in spec.read(state):
            if isinstance(entry, dict) and entry.get("id") == entry_id:
                return spec.entry_title(entry)
    return f"a {spec.noun}"
