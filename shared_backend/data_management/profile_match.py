"""Which entry of a profile an entry of a document belongs to: by what was confirmed before, or by what both say.

Pure. An entry that is not known again is added to the profile, so what is missed here stands there twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared_backend.data_management import profile_fields
from shared_backend.data_management.reading import Place

# Without its first mark an entry is known again by so many others.
_ENOUGH: Final = 2
# What one confirmation leaves for the next: path of an entry in the draft → section, id in the profile, places.
Became = Mapping[str, Mapping[str, Any]]


def alike(one: Any, other: Any) -> bool:
    """Whether two values say the same to a person: letters' case and white space aside."""
    if isinstance(one, list) or isinstance(other, list):
        left, right = _listed(one), _listed(other)
        return len(left) == len(right) and all(alike(a, b) for a, b in zip(left, right, strict=True))
    return " ".join(str(one or "").split()).casefold() == " ".join(str(other or "").split()).casefold()


def matches(
    section: str,
    values: Sequence[Mapping[str, Any]],
    places: Sequence[frozenset[Place]],
    there: Sequence[dict[str, Any]],
    became: Became,
) -> list[dict[str, Any] | None]:
    """For each entry of a document the profile's own, each of which is taken once.

    `values` and `places` are of the document's entries by their number. What the same document became before goes
    before all likeness: since then a person may have changed either.
    """
    free = {str(entry["id"]): entry for entry in there}
    found: list[dict[str, Any] | None] = [None] * len(values)
    for index, entry_id in _remembered(section, places, became):
        if found[index] is None and entry_id in free:
            found[index] = free.pop(entry_id)
    for index, each in enumerate(values):
        if found[index] is None and (match := _like(section, each, list(free.values()))) is not None:
            found[index] = free.pop(str(match["id"]))
    return found


def _remembered(section: str, places: Sequence[frozenset[Place]], became: Became) -> list[tuple[int, str]]:
    """(number of an entry, id of what it became), the surest first. A document that was read anew may have its entries
    in another order, so they are known by their places; of one place, as of an employer's with two positions, the one
    with more of the rest."""
    shared = [
        (-len(places[index] & {tuple(place) for place in was["places"]}), path != _path(section, index), index, was)
        for path, was in became.items()
        if was["section"] == section
        for index in range(len(places))
    ]
    ordered = sorted((each for each in shared if each[0]), key=lambda each: each[:3])
    return [(index, str(was["id"])) for _shared, _elsewhere, index, was in ordered]


def _path(section: str, index: int) -> str:
    return f"{base_of(section)}.{index}"


def base_of(section: str) -> str:
    """Where a section stands in a draft and in a profile."""
    return "basics.profiles" if section == "profiles" else section


def _like(section: str, values: Mapping[str, Any], there: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    scored = [(_likeness(section, values, entry), entry) for entry in there]
    most, best = max(scored, key=lambda each: each[0], default=(0, None))
    return best if most else None


def _likeness(section: str, values: Mapping[str, Any], entry: Mapping[str, Any]) -> int:
    """How surely both are one, 0 for no: by the first mark and no other that both have different. Where not both have
    it, by two others; where neither has it, also by all that the document says."""
    first, *others = profile_fields.IDENTITY[section]
    mine, theirs = values.get(first), entry.get(first)
    equal = _equal(others, values, entry)
    # Two stays with one company are two jobs: of a job's other marks, not one may differ.
    if equal is None or (mine and theirs and not alike(mine, theirs)):
        return 0
    if mine and theirs:
        return 100 + equal
    dates = [name for name in profile_fields.names(section) if name == "date" or name.endswith("Date")]
    if _equal(dates, values, entry) is None:
        return 0
    if equal >= _ENOUGH:
        return 10 + equal
    said = {name: value for name, value in values.items() if value not in (None, "", [])}
    neither = not mine and not theirs
    return int(neither and bool(said) and all(alike(value, entry.get(name)) for name, value in said.items()))


def _equal(names: Sequence[str], values: Mapping[str, Any], entry: Mapping[str, Any]) -> int | None:
    """How many of the fields that both have are equal; None where one differs."""
    both = [name for name in names if entry.get(name) and values.get(name)]
    return len(both) if all(_same_mark(name, entry[name], values[name]) for name in both) else None


def _same_mark(name: str, one: Any, other: Any) -> bool:
    if name == "date" or name.endswith("Date"):
        # One side may know the month and the other only the year.
        short = min(len(str(one)), len(str(other)))
        return str(one)[:short] == str(other)[:short]
    return alike(one, other)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]
