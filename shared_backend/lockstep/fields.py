"""An entity's data as fields: what edits are compared, merged and told by.

A field is named by its path: `basics.name`, `work[a1b2].position`. Lists whose entries are objects with an `id` are
taken entry by entry, so that two people can edit two jobs at once; their order is a field of its own, `work[]`. All
other lists are one field each. Empty objects and empty keyed lists are the same as none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from shared_backend.database.types import to_json

Fields = dict[str, Any]

_STEP: Final = re.compile(r"([^.\[\]]+)(?:\[([^\[\]]*)\])?")


def part_of(path: str) -> str:
    """The part of the data that a field belongs to: the keyed list it is in, or else the first step of its path.
    `basics.location.city` is of `basics`, `basics.profiles[a1].url` of `basics.profiles`, `work[]` of `work`."""
    keyed, bracket, _rest = path.partition("[")
    return keyed if bracket else path.partition(".")[0]


class _Missing:
    """The value of a field that is not there; JSON's null is never kept."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True)
class FieldChange:
    """One field before and after; MISSING where it was absent."""

    path: str
    before: Any
    after: Any


def flatten(data: dict[str, Any]) -> Fields:
    """The fields of a JSON object, by path."""
    return dict(_walk(data, ""))


def unflatten(fields: Fields) -> dict[str, Any]:
    """The JSON object that has these fields; the inverse of `flatten`."""
    root: dict[str, Any] = {}
    orders: dict[str, list[str]] = {}
    for path in sorted(fields):
        if path.endswith("[]"):
            orders[path[:-2]] = fields[path]
        else:
            _place(root, path, fields[path])
    return _settle(root, orders, "")


def diff(before: Fields, after: Fields) -> list[FieldChange]:
    """The fields that differ, sorted by path."""
    return [
        FieldChange(path, before.get(path, MISSING), after.get(path, MISSING))
        for path in sorted(before.keys() | after.keys())
        if differ(before.get(path, MISSING), after.get(path, MISSING))
    ]


def differ(a: Any, b: Any) -> bool:
    """Whether two values are different JSON: Python takes `true`, `1` and `1.0` for equal."""
    if a != b or type(a) is not type(b):
        return True
    return isinstance(a, list | dict) and to_json(a) != to_json(b)


def entry_path(list_path: str, entry_id: str) -> str:
    """The path of one entry of a keyed list, `work[a1b2]`, given that of the list's order, `work[]`."""
    return f"{list_path[:-2]}[{entry_id}]"


def under(fields: Fields, entry: str) -> Fields:
    """The fields of one entry, by their full paths."""
    return {path: value for path, value in fields.items() if path.startswith(f"{entry}.")}


def entry_value(fields: Fields, entry: str) -> Any:
    """One entry as an object, or MISSING where it has no fields."""
    inside = under(fields, entry)
    if not inside:
        return MISSING
    entry_id = entry[entry.rindex("[") + 1 : -1]
    return {"id": entry_id, **unflatten({path[len(entry) + 1 :]: value for path, value in inside.items()})}


def value_at(fields: Fields, path: str) -> Any:
    """The value of a field, or of the entry that the path names as a whole; MISSING where there is none."""
    if path.endswith("]") and not path.endswith("[]"):
        return entry_value(fields, path)
    return fields.get(path, MISSING)


def with_value(fields: Fields, path: str, value: Any) -> Fields:
    """The fields with one of them set, or removed where `value` is MISSING. The path may name an entry as a whole."""
    result = dict(fields)
    if not path.endswith("]") or path.endswith("[]"):
        _set(result, path, value)
        return result
    for inside in under(fields, path):
        del result[inside]
    order_path, entry_id = f"{path[: path.rindex('[')]}[]", path[path.rindex("[") + 1 : -1]
    order = [known for known in fields.get(order_path, []) if known != entry_id or value is not MISSING]
    if value is not MISSING:
        result.update(_walk({key: item for key, item in value.items() if key != "id"}, path))
        order += [] if entry_id in order else [entry_id]
    _set(result, order_path, order or MISSING)
    return result


def merge_patch(target: Any, patch: Any) -> Any:
    """Applies a JSON merge patch (RFC 7386): objects merge, null removes, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def merge_order(base: list[str], theirs: list[str], mine: list[str]) -> list[str]:
    """The order of a keyed list after both edits: theirs, less what I took out, with what I added behind the entry
    that I put it after. Where I only moved entries and they did not, my order holds."""
    if theirs == base:
        return list(mine)
    removed = set(base) - set(mine)
    merged = [entry for entry in theirs if entry not in removed]
    for index, entry in enumerate(mine):
        if entry in merged or entry in base:
            continue
        before = mine[index - 1] if index else None
        merged.insert(merged.index(before) + 1 if before in merged else (0 if before is None else len(merged)), entry)
    return merged


def is_keyed(value: Any) -> bool:
    """Whether a value is a list that is merged entry by entry."""
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) and "id" in entry for entry in value)


def _walk(value: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        path = f"{prefix}.{key}" if prefix else key
        if item is None or item == []:
            continue
        if isinstance(item, dict):
            yield from _walk(item, path)
        elif is_keyed(item):
            yield f"{path}[]", [entry["id"] for entry in item]
            for entry in item:
                yield from _walk({k: v for k, v in entry.items() if k != "id"}, f"{path}[{entry['id']}]")
        else:
            yield path, item


def _set(fields: Fields, path: str, value: Any) -> None:
    if value is MISSING:
        fields.pop(path, None)
    else:
        fields[path] = value


def _place(root: dict[str, Any], path: str, value: Any) -> None:
    steps = _STEP.findall(path)
    node = root
    for name, entry in steps[:-1]:
        node = node.setdefault(name, {})
        if entry:
            node = node.setdefault(_Entry(entry), {})
    node[steps[-1][0]] = value


class _Entry(str):
    """A key that stands for an entry of a keyed list while fields are put together."""

    __slots__ = ()


def _settle(node: dict[str, Any], orders: dict[str, list[str]], prefix: str) -> dict[str, Any]:
    """Turns entries back into lists, in their order; entries that no order names come last."""
    settled: dict[str, Any] = {}
    for key, value in node.items():
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict) and any(isinstance(k, _Entry) for k in value):
            entries = {str(k): v for k, v in value.items()}
            order = [i for i in orders.get(path, []) if i in entries]
            order += sorted(i for i in entries if i not in order)
            settled[key] = [{"id": i, **_settle(entries[i], orders, f"{path}[{i}]")} for i in order]
        elif isinstance(value, dict):
            settled[key] = _settle(value, orders, path)
        else:
            settled[key] = value
    return settled
