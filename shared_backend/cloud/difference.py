"""What one provider has and another lacks: two listings side by side, and what we know of each path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from shared_backend.cloud import journal, places
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import BlobInfo, Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.journal import WRITE_ID
from shared_backend.cloud.names import HELD
from shared_backend.cloud.places import KnownObject, Look
from shared_backend.database.engine import Database

_PAGE = 500
_PAGE_S = 60.0
# same: nothing to do · missing: to be carried · older: the target has an earlier state of ours · taken: somebody else
# has written that path on the target · differs: both were there before us, and stay · superseded: a newer one is
# elsewhere, or it was deleted.
Standing = Literal["same", "missing", "older", "taken", "differs", "superseded"]


@dataclass(frozen=True)
class Item:
    """An object of the source and how the target stands to it. `known`: what we know of the source's."""

    path: str
    info: BlobInfo
    target: BlobInfo | None
    standing: Standing
    known: KnownObject | None


@dataclass(frozen=True)
class Difference:
    """What `source` has and `target` lacks. `objects` and `size` (bytes) would be carried; `kept_beside` of them under
    another name, as somebody else has written theirs on the target. `differing` objects were on both before us and stay
    as they are. `problem`: why the source could not be looked at."""

    capability: str
    source: str
    target: str
    objects: int = 0
    size: int = 0
    kept_beside: int = 0
    differing: int = 0
    same: int = 0
    examples: tuple[str, ...] = ()
    problem: str = ""


class Comparer:
    """Walks two providers' blobs in the order of their paths."""

    def __init__(self, caller: Caller, database: Database) -> None:
        self._caller = caller
        self._database = database

    def items(self, source: str, target: str, *, after: str | None = None) -> Iterator[Item]:
        """All objects of the source. Raises CloudError."""
        theirs = _Ahead(self._all(target, after))
        mine = self._all(source, after)
        while batch := list(islice(mine, _PAGE)):
            paths = [info.path for info in batch]
            with self._database.read() as connection:
                rows = places.of_paths(connection, paths)
                waiting = journal.pending_by_path(connection, paths)
            for info in batch:
                there = theirs.at(info.path)
                look = Look(waiting.get(info.path), rows[info.path])
                yield Item(info.path, info, there, _standing(look, source, target, info, there), look.rows.get(source))

    def summary(self, source: str, target: str, *, examples: int = 10) -> Difference:
        """The difference in figures. Raises CloudError."""
        counted = dict.fromkeys(("same", "missing", "older", "taken", "differs", "superseded"), 0)
        size, named = 0, list[str]()
        for item in self.items(source, target):
            counted[item.standing] += 1
            if item.standing in ("missing", "older", "taken"):
                size += item.info.size
                if len(named) < examples:
                    named.append(item.path)
        return Difference(
            str(Capability.BLOBS),
            source,
            target,
            objects=counted["missing"] + counted["older"] + counted["taken"],
            size=size,
            kept_beside=counted["taken"],
            differing=counted["differs"],
            same=counted["same"],
            examples=tuple(named),
        )

    def _all(self, provider: str, after: str | None) -> Iterator[BlobInfo]:
        while True:
            start = after
            page, _ = self._caller.on_one(
                provider,
                Capability.BLOBS,
                lambda store, within, start=start: store.list("", after=start, limit=_PAGE, deadline=within),  # type: ignore[misc]
                Deadline(_PAGE_S),
            )
            yield from (info for info in page.items if not info.path.startswith(HELD))
            if page.after is None:
                return
            after = page.after


class _Ahead:
    """The other listing, kept level with the first."""

    def __init__(self, infos: Iterator[BlobInfo]) -> None:
        self._infos = infos
        self._next: BlobInfo | None = next(infos, None)

    def at(self, path: str) -> BlobInfo | None:
        while self._next is not None and self._next.path < path:
            self._next = next(self._infos, None)
        return self._next if self._next is not None and self._next.path == path else None


def _standing(look: Look, source: str, target: str, info: BlobInfo, there: BlobInfo | None) -> Standing:
    newest = look.newest(target)
    if look.pending is not None or (newest is not None and newest.provider != source and not _unseen(newest)):
        copy = newest is not None and newest.provider == target and look.pending is None and there is not None
        return "same" if copy and there is not None and there.sha256 == info.sha256 else "superseded"
    if newest is not None and newest.deleted:
        return "superseded"
    if there is None:
        return "missing"
    if is_same(info, there):
        return "same"
    if newest is None:
        return "differs"
    row = look.rows.get(target)
    return "older" if row is not None and row.etag == there.etag else "taken"


def is_same(a: BlobInfo, b: BlobInfo) -> bool:
    """Whether two objects are one write, or hold the same bytes."""
    if a.sha256 and b.sha256:
        return a.sha256 == b.sha256
    return bool(a.metadata.get(WRITE_ID)) and a.metadata.get(WRITE_ID) == b.metadata.get(WRITE_ID)


def _unseen(known: KnownObject) -> bool:
    return known.etag == places.UNSEEN
