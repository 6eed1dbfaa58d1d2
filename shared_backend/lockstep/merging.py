"""Two edits from one base: what both leave behind. Pure, and blind to every clock: commit order and authority count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared_backend.lockstep.fields import MISSING, Fields, merge_order


@dataclass(frozen=True)
class Authorship:
    """Who wrote a value, and with what authority (candidates 1, everybody above them 2)."""

    id: str
    name: str
    source: str
    authority: int


@dataclass(frozen=True)
class Collision:
    """One field that both sides changed, from the same base, to different values."""

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
    merged = dict(head)
    collisions: list[Collision] = []
    for path in sorted(base.keys() | target.keys()):
        was, wanted, now = base.get(path, MISSING), target.get(path, MISSING), head.get(path, MISSING)
        if wanted == was:
            continue
        if path.endswith("[]") and now is not MISSING and now != was:
            order = merge_order([] if was is MISSING else was, now, [] if wanted is MISSING else wanted)
            _put(merged, path, order or MISSING)
            continue
        if now in (was, wanted):
            _put(merged, path, wanted)
            continue
        theirs = author_of(path)
        mine_wins = override or mine.authority >= theirs.authority
        reason = (
            "override" if override else "later_commit" if mine.authority == theirs.authority else "admin_precedence"
        )
        collisions.append(Collision(path, was, wanted, now, theirs, mine_wins, reason))
        if mine_wins:
            _put(merged, path, wanted)
    changed = [p for p in sorted(head.keys() | merged.keys()) if head.get(p, MISSING) != merged.get(p, MISSING)]
    return Merged(merged, changed, collisions)


def _put(fields: Fields, path: str, value: Any) -> None:
    if value is MISSING:
        fields.pop(path, None)
    else:
        fields[path] = value
