"""Two edits from one base: what both leave behind. Pure, and blind to every clock: commit order and authority count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from shared_backend.lockstep.fields import (
    MISSING,
    Fields,
    differ,
    entry_path,
    entry_value,
    merge_order,
    under,
)


@dataclass(frozen=True)
class Authorship:
    """Who wrote a value, and with what authority (candidates 1, everybody above them 2)."""

    id: str
    name: str
    source: str
    authority: int


@dataclass(frozen=True)
class Collision:
    """One field that both sides changed, from the same base, to different values. Where one side removed an entry of
    a list that the other edited, `path` names the entry (`work[a1b2]`) and the values are entries, or MISSING."""

    path: str
    base: Any
    mine: Any
    theirs: Any
    theirs_author: Authorship
    mine_wins: bool
    reason: str


@dataclass(frozen=True)
class Merged:
    """The state after the merge, the paths in which it differs from the head, and the collisions on the way."""

    fields: Fields
    changed: list[str]
    collisions: list[Collision] = field(default_factory=list)


def merge(
    base: Fields,
    head: Fields,
    target: Fields,
    *,
    mine: Authorship,
    author_of: Callable[[str], Authorship],
    override: bool = False,
) -> Merged:
    """Merges the edit base → target into `head`.

    Disjoint fields merge. On the same field the higher authority wins; between equals the later commit, which is
    the edit at hand. With `override` the edit at hand wins whatever the authority. `author_of(path)` answers who
    changed the field between base and head.
    """
    return _Merge(base, head, target, mine, author_of, override).run()


class _Merge:
    """One merge under way."""

    def __init__(
        self,
        base: Fields,
        head: Fields,
        target: Fields,
        mine: Authorship,
        author_of: Callable[[str], Authorship],
        override: bool,
    ) -> None:
        self._base, self._head, self._target = base, head, target
        self._mine, self._author_of, self._override = mine, author_of, override
        self._merged = dict(head)
        self._collisions: list[Collision] = []
        # Entries that one side removed and the other keeps alive, and the paths that are settled with them.
        self._kept: set[str] = set()
        self._settled: set[str] = set()

    def run(self) -> Merged:
        lists = [path for path in sorted({*self._base, *self._head, *self._target}) if path.endswith("[]")]
        for entry in self._removed_and_edited(lists):
            self._settle_entry(entry)
        for path in sorted(self._base.keys() | self._target.keys()):
            if path not in self._settled and not path.endswith("[]"):
                self._merge_field(path)
        alive = _entries(self._merged) if lists else set()
        for path in lists:
            self._merge_order(path, alive)
        head, merged = self._head, self._merged
        paths = sorted(head.keys() | merged.keys())
        changed = [path for path in paths if differ(head.get(path, MISSING), merged.get(path, MISSING))]
        return Merged(merged, changed, sorted(self._collisions, key=lambda collision: collision.path))

    def _removed_and_edited(self, lists: list[str]) -> Iterator[str]:
        """The entries that one side removed while the other changed something in them: half an entry is nobody's
        wish, so they are decided as a whole."""
        for path in lists:
            for entry_id in self._base.get(path, []):
                in_head, in_target = entry_id in self._head.get(path, []), entry_id in self._target.get(path, [])
                if in_head == in_target:
                    continue
                entry = entry_path(path, entry_id)
                alive = self._head if in_head else self._target
                if under(alive, entry) != under(self._base, entry):
                    yield entry

    def _settle_entry(self, entry: str) -> None:
        was, now, wanted = (under(side, entry) for side in (self._base, self._head, self._target))
        paths = {*was, *now, *wanted}
        touched = sorted(path for path in paths if differ(was.get(path, MISSING), now.get(path, MISSING)))
        # Several may have changed it since: the one with the most authority decides, as it does field by field.
        theirs = max((self._author_of(path) for path in touched), key=lambda author: author.authority)
        before, after, present = (entry_value(side, entry) for side in (self._base, self._target, self._head))
        mine_wins = self._collide(entry, before, after, present, theirs)
        for path in paths:
            _put(self._merged, path, (wanted if mine_wins else now).get(path, MISSING))
        self._settled |= paths
        if wanted if mine_wins else now:
            self._kept.add(entry)

    def _merge_field(self, path: str) -> None:
        was, wanted = self._base.get(path, MISSING), self._target.get(path, MISSING)
        now = self._head.get(path, MISSING)
        if not differ(wanted, was):
            return
        met = differ(now, was) and differ(now, wanted)
        if not met or self._collide(path, was, wanted, now, self._author_of(path)):
            _put(self._merged, path, wanted)

    def _collide(self, path: str, was: Any, wanted: Any, now: Any, theirs: Authorship) -> bool:
        """Notes a collision; answers whether mine wins."""
        equal = self._mine.authority == theirs.authority
        wins = self._override or self._mine.authority >= theirs.authority
        reason = "override" if self._override else "later_commit" if equal else "admin_precedence"
        self._collisions.append(Collision(path, was, wanted, now, theirs, wins, reason))
        return wins

    def _merge_order(self, path: str, alive: set[str]) -> None:
        base = self._base.get(path, [])
        theirs = self._with_kept(path, base, self._head.get(path, []))
        mine = self._with_kept(path, base, self._target.get(path, []))
        order = theirs if mine == base else merge_order(base, theirs, mine)
        # An entry is what it holds: one without a field is none.
        order = [entry_id for entry_id in order if entry_path(path, entry_id) in alive]
        _put(self._merged, path, order or MISSING)

    def _with_kept(self, path: str, base: list[str], order: list[str]) -> list[str]:
        """The order with the entries that stay although this side removed them, where they were."""
        result = list(order)
        for index, entry_id in enumerate(base):
            if entry_id in result or entry_path(path, entry_id) not in self._kept:
                continue
            before = next((known for known in reversed(base[:index]) if known in result), None)
            result.insert(result.index(before) + 1 if before is not None else 0, entry_id)
        return result


def _entries(fields: Fields) -> set[str]:
    """The paths of all entries that hold a field."""
    found = set()
    for path in fields:
        end = path.find("].")
        while end >= 0:
            found.add(path[: end + 1])
            end = path.find("].", end + 1)
    return found


def _put(fields: Fields, path: str, value: Any) -> None:
    if value is MISSING:
        fields.pop(path, None)
    else:
        fields[path] = value
