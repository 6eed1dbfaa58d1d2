"""Carrying to the primary what the fallback has held for it: repeatable, resumable, and never over somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from datetime import datetime

import structlog

from shared_backend.cloud import journal
from shared_backend.cloud.blob_service import held_at
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import BlobInfo, BlobStore, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudAlreadyExists, CloudError, CloudNotFound, CloudPrecondition
from shared_backend.cloud.journal import WRITE_ID, Entry
from shared_backend.cloud.spool import spooled
from shared_backend.database.engine import Database
from shared_backend.utils.clock import Clock, utc_now

_ENTRY_S = 60.0


@dataclass
class Progress:
    """What a run has done so far. `failed` stay pending and are tried again in the next run."""

    total: int = 0
    synced: int = 0
    conflicts: int = 0
    superseded: int = 0
    voided: int = 0
    failed: int = 0
    last_error: str = ""
    paths: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Entries that need no further run."""
        return self.synced + self.conflicts + self.superseded + self.voided


class Reconciler:
    """Settles the journal, entry by entry in the order of their writes. Each step may be done twice without harm: what
    has arrived is known by its write id. A crash loses nothing: the next run begins where this one stopped."""

    def __init__(
        self, caller: Caller, database: Database, *, clock: Clock = utc_now, entry_s: float = _ENTRY_S
    ) -> None:
        self._caller = caller
        self._database = database
        self._clock = clock
        self._entry_s = entry_s
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
        after = 0
        while keep_going():
            with self._database.read() as connection:
                batch = journal.open_entries(connection, after=after, limit=100)
            if not batch:
                break
            progress.total += len(batch)
            for entry in batch:
                after = entry.id
                if not keep_going():
                    return progress
                if not self._one(entry, progress, settle_intents_before):
                    return progress
                on_progress(progress)
        return progress

    def _one(self, entry: Entry, progress: Progress, intents_before: datetime | None) -> bool:
        """Settles one entry; False when there is no sense in going on now."""
        deadline = Deadline(self._entry_s)
        try:
            if entry.state == "intent":
                self._settle_intent(entry, progress, intents_before, deadline)
                return True
            with self._database.read() as connection:
                newest = journal.pending_of(connection, entry.path)
            if newest is None or newest.id != entry.id:
                self._settle(entry, "superseded")
                self._drop_held(entry, deadline)
                progress.superseded += 1
                return True
            conflict = self._put(entry, deadline) if entry.operation == "put" else self._delete(entry, deadline)
            self._settle(entry, "conflict" if conflict else "done", conflict_path=conflict)
            self._drop_held(entry, deadline)
            progress.conflicts += conflict is not None
            progress.synced += conflict is None
            progress.paths = [*progress.paths[-9:], entry.path]
            return True
        except CloudError as error:
            words = str(error)
            progress.failed += 1
            progress.last_error = words
            self._database.run(lambda uow: journal.failed(uow.connection, entry.id, words, at=self._clock()))
            self._log.warning("reconcile.waiting", entry=entry.id, reason=error.code)
            return not error.may_fail_over

    def _settle_intent(
        self, entry: Entry, progress: Progress, intents_before: datetime | None, deadline: Deadline
    ) -> None:
        """A process died between saying that it would write and saying that it had. Whether the bytes are there
        decides; either is right, as nobody was told that they were."""
        age = (self._clock() - entry.updated_at).total_seconds()
        young = age < self._entry_s if intents_before is None else entry.updated_at >= intents_before
        if young:
            return
        there = entry.operation == "put" and self._held(entry, deadline) is not None
        self._settle(entry, "pending" if there else "void")
        progress.voided += not there

    def _put(self, entry: Entry, deadline: Deadline) -> str | None:
        """Puts the bytes on the primary; answers the path beside somebody else's object, if they had to go there."""
        theirs = self._stat(entry.primary, entry.path, deadline)
        if theirs is not None and theirs.metadata.get(WRITE_ID) == entry.write_id:
            self._remember(entry.primary, theirs)
            return None
        if theirs is None:
            condition = Condition("absent")
        elif self._is_ours(entry.primary, theirs):
            condition = Condition("etag", theirs.etag)
        else:
            return self._put_beside(entry, deadline)
        try:
            self._carry(entry, entry.path, condition, deadline)
            return None
        except (CloudAlreadyExists, CloudPrecondition):
            now = self._stat(entry.primary, entry.path, deadline)
            if now is not None and now.metadata.get(WRITE_ID) == entry.write_id:
                self._remember(entry.primary, now)
                return None
            return self._put_beside(entry, deadline)

    def _put_beside(self, entry: Entry, deadline: Deadline) -> str:
        """Somebody else has written the path meanwhile: theirs stays, ours is kept beside it."""
        beside = f"{entry.path}.conflict-{entry.write_id[:8]}"
        found = self._stat(entry.primary, beside, deadline)
        if found is None or found.metadata.get(WRITE_ID) != entry.write_id:
            self._carry(entry, beside, Condition(), deadline)
        return beside

    def _delete(self, entry: Entry, deadline: Deadline) -> str | None:
        theirs = self._stat(entry.primary, entry.path, deadline)
        if theirs is None:
            self._forget(entry)
            return None
        if not self._is_ours(entry.primary, theirs):
            return entry.path
        try:
            self._caller.on_one(
                entry.primary,
                Capability.BLOBS,
                lambda store, within: store.delete(
                    entry.path, condition=Condition("etag", theirs.etag), deadline=within
                ),
                deadline,
            )
        except CloudNotFound:
            pass
        except CloudPrecondition:
            return entry.path
        self._forget(entry)
        return None

    def _carry(self, entry: Entry, path: str, condition: Condition, deadline: Deadline) -> None:
        """From the fallback to the primary, checked against the sha256 that was acknowledged."""

        def fetch(store: BlobStore, within: Deadline) -> bytes:
            with store.open(held_at(entry.write_id), deadline=within) as (_info, chunks):
                return b"".join(chunks)

        content, _ = self._caller.on_one(entry.fallback, Capability.BLOBS, fetch, deadline)
        with spooled(content, most=len(content)) as body:

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
        if path == entry.path:
            self._remember(entry.primary, info)

    def _is_ours(self, provider: str, theirs: BlobInfo) -> bool:
        """Whether an object on the primary is one that we wrote: then our later write may take its place."""
        write_id = theirs.metadata.get(WRITE_ID, "")
        with self._database.read() as connection:
            known = journal.known(connection, provider, theirs.path)
            if known is not None and (known.etag == theirs.etag or (write_id and known.write_id == write_id)):
                return True
            return bool(write_id) and journal.is_ours(connection, write_id)

    def _held(self, entry: Entry, deadline: Deadline) -> BlobInfo | None:
        found = self._stat(entry.fallback, held_at(entry.write_id), deadline)
        return found if found is not None and found.sha256 == entry.sha256 else None

    def _stat(self, provider: str, path: str, deadline: Deadline) -> BlobInfo | None:
        try:
            found, _ = self._caller.on_one(
                provider, Capability.BLOBS, lambda store, within: store.stat(path, deadline=within), deadline
            )
            return replaced(found, path=path)
        except CloudNotFound:
            return None

    def _drop_held(self, entry: Entry, deadline: Deadline) -> None:
        """The fallback's copy goes once the entry is settled; one that can't be removed now is an orphan, no danger."""
        if entry.operation != "put":
            return
        try:
            self._caller.on_one(
                entry.fallback,
                Capability.BLOBS,
                lambda store, within: store.delete(held_at(entry.write_id), condition=Condition(), deadline=within),
                deadline,
            )
        except CloudError as error:
            self._log.info("reconcile.copy_kept", entry=entry.id, reason=error.code)

    def _settle(self, entry: Entry, state: str, *, conflict_path: str | None = None) -> None:
        self._database.run(
            lambda uow: journal.settle(uow.connection, entry.id, state, at=self._clock(), conflict_path=conflict_path)
        )

    def _remember(self, provider: str, info: BlobInfo) -> None:
        self._database.run(lambda uow: journal.remember(uow.connection, provider, info, at=self._clock()))

    def _forget(self, entry: Entry) -> None:
        self._database.run(lambda uow: journal.forget(uow.connection, entry.primary, entry.path))
