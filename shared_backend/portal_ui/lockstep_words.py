"""The bridge's terms as people say them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PORTALS = {
    "admin_portal": "Admin portal",
    "user_portal": "User portal",
    "gateway": "Gateway",
    "worker": "Worker",
    "script": "Script",
    "api": "API",
    "system": "System",
}
_ENTRY = re.compile(r"\[[^\[\]]*\]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SECTIONS = {"basics.label": "headline", "basics.url": "website", "basics": "basics"}


def portal_title(name: str) -> str:
    """`Admin portal` for `admin_portal`; what we don't know as it is."""
    return _PORTALS.get(name, name)


def field_title(path: str) -> str:
    """A field's path in words: `basics.summary` is `summary`, `work[a1].startDate` is `work: start date`, `work[]` the
    order of the entries."""
    if path in _SECTIONS:
        return _SECTIONS[path]
    if path.endswith("[]"):
        return f"list of {_spaced(path[:-2])}"
    steps = [_spaced(step) for step in _ENTRY.sub("", path).split(".")]
    if steps[0] == "basics" and len(steps) > 1:
        steps = steps[1:]
    return ": ".join(steps)


def field_list(paths: Iterable[str], *, longest: int = 3) -> str:
    """The first few fields in words, and how many more."""
    titles = list(dict.fromkeys(field_title(path) for path in paths))
    more = len(titles) - longest
    return ", ".join(titles[:longest]) + (f" and {more} more" if more > 0 else "")


def health_word(score: int) -> str:
    """The health number as one word."""
    return "Healthy" if score >= 90 else "Impaired" if score >= 60 else "Broken"


def health_icon(score: int) -> str:
    """The icon beside the word."""
    return ":material/check_circle:" if score >= 90 else ":material/warning:" if score >= 60 else ":material/error:"


def size_words(count: int) -> str:
    """Bytes as people read them."""
    if count < 1024:
        return f"{count:,} byte{'' if count == 1 else 's'}"
    for unit, factor in (("KiB", 2**10), ("MiB", 2**20)):
        if count < factor * 1024:
            return f"{count / factor:,.1f} {unit}"
    return f"{count / 2**30:,.1f} GiB"


def _spaced(name: str) -> str:
    return _CAMEL.sub(" ", name).replace("_", " ").lower()
