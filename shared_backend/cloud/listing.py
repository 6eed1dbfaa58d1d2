"""One listing over all who may hold something: pages of several providers merged in the order of paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shared_backend.cloud import journal, places, serving
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import BlobInfo, BlobPage, Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError
from shared_backend.cloud.journal import Entry
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.places import KnownObject, Look
from shared_backend.database.engine import Database
from shared_backend.utils.clock import utc_now


@dataclass
class _Gathered:
    """What all sources gave, complete up to `horizon` (None: to the end)."""

    pages: dict[str, dict[str, BlobInfo]] = field(default_factory=dict)
    horizon: str | None = None
    notes: list[str] = field(default_factory=list)

    def complete_to(self, path: str | None) -> None:
        if path is not None and (self.horizon is None or path < self.horizon):
            self.horizon = path


class Listing:
    """Makes pages. `hidden`: paths that begin so are ours and nobody's business. `is_by_us`: whether we wrote it."""

    def __init__(
        self, caller: Caller, database: Database, *, hidden: str, is_by_us: Callable[[BlobInfo], bool]
    ) -> None:
        self._caller = caller
        self._database = database
        self._hidden = hidden
        self._is_by_us = is_by_us

    def page(
        self, primary: str, prefix: str, *, after: str | None, limit: int, deadline: Deadline
    ) -> Outcome[BlobPage]:
        """A page in the order of paths. Raises CloudError where the primary's may not be passed over."""
        with self._database.read() as connection:
            waiting = {entry.path: entry for entry in journal.pending_below(connection, prefix)}
            formers = [n for n in serving.history(connection, Capability.BLOBS).formers if n != primary]
        gathered, away = _Gathered(), False
        attempts = 0
        for name in (primary, *formers):
            try:
                found, tries = self._caller.on_one(
                    name,
                    Capability.BLOBS,
                    lambda store, within: store.list(prefix, after=after, limit=limit, deadline=within),
                    deadline.slice(0.7) if name == primary and formers else deadline,
                )
            except CloudError as error:
                if not error.may_fail_over:
                    raise
                away = True
                gathered.notes.append(f"{name}: {error}. What we know of it stands for it.")
                continue
            attempts += tries
            gathered.pages[name] = {info.path: info for info in found.items}
            gathered.complete_to(found.after)
        known = self._known(gathered, prefix, after, limit, needed=away or bool(formers))
        shown = self._shown(primary, gathered, known, waiting, after)
        beyond = len(shown) > limit
        shown = shown[:limit]
        last = shown[-1].path if beyond else gathered.horizon
        return Outcome(
            BlobPage(shown, last),
            primary,
            degraded=away,
            durable_at=(primary,),
            pending_sync=any(entry.path in waiting for entry in shown) or bool(waiting),
            attempts=max(1, attempts),
            elapsed_ms=deadline.elapsed_ms,
            notes=tuple(gathered.notes),
        )

    def _known(
        self, gathered: _Gathered, prefix: str, after: str | None, limit: int, *, needed: bool
    ) -> dict[str, dict[str, KnownObject]]:
        """What we know of the paths in question; nothing need be known where one provider alone has all."""
        if not needed:
            return {}
        with self._database.read() as connection:
            known = places.below(connection, prefix, after=after, limit=limit + 1)
            if len(known) > limit:
                gathered.complete_to(max(known))
            listed = {path for page in gathered.pages.values() for path in page} - set(known)
            return known | places.of_paths(connection, sorted(listed))

    def _shown(
        self,
        primary: str,
        gathered: _Gathered,
        known: Mapping[str, Mapping[str, KnownObject]],
        waiting: Mapping[str, Entry],
        after: str | None,
    ) -> list[BlobInfo]:
        paths = {path for page in gathered.pages.values() for path in page} | set(known) | set(waiting)
        shown = []
        for path in sorted(paths):
            outside = (after is not None and path <= after) or (
                gathered.horizon is not None and path > gathered.horizon
            )
            if outside or path.startswith(self._hidden):
                continue
            look = Look(waiting.get(path), known.get(path, {}))
            found = self._newest(primary, path, look, gathered.pages)
            if found is not None:
                shown.append(found)
        return shown

    def _newest(
        self, primary: str, path: str, look: Look, pages: Mapping[str, Mapping[str, BlobInfo]]
    ) -> BlobInfo | None:
        """As a read of the path would answer it."""
        if look.pending is not None:
            return None if look.pending.operation == "delete" else info_of(look.pending)
        newest = look.newest(primary)
        if newest is None:
            held = (primary, *(name for name in pages if name != primary))
            return next((pages[name][path] for name in held if path in pages.get(name, {})), None)
        if newest.provider in pages:
            # Listed, its word counts: also where it no longer has it, or somebody else has put it there since.
            listed = pages[newest.provider].get(path)
            if newest.deleted and (newest.provider != primary or (listed is not None and self._is_by_us(listed))):
                return None
            return listed
        return None if newest.deleted else _of_known(path, newest)


def info_of(entry: Entry) -> BlobInfo:
    """A journaled write as a blob; until the primary has it, its sha256 is its etag."""
    return BlobInfo(
        path=entry.path,
        size=entry.size,
        sha256=entry.sha256,
        content_type=entry.content_type,
        metadata=entry.metadata,
        etag=entry.sha256,
        modified_at=entry.updated_at,
    )


def _of_known(path: str, known: KnownObject) -> BlobInfo:
    return BlobInfo(path, known.size, known.sha256, "", {}, known.etag, known.seen_at or utc_now())
