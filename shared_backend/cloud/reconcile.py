"""Carrying to the primary what the fallback has held for it: repeatable, resumable, and never over somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace as replaced
from datetime import datetime
from typing import TypeGuard

import structlog
from sqlalchemy import Connection

from shared_backend.cloud import journal, places, serving
from shared_backend.cloud.blob_reader import held_at
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.comparison import Comparison, stat_or_none
from shared_backend.cloud.contract import BlobInfo, BlobStore, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudCorrupted,
    CloudError,
    CloudNotFound,
    CloudOtherFolder,
    CloudPrecondition,
    CloudSpoolFull,
    CloudUnavailable,
)
from shared_backend.cloud.journal import WRITE_ID, Entry
from shared_backend.cloud.lease import Lease
from shared_backend.cloud.listeners import Listeners
from shared_backend.cloud.progress import Progress
from shared_backend.cloud.spool import Spooled, spooled
from shared_backend.cloud.write_ids import WriteIds
from shared_backend.database.engine import Database
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.utils.clock import Clock, utc_now

__all__ = ["Progress", "Reconciler"]

_ENTRY_S = 60.0
# How often an entry looks anew at a path at which others write, in one run.
_LOOKS = 4


class _Overtaken(Exception):
    """Somebody else has settled the entry while we were at it, or a later write has taken its place."""


class Reconciler:
    """Settles the journal, entry by entry in the order of their writes. Each step may be done twice without harm: what
    has arrived is known by its write id. A crash loses nothing: the next run begins where this one stopped."""

    def __init__(
        self,
        caller: Caller,
        database: Database,
        *,
        clock: Clock = utc_now,
        entry_s: float = _ENTRY_S,
        lease_s: float = 30.0,
        ids: WriteIds | None = None,
        listeners: Listeners = Listeners(),  # noqa: B008  (frozen)
    ) -> None:
        self._caller = caller
        self._database = database
        self._clock = clock
        self._entry_s = entry_s
        self._lease_s = lease_s
        self._ids = ids or WriteIds(database)
        self._listeners = listeners
        self._log = structlog.get_logger(__name__)

    def run(
        self,
        *,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        keep_going: Callable[[], bool] = lambda: True,
        settle_intents_before: datetime | None = None,
    ) -> Progress:
        """Goes through the journal once; stops early when `keep_going` says no, or when the primary is away.

        Intents younger than `settle_intents_before` (default: one entry's time ago) belong to writes under way.
        """
        progress = Progress()
        lease = Lease(self._database, "reconcile", seconds=self._lease_s, clock=self._clock)
        if not lease.take():
            progress.busy = True
            return progress

        def going() -> bool:
            return keep_going() and lease.keep()

        # One large entry takes longer than the lease.
        with lease.renewed():
            if self._settle_all(progress, on_progress, going, settle_intents_before):
                Comparison(self._caller, self._database, self._clock).run(progress, on_progress, going)
                self._tell_of_the_end(progress)
        return progress

    def _tell_of_the_end(self, progress: Progress) -> None:
        if not progress.synced + progress.conflicts + progress.superseded + progress.voided:
            return
        with self._database.read() as connection:
            if journal.open_entries(connection, limit=1):
                return
        self._database.run(lambda uow: self._listeners.reconciled(uow, "drained"))

    def _settle_all(
        self,
        progress: Progress,
        on_progress: Callable[[Progress], None],
        going: Callable[[], bool],
        settle_intents_before: datetime | None,
    ) -> bool:
        """Every entry once; False when it was stopped, or a provider was away."""
        after = 0
        while going():
            with self._database.read() as connection:
                batch = journal.open_entries(connection, after=after, limit=100)
            if not batch:
                return True
            progress.total += len(batch)
            for entry in batch:
                after = entry.id
                if not going() or not self._one(entry, progress, settle_intents_before):
                    return False
                on_progress(progress)
        return False

    def _one(self, entry: Entry, progress: Progress, intents_before: datetime | None) -> bool:
        """Settles one entry; False when there is no sense in going on now."""
        # A large object takes its time: at least a megabyte a second is expected, in both directions.
        deadline = Deadline(self._entry_s + 2 * entry.size / 1_000_000)
        try:
            if entry.state == "intent":
                self._settle_intent(entry, progress, intents_before)
                return True
            self._require_waiting(entry)
            conflict = self._put(entry, deadline) if entry.operation == "put" else self._delete(entry, deadline)
            progress.conflicts += conflict is not None
            progress.synced += conflict is None
            progress.paths = [*progress.paths[-9:], entry.path]
            return True
        except _Overtaken:
            # Its copy goes in the compare pass. What somebody else has settled stays as they did it.
            progress.superseded += self._settle(entry, "superseded", was=("pending",))
            return True
        except CloudError as error:
            words = str(error)
            progress.failed += 1
            progress.last_error = words
            self._database.run(lambda uow: journal.failed(uow.connection, entry.id, words, at=self._clock()))
            self._log.warning("reconcile.waiting", entry=entry.id, reason=error.code)
            # One damaged copy, or one for which our own disk is too small or our folder the wrong one, must not hold up
            # the others; a primary that is away ends the run.
            return not error.may_fail_over or isinstance(error, CloudCorrupted | CloudSpoolFull | CloudOtherFolder)

    def _settle_intent(self, entry: Entry, progress: Progress, intents_before: datetime | None) -> None:
        """A process died before it said that it had written. Nobody was told that the bytes are there, and what was
        written to the path since may have gone straight to the primary: so it never happened."""
        age = (self._clock() - entry.updated_at).total_seconds()
        young = age < self._entry_s if intents_before is None else entry.updated_at >= intents_before
        if not young and self._settle(entry, "void", was=("intent",)):
            progress.voided += 1

    def _require_waiting(self, entry: Entry) -> None:
        """Raises _Overtaken unless it is still what is newest of its path: no later write waits behind it, no other
        provider has served since and has a newer one, and nobody else has carried it.

        To be asked after each look at the primary, never before: while an entry waits, later writes go behind it and
        not to the primary. What was there at the look is older then, and what comes after it, the condition meets."""
        with self._database.read() as connection:
            newest = places.look(connection, entry.path).pending
        if newest is None or newest.id != entry.id:
            raise _Overtaken

    def _put(self, entry: Entry, deadline: Deadline) -> str | None:
        """Puts the bytes on the primary; answers the path beside somebody else's object, if they had to go there."""
        for _ in range(_LOOKS):
            theirs = self._stat(entry.primary, entry.path, deadline)
            self._require_waiting(entry)
            if _is_it(theirs, entry):
                return self._arrived(entry, theirs)
            if theirs is None:
                condition = Condition("absent")
            elif self._is_ours(entry.primary, theirs):
                condition = Condition("etag", theirs.etag)
            else:
                return self._put_beside(entry, deadline)
            try:
                info = self._carry(entry, entry.path, condition, deadline)
            except (CloudAlreadyExists, CloudPrecondition):
                # Somebody was there in between, or a wrong answer was given: only what is there now tells.
                continue
            return self._arrived(entry, info, put=deadline)
        raise CloudUnavailable(f"{entry.path} keeps changing on {entry.primary}.", provider=entry.primary)

    def _put_beside(self, entry: Entry, deadline: Deadline) -> str | None:
        """Somebody else has written the path meanwhile: theirs stays, ours is kept beside it."""
        beside = f"{entry.path}.conflict-{entry.write_id[:8]}"
        found = self._stat(entry.primary, beside, deadline)
        if found is None or found.metadata.get(WRITE_ID) != entry.write_id:
            found = self._carry(entry, beside, Condition(), deadline)
        return self._arrived(entry, found, conflict_path=beside)

    def _delete(self, entry: Entry, deadline: Deadline) -> str | None:
        for _ in range(_LOOKS):
            # Asked twice: one wrong "not found" would let what was deleted live on.
            theirs = self._stat(entry.primary, entry.path, deadline) or self._stat(entry.primary, entry.path, deadline)
            self._require_waiting(entry)
            if theirs is None:
                return self._gone(entry)
            if not self._is_ours(entry.primary, theirs):
                return self._gone(entry, conflict_path=entry.path)
            condition = Condition("etag", theirs.etag)
            try:
                self._delete_there(entry, condition, deadline)
            except (CloudNotFound, CloudPrecondition):
                # As with a write: only what is there now tells.
                continue
            return self._gone(entry)
        raise CloudUnavailable(f"{entry.path} keeps changing on {entry.primary}.", provider=entry.primary)

    def _delete_there(self, entry: Entry, condition: Condition, deadline: Deadline) -> None:
        self._caller.on_one(
            entry.primary,
            Capability.BLOBS,
            lambda store, within: store.delete(entry.path, condition=condition, deadline=within),
            deadline,
        )

    def _carry(self, entry: Entry, path: str, condition: Condition, deadline: Deadline) -> BlobInfo:
        """From the fallback to the primary, checked against the sha256 that was acknowledged."""
        with ExitStack() as stack:

            def fetch(store: BlobStore, within: Deadline) -> Spooled:
                with store.open(held_at(entry.write_id), deadline=within) as (_info, chunks):
                    return stack.enter_context(spooled(chunks, most=max(entry.size, 1)))

            body, _ = self._caller.on_one(entry.fallback, Capability.BLOBS, fetch, deadline)
            if (body.size, body.sha256) != (entry.size, entry.sha256):
                raise CloudCorrupted(
                    f"{entry.fallback} holds other bytes for {entry.path} than were acknowledged. They stay there.",
                    provider=entry.fallback,
                )

            def put(store: BlobStore, within: Deadline) -> BlobInfo:
                return store.put(
                    path,
                    body.rewound(),
                    size=entry.size,
                    sha256=entry.sha256,
                    content_type=entry.content_type,
                    metadata=entry.metadata,
                    condition=condition,
                    deadline=within,
                )

            info, _ = self._caller.on_one(entry.primary, Capability.BLOBS, put, deadline)
        return replaced(info, path=path)

    def _is_ours(self, provider: str, theirs: BlobInfo) -> bool:
        """Whether an object on the primary is one that we wrote: then our later write may take its place."""
        write_id = theirs.metadata.get(WRITE_ID, "")
        if self._ids.ours(write_id):
            return True
        with self._database.read() as connection:
            return self._is_known(connection, provider, theirs) or (
                bool(write_id) and journal.is_ours(connection, write_id)
            )

    @staticmethod
    def _is_known(connection: Connection, provider: str, there: BlobInfo) -> bool:
        known = places.known(connection, provider, there.path)
        return known is not None and known.etag == there.etag

    def _stat(self, provider: str, path: str, deadline: Deadline) -> BlobInfo | None:
        return stat_or_none(self._caller, provider, path, deadline)

    def _arrived(
        self, entry: Entry, info: BlobInfo, *, conflict_path: str | None = None, put: Deadline | None = None
    ) -> str | None:
        """Notes in one step that the primary has it and that the entry is settled; answers `conflict_path`. The
        fallback's copy stays until the compare pass has seen the primary's. `put`: by when what we have put there just
        now is taken back, should it have been settled by somebody else meanwhile."""

        def work(uow: UnitOfWork) -> bool:
            settled = self._settle_carried(uow, entry, conflict_path)
            if settled:
                places.remember(uow.connection, entry.primary, info, at=self._clock(), generation=entry.generation)
            return settled or self._is_known(uow.connection, entry.primary, info)

        if not self._database.run(work):
            if put is not None:
                self._take_back(entry, info, put)
            raise _Overtaken
        return conflict_path

    def _take_back(self, entry: Entry, info: BlobInfo, deadline: Deadline) -> None:
        """Somebody else has carried it too, and it was deleted or written again since: ours would bring it back."""
        there = self._stat(entry.primary, entry.path, deadline)
        if there is None or there.metadata.get(WRITE_ID) != entry.write_id:
            return
        with suppress(CloudNotFound, CloudPrecondition):
            self._delete_there(entry, Condition("etag", info.etag), deadline)

    def _gone(self, entry: Entry, *, conflict_path: str | None = None) -> str | None:
        def work(uow: UnitOfWork) -> bool:
            settled = self._settle_carried(uow, entry, conflict_path)
            if settled and conflict_path is None:
                # As long as somebody else may hold an earlier state that we never saw, the note of it is kept.
                served = serving.history(uow.connection, Capability.BLOBS).formers
                note = places.bury if set(served) - {entry.primary} else places.forget
                note(uow.connection, entry.primary, entry.path, at=self._clock(), generation=entry.generation)
            return settled

        if not self._database.run(work):
            raise _Overtaken
        return conflict_path

    def _settle_carried(self, uow: UnitOfWork, entry: Entry, conflict_path: str | None) -> bool:
        state = "conflict" if conflict_path else "done"
        settled = self._settle_in(uow, entry, state, conflict_path=conflict_path, was=("pending",))
        if settled and conflict_path:
            self._listeners.reconciled(uow, "conflict_kept")
        return settled

    def _settle(self, entry: Entry, state: str, *, was: tuple[str, ...] = ()) -> bool:
        return self._database.run(lambda uow: self._settle_in(uow, entry, state, was=was))

    def _settle_in(
        self,
        uow: UnitOfWork,
        entry: Entry,
        state: str,
        *,
        conflict_path: str | None = None,
        was: tuple[str, ...] = (),
    ) -> bool:
        return journal.settle(uow.connection, entry.id, state, at=self._clock(), conflict_path=conflict_path, was=was)


def _is_it(found: BlobInfo | None, entry: Entry) -> TypeGuard[BlobInfo]:
    """Whether an object is what the entry wrote, to the byte: then a lost answer is settled."""
    return found is not None and found.metadata.get(WRITE_ID) == entry.write_id and found.sha256 == entry.sha256
