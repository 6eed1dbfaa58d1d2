"""What differs between two versions of a dataset, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared_backend.data_management.dataset import Dataset
from shared_backend.utils.exception_handler import InvalidInput

_SAMPLE = 20
_EXAMPLES: Final = 5
_LONGEST: Final = 160
_FEW: Final = 8


@dataclass(frozen=True)
class Example:
    """One entry that differs, its values in words; empty where the entry was not there."""

    key: str
    before: str
    after: str


@dataclass(frozen=True)
class TableDifference:
    """One table: how many entries are new, gone or changed, the first keys of each, and a few of each with their
    values."""

    table: str
    added: int
    removed: int
    changed: int
    sample: Mapping[str, tuple[str, ...]]
    examples: Mapping[str, tuple[Example, ...]]


@dataclass(frozen=True)
class Comparison:
    """Two versions: the counts of both by name, and the tables that differ."""

    before: str
    after: str
    counts: Mapping[str, tuple[int, int]]
    tables: tuple[TableDifference, ...]


def compare_datasets(before: Dataset, after: Dataset) -> Comparison:
    """Raises InvalidInput for datasets of different sources."""
    if before.manifest.source != after.manifest.source:
        raise InvalidInput(
            f"{before.manifest.version} and {after.manifest.version} are of different sources: nothing to compare."
        )
    first, second = before.manifest.counts, after.manifest.counts
    counts = {name: (first.get(name, 0), second.get(name, 0)) for name in sorted({*first, *second})}
    names = sorted({*before.names, *after.names})
    tables = [_difference(name, _entries(before.optional(name)), _entries(after.optional(name))) for name in names]
    differ = tuple(each for each in tables if each.added or each.removed or each.changed)
    return Comparison(before.manifest.version, after.manifest.version, counts, differ)


def _difference(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> TableDifference:
    added = sorted(after.keys() - before.keys())
    removed = sorted(before.keys() - after.keys())
    changed = sorted(key for key in before.keys() & after.keys() if before[key] != after[key])
    groups = {"added": added, "removed": removed, "changed": changed}
    sample = {group: tuple(keys[:_SAMPLE]) for group, keys in groups.items() if keys}
    examples = {
        group: tuple(_example(key, before, after) for key in keys[:_EXAMPLES]) for group, keys in groups.items() if keys
    }
    return TableDifference(name, len(added), len(removed), len(changed), sample, examples)


def _example(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Example:
    """Of long lists only what is in one of them and not in the other."""
    first, second = before.get(key), after.get(key)
    if isinstance(first, list) and isinstance(second, list) and max(len(first), len(second)) > _FEW:
        first, second = [each for each in first if each not in second], [each for each in second if each not in first]
    return Example(key, _words(first) if key in before else "", _words(second) if key in after else "")


def _words(value: Any) -> str:
    if isinstance(value, list):
        text = ", ".join(_words(each) for each in value)
    elif isinstance(value, dict):
        text = ", ".join(f"{name}: {_words(each)}" for name, each in value.items())
    else:
        text = "–" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _entries(table: Any, above: str = "") -> dict[str, Any]:
    """A table as one level of keys: groups of entries, such as importance and level, are opened."""
    if isinstance(table, list):
        return {f"{above}{place}": value for place, value in enumerate(table)}
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict) and len(table) < 12:
            found |= _entries(value, f"{above}{key}/")
        else:
            found[f"{above}{key}"] = value
    return found
