"""Carrying everything from one provider to another: repeatable, resumable, and while both are being used."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import structlog

from shared_backend.cloud import journal, places, serving
from shared_backend.cloud.blob_reader import held_at
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.comparison import drop_held, stat_or_none
from shared_backend.cloud.contract import BlobInfo, BlobStore, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.difference import Comparer, Item, is_same
from shared_backend.cloud.errors import CloudAlreadyExists, CloudCorrupted, CloudError, CloudNotFound, CloudPrecondition
from shared_backend.cloud.journal import Entry
from shared_backend.cloud.lease import Lease
from shared_backend.cloud.places import KnownObject
from shared_backend.cloud.spool import Spooled, spooled
from shared_backend.database.engine import Database
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.utils.clock import Clock, utc_now

_ONE_S = 60.0


@dataclass
class Carried:
    """How far it has come. `failed` are tried again in the next run; `path` was the last that was looked at."""

    looked_at: int = 0
    copied: int = 0
    size: int = 0
    kept_beside: int = 0
    failed: int = 0
    path: str = ""
    last_error: str = ""
    busy: bool = False
    complete: bool = False
    conflicts: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Objects that need no further run."""
        return self.looked_at - self.failed


class CarryOver:
    """Copies blobs. What is already there is passed over, so a run that was cut off is simply run again."""

    def __init__(self, caller: Caller, database: Database, *, clock: Clock = utc_now, lease_s: float = 60.0) -> None:
        self._caller = caller
        self._database = database
        self._clock = clock
        self._lease_s = lease_s
        self._log = structlog.get_logger(__name__)

    def run(
        self,
        source: str,
        target: str,
        *,
        on_progress: Callable[[Carried], None] = lambda _carried: None,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> Carried:
        """Carries what `target` lacks of `source`; `complete` when nothing is on the source alone any more. Raises
        CloudError where one of them can't be listed."""
        carried = Carried()
        lease = Lease(self._database, f"carry-over {source} {target}", seconds=self._lease_s, clock=self._clock)
        if not lease.take():
            carried.busy = True
            return carried
        try:
            with self._database.read() as connection:
                served = serving.history(connection, Capability.BLOBS)
            stopped = False
            for item in Comparer(self._caller, self._database).items(source, target):
                if not (keep_going() and lease.keep()):
                    stopped = True
                    break
                self._one(source, target, item, carried)
                on_progress(carried)
            if not stopped and not carried.failed:
                carried.complete = True
                now = self._clock()
                self._database.run(
                    lambda uow: serving.carried(
                        uow.connection, Capability.BLOBS, source, up_to=served.generation, at=now
                    )
                )
        finally:
            lease.give_back()
        return carried

    def waiting(self, target: str, carried: Carried, keep_going: Callable[[], bool]) -> None:
        """Puts what waits in the journal for another primary onto `target`: then nothing waits for a provider that may
        never come back."""
        after = 0
        while keep_going():
            with self._database.read() as connection:
                batch = [e for e in journal.open_entries(connection, after=after, limit=100)]
            if not batch:
                return
            for entry in batch:
                after = entry.id
                if entry.state != "pending" or entry.primary == target or not keep_going():
                    continue
                try:
                    self._waiting_one(entry, target, carried)
                except CloudError as error:
                    carried.failed += 1
                    carried.last_error = str(error)

    def _waiting_one(self, entry: Entry, target: str, carried: Carried) -> None:
        deadline = _deadline(entry.size)
        with self._database.read() as connection:
            look = places.look(connection, entry.path)
        if look.pending is None or look.pending.id != entry.id:
            return
        now = self._clock()
        generation = self._database.run(lambda uow: serving.begin(uow.connection, Capability.BLOBS, target, at=now))
        if entry.operation == "delete":

            def bury(uow: UnitOfWork) -> None:
                if journal.settle(uow.connection, entry.id, "superseded", at=now, was=("pending",)):
                    places.bury(uow.connection, target, entry.path, at=now, generation=generation)

            there = stat_or_none(self._caller, target, entry.path, deadline)
            self._database.run(bury)
            if there is not None and _is_row(look.rows.get(target), there):
                self._delete(target, entry.path, there.etag, deadline)
            return
        info = BlobInfo(
            entry.path, entry.size, entry.sha256, entry.content_type, entry.metadata, entry.sha256, entry.updated_at
        )
        there = stat_or_none(self._caller, target, entry.path, deadline)
        row = look.rows.get(target)
        path, condition = self._where(entry.path, entry.write_id, row, there)
        copied = self._copy(entry.fallback, held_at(entry.write_id), target, path, info, condition, deadline)

        def arrived(uow: UnitOfWork) -> bool:
            state = "superseded" if path == entry.path else "conflict"
            settled = journal.settle(
                uow.connection,
                entry.id,
                state,
                at=now,
                conflict_path=None if path == entry.path else path,
                was=("pending",),
            )
            if settled:
                places.remember(uow.connection, target, copied, at=now, generation=generation)
            return settled

        if self._database.run(arrived):
            drop_held(self._caller, entry, deadline)
            carried.copied += 1
            carried.size += entry.size
            carried.kept_beside += path != entry.path

    def _one(self, source: str, target: str, item: Item, carried: Carried) -> None:
        carried.looked_at += 1
        carried.path = item.path
        if item.standing not in ("missing", "older", "taken"):
            if item.standing == "same":
                self._note_copy(source, target, item)
            return
        try:
            beside = self._carry(source, target, item)
        except CloudNotFound:
            # Deleted on the source since the listing.
            return
        except CloudError as error:
            carried.failed += 1
            carried.last_error = f"{item.path}: {error}"
            self._log.info("cloud.not_carried", source=source, target=target, reason=error.code)
            return
        carried.copied += 1
        carried.size += item.info.size
        if beside is not None:
            carried.kept_beside += 1
            carried.conflicts = [*carried.conflicts[-19:], beside]

    def _carry(self, source: str, target: str, item: Item) -> str | None:
        """Copies one object; answers the path beside somebody else's, if it had to go there. What is written or
        deleted meanwhile counts, and not our copy."""
        path, info, deadline = item.path, replace(item.info, path=item.path), _deadline(item.info.size)
        known = self._expect(source, target, item)
        write_id = info.metadata.get(journal.WRITE_ID, "") or info.sha256
        if item.standing == "taken":
            where, condition = _beside(path, write_id), Condition()
        else:
            etag = item.target.etag if item.target else ""
            where, condition = path, Condition("etag", etag) if etag else Condition("absent")
        try:
            copied = self._copy(source, path, target, where, info, condition, deadline)
        except (CloudAlreadyExists, CloudPrecondition):
            there = stat_or_none(self._caller, target, path, deadline)
            if there is None or not is_same(there, info):
                raise
            # Our own first try, whose answer was lost; or another run's.
            copied = there

        def note(uow: UnitOfWork) -> bool:
            now = self._clock()
            row = places.look(uow.connection, path).newest(source)
            if row is None or (row.provider, row.generation, row.etag, row.deleted) != (
                source,
                known.generation,
                known.etag,
                False,
            ):
                return False
            if where != path:
                # Theirs is the path's state from now on; ours has a name of its own.
                places.drop(uow.connection, source, path)
                if item.target is not None:
                    theirs = replace(item.target, path=path)
                    places.remember(uow.connection, target, theirs, at=now, generation=known.generation, copy=True)
            places.remember(uow.connection, target, copied, at=now, generation=known.generation, copy=where == path)
            return True

        if not self._database.run(note):
            # Written or deleted by somebody while we copied: the copy is of an earlier state, and goes again.
            self._delete(target, where, copied.etag, deadline)
            return None
        return where if where != path else None

    def _expect(self, source: str, target: str, item: Item) -> KnownObject:
        """Notes both places before anything is copied, so that a deletion from now on leaves its trace in them."""

        def work(uow: UnitOfWork) -> KnownObject:
            now = self._clock()
            known = places.known(uow.connection, source, item.path)
            if known is None:
                served = serving.newest_term(uow.connection, Capability.BLOBS, source)
                info = replace(item.info, path=item.path)
                places.remember(uow.connection, source, info, at=now, generation=max(1, served), copy=True)
                known = places.known(uow.connection, source, item.path)
                assert known is not None
            places.expect(uow.connection, target, item.path, at=now)
            return known

        return self._database.run(work)

    def _note_copy(self, source: str, target: str, item: Item) -> None:
        """The same bytes are on both: the target's count as the source's do."""
        known, there = item.known, item.target
        if known is None or there is None:
            return

        def work(uow: UnitOfWork) -> None:
            look = places.look(uow.connection, item.path)
            row, other = look.rows.get(source), look.rows.get(target)
            if row == known and (other is None or other.generation < row.generation):
                info = replace(there, path=item.path)
                places.remember(uow.connection, target, info, at=self._clock(), generation=row.generation, copy=True)

        self._database.run(work)

    def _where(
        self, path: str, write_id: str, row: KnownObject | None, there: BlobInfo | None
    ) -> tuple[str, Condition]:
        if there is None:
            return path, Condition("absent")
        if _is_row(row, there):
            return path, Condition("etag", there.etag)
        return _beside(path, write_id), Condition()

    def _copy(
        self,
        source: str,
        held: str,
        target: str,
        path: str,
        info: BlobInfo,
        condition: Condition,
        deadline: Deadline,
    ) -> BlobInfo:
        """From one to the other, checked against the sha256 where the source has one."""
        with ExitStack() as stack:

            def fetch(store: BlobStore, within: Deadline) -> Spooled:
                with store.open(held, deadline=within) as (_info, chunks):
                    return stack.enter_context(spooled(chunks, most=max(info.size, 1)))

            body, _ = self._caller.on_one(source, Capability.BLOBS, fetch, deadline)
            if body.size != info.size or (info.sha256 and body.sha256 != info.sha256):
                raise CloudCorrupted(f"{source} gave other bytes for {path} than it says.", provider=source)

            def put(store: BlobStore, within: Deadline) -> BlobInfo:
                return store.put(
                    path,
                    body.rewound(),
                    size=body.size,
                    sha256=body.sha256,
                    content_type=info.content_type or "application/octet-stream",
                    metadata=info.metadata,
                    condition=condition,
                    deadline=within,
                )

            made, _ = self._caller.on_one(target, Capability.BLOBS, put, deadline)
        return replace(made, path=path)

    def _delete(self, provider: str, path: str, etag: str, deadline: Deadline) -> None:
        with contextlib.suppress(CloudNotFound, CloudPrecondition):
            self._caller.on_one(
                provider,
                Capability.BLOBS,
                lambda store, within: store.delete(path, condition=Condition("etag", etag), deadline=within),
                deadline,
            )


def _is_row(row: KnownObject | None, there: BlobInfo) -> bool:
    return row is not None and not row.deleted and row.etag == there.etag


def _beside(path: str, write_id: str) -> str:
    return f"{path}.conflict-{write_id[:8]}"


def _deadline(size: int) -> Deadline:
    return Deadline(_ONE_S + 2 * size / 1_000_000)
