"""Blobs over two providers: the primary, and a fallback whose writes are journaled until the primary has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import BinaryIO

from shared_backend.cloud import journal, places, serving
from shared_backend.cloud.blob_reader import BlobReader, Route, as_known, check_own, held_at
from shared_backend.cloud.blob_write import BlobWrite, given_up
from shared_backend.cloud.contract import BlobInfo, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudError,
    CloudNotFound,
    CloudPrecondition,
    CloudUnavailable,
)
from shared_backend.cloud.journal import SHA256, WRITE_ID
from shared_backend.cloud.names import check_content_type, check_metadata
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.places import BeforeWriting, Look
from shared_backend.cloud.spool import spooled
from shared_backend.database.unit_of_work import UnitOfWork

__all__ = ["BlobService", "held_at"]

_PRIMARY_SHARE = 0.7
MOST_BYTES = 5 * 1024**3
_ALWAYS = Condition()


class BlobService(BlobReader):
    """Reads and writes blobs by a route (primary, fallback or None) that the caller names on each call."""

    def put(
        self,
        route: Route,
        path: str,
        source: bytes | BinaryIO | Iterable[bytes],
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        condition: Condition = Condition(),  # noqa: B008  (frozen)
        deadline: Deadline,
        before: BeforeWriting | None = None,
    ) -> Outcome[BlobInfo]:
        """Stores a blob; when this returns, its bytes are durable where `durable_at` says. Raises CloudError.
        `before`: what `before_writing` has just answered for the path."""
        check_own(path)
        check_content_type(content_type)
        primary, fallback = route
        with spooled(source, most=MOST_BYTES, with_md5=self._asks_md5(primary)) as body:
            tags = {**check_metadata(dict(metadata or {})), WRITE_ID: self._ids.new(), SHA256: body.sha256}
            # What comes in pieces may have been long in coming.
            known = before if isinstance(source, bytes) else None
            look, generation = self._look_and_generation(primary, path, known)
            pending = look.pending
            write = BlobWrite(self, route, path, body, content_type, tags, generation, deadline)
            if pending is not None and pending.primary == primary:
                # Behind a write that has yet to reach the primary: in order, or the older one would win.
                note = f"{primary} has yet to take an earlier write of this path"
                return write.on_fallback(look, condition, fallback or pending.fallback, 0, note)
            try:
                first = deadline.slice(_PRIMARY_SHARE) if fallback else deadline
                info, attempts = write.put(primary, path, self._there(look, route, path, condition, first), first)
            except CloudError as error:
                if fallback is None or not error.may_fail_over:
                    raise
                note = f"{primary}: {error}"
                return write.on_fallback(look, condition, fallback, error.attempts, note)
            self.remember(primary, info, generation, look, condition)
            return Outcome(info, primary, durable_at=(primary,), attempts=attempts, elapsed_ms=deadline.elapsed_ms)

    def delete(
        self,
        route: Route,
        path: str,
        *,
        condition: Condition = Condition(),  # noqa: B008  (frozen)
        deadline: Deadline,
    ) -> Outcome[None]:
        """Deletes a blob, and what earlier providers still hold of it; while the primary is away, by a tombstone in the
        journal."""
        check_own(path)
        primary, fallback = route
        look, generation = self._look_and_generation(primary, path, None)
        pending = look.pending
        if pending is not None and pending.operation == "delete":
            raise CloudNotFound(f"There is no {path}.")
        if pending is not None and pending.primary == primary:
            note = f"{primary} has yet to take an earlier write of this path"
            return self._tombstone(route, path, look, condition, generation, deadline, note)
        try:
            first = deadline.slice(_PRIMARY_SHARE) if fallback else deadline
            attempts, notes = self._delete(look, primary, path, condition, generation, first)
        except CloudError as error:
            if fallback is None or not error.may_fail_over or error.provider not in ("", primary):
                raise
            return self._tombstone(route, path, look, condition, generation, deadline, f"{primary}: {error}")
        return Outcome(
            None,
            primary,
            durable_at=(primary,),
            attempts=attempts,
            elapsed_ms=deadline.elapsed_ms,
            notes=notes,
        )

    def _delete(
        self, look: Look, primary: str, path: str, condition: Condition, generation: int, deadline: Deadline
    ) -> tuple[int, tuple[str, ...]]:
        """Deletes what the primary has and the newest state, notes that, and then removes what else there is of the
        path."""
        newest, attempts = look.newest(primary), 1
        elsewhere = newest if newest is not None and newest.provider != primary else None
        if look.pending is not None or (elsewhere is not None and elsewhere.deleted):
            # Only the journal has it, or nobody: what providers hold are earlier states.
            self._judge(primary, path, condition, look)
            if look.pending is None:
                raise CloudNotFound(f"There is no {path}.")
            attempts = self._delete_own(primary, path, deadline)
        elif elsewhere is not None:
            try:
                self._check_elsewhere(look, primary, path, condition, deadline)
            except CloudError as error:
                # Unconditionally, it is deleted by noting so; what is there still is removed with the leftovers.
                if condition.kind != "any" or not error.may_fail_over:
                    raise
            attempts = self._delete_own(primary, path, deadline)
        else:
            known = newest if newest is not None and not newest.deleted else None
            if condition.kind == "etag" and known is not None and as_known(known, condition.etag):
                condition = Condition("etag", known.etag)
            try:
                _, attempts = self._caller.on_one(
                    primary,
                    Capability.BLOBS,
                    lambda store, within: store.delete(path, condition=condition, deadline=within),
                    deadline,
                )
            except CloudNotFound:
                if newest is not None or self._check_elsewhere(look, primary, path, condition, deadline) is None:
                    raise
        formers = [name for name in self._formers(primary) if name not in look.rows]

        def note(uow: UnitOfWork) -> None:
            _check_nothing_journaled(uow, path, condition, look)
            if formers or look.pending is not None:
                places.bury(uow.connection, primary, path, at=self._now(), generation=generation)
            else:
                places.forget(uow.connection, primary, path, at=self._now(), generation=generation)

        self._database.run(note)
        return attempts, self._remove_earlier(look, primary, path, formers, deadline)

    def _delete_own(self, primary: str, path: str, deadline: Deadline) -> int:
        """Removes the primary's earlier state, where what is newest is elsewhere: left there, it would be what a read
        finds. Answers the number of attempts."""
        try:
            _, attempts = self._caller.on_one(
                primary,
                Capability.BLOBS,
                lambda store, within: store.delete(path, condition=Condition(), deadline=within),
                deadline,
            )
        except CloudNotFound:
            return 1
        return attempts

    def _check_elsewhere(
        self, look: Look, primary: str, path: str, condition: Condition, deadline: Deadline
    ) -> BlobInfo | None:
        """What another provider has as the newest state, held against the condition. Raises CloudPrecondition."""
        found = self._elsewhere(look, primary, path, deadline)
        if found is not None and condition.kind == "etag" and condition.etag not in (found[1].etag, found[1].sha256):
            raise CloudPrecondition()
        if found is None and look.is_elsewhere(primary) is not None:
            raise CloudNotFound(f"There is no {path}.")
        return found[1] if found else None

    def _remove_earlier(
        self, look: Look, primary: str, path: str, formers: list[str], deadline: Deadline
    ) -> tuple[str, ...]:
        """A deleted CV is to be gone everywhere. What others hold and can't be removed now is no longer shown by
        anything, and is removed with the leftovers."""
        notes = []
        for name in (*look.rows, *formers):
            if name == primary:
                continue
            error = self._remove_copy(name, path, deadline)
            if error is not None:
                notes.append(f"{name} still holds an earlier state of it: {error}")
                continue
            self._database.run(lambda uow, name=name: places.drop(uow.connection, name, path))  # type: ignore[misc]
        return tuple(notes)

    def _tombstone(
        self,
        route: Route,
        path: str,
        look: Look,
        condition: Condition,
        generation: int,
        deadline: Deadline,
        note: str,
    ) -> Outcome[None]:
        primary, fallback = route[0], route[1] or (look.pending.fallback if look.pending else None)
        assert fallback is not None
        self._judge(primary, path, condition, look)
        # Before the transaction: the first id of a database is made in one of its own.
        write_id = self._ids.new()
        entry = self._database.run(
            lambda uow: journal.begin(
                uow.connection,
                write_id=write_id,
                operation="delete",
                path=path,
                primary=primary,
                fallback=fallback,
                generation=generation,
                at=self._now(),
            )
        )
        if not self._settle_pending(entry, primary, path, condition):
            raise given_up()
        formers = [name for name in self._formers(primary) if name not in look.rows]
        return Outcome(
            None,
            fallback,
            degraded=True,
            durable_at=(fallback,),
            pending_sync=True,
            notes=(note, *self._remove_earlier(look, primary, path, formers, deadline)),
            elapsed_ms=deadline.elapsed_ms,
        )

    def _asks_md5(self, name: str) -> bool:
        try:
            return getattr(self._caller.providers.get(name).offer(Capability.BLOBS), "with_md5", False)
        except CloudError:
            # It says so itself when it is called.
            return False

    def before_writing(self, path: str) -> BeforeWriting:
        """What is known of a path: for the route, and for `put` in the same breath. Raises CloudInvalid."""
        return places.quick_before_writing(self._quick, check_own(path), Capability.BLOBS)

    def _look_and_generation(self, primary: str, path: str, before: BeforeWriting | None) -> tuple[Look, int]:
        """What we know of the path, and the generation of what is written now."""
        before = before or self.before_writing(path)
        look = self._look(path) if before.look is None else before.look
        if before.provider == primary:
            return look, before.generation
        generation = self._database.run(
            lambda uow: serving.begin(uow.connection, Capability.BLOBS, primary, at=self._now())
        )
        return look, generation

    def _there(self, look: Look, route: Route, path: str, condition: Condition, deadline: Deadline) -> Condition:
        """The condition as it is to be put to the primary: what is newest may be on another provider, or be known by
        the sha256 that a journaled write answered. Raises CloudAlreadyExists, CloudPrecondition."""
        primary = route[0]
        if condition.kind == "any":
            return condition
        newest = look.newest(primary)
        if look.pending is None and newest is not None and newest.provider == primary:
            if newest.deleted and condition.kind == "absent":
                buried = self._buried(primary, path, deadline)
                return condition if buried is None else Condition("etag", buried.etag)
            ours = condition.kind == "etag" and not newest.deleted and as_known(newest, condition.etag)
            return Condition("etag", newest.etag) if ours else condition
        if look.pending is not None:
            self._judge(primary, path, condition, look)
        else:
            found = self._elsewhere(look, primary, path, deadline)
            if newest is None and found is None:
                return condition
            if condition.kind == "absent" and found is not None:
                raise CloudAlreadyExists(f"There is a {path} already.")
            if condition.kind == "etag" and (found is None or condition.etag not in (found[1].etag, found[1].sha256)):
                raise CloudPrecondition()
        try:
            # What the primary has under this path is an earlier state, and goes.
            return Condition("etag", self._stat_on(primary, path, deadline).etag)
        except CloudNotFound:
            return Condition("absent")

    def _judge(self, primary: str, path: str, condition: Condition, look: Look) -> None:
        """A condition that no provider can be asked about: judged by what we know, settled for good at reconciling.
        Raises CloudAlreadyExists, CloudPrecondition, and CloudUnavailable for the etag of what we know nothing of."""
        if condition.kind == "any":
            return
        pending, newest = look.pending, look.newest(primary)
        if condition.kind == "etag" and pending is None and newest is None:
            # Somebody else's, or a note that was lost: whether it has changed only the primary could say.
            raise CloudUnavailable(
                f"Whether {path} has changed can't be told while {primary} is away. Try again later.", provider=primary
            )
        known = None if newest is None or newest.deleted else newest
        exists = pending.operation == "put" if pending else known is not None
        if condition.kind == "absent" and exists:
            raise CloudAlreadyExists(f"There is a {path} already.")
        if condition.kind == "etag":
            if pending is not None:
                fits = pending.operation == "put" and condition.etag == pending.sha256
            else:
                fits = known is not None and as_known(known, condition.etag)
            if not fits:
                raise CloudPrecondition()

    def _settle_pending(self, entry: int, primary: str, path: str, condition: Condition) -> bool:
        """The moment from which it counts; False where it was given up meanwhile, as if the process had died. The
        condition is judged by what is known now: another may have written since the primary was tried. Raises
        CloudAlreadyExists, CloudPrecondition, and then it never happened."""

        def work(uow: UnitOfWork) -> bool | CloudError:
            if condition.kind != "any":
                places.one_at_a_time(uow.connection, path)
                try:
                    self._judge(primary, path, condition, places.look(uow.connection, path))
                except CloudError as error:
                    journal.settle(uow.connection, entry, "void", at=self._now(), was=("intent",))
                    return error
            settled = journal.settle(uow.connection, entry, "pending", at=self._now(), was=("intent",))
            if settled:
                self._listeners.journaled(uow)
            return settled

        done = self._database.run(work)
        if isinstance(done, CloudError):
            raise done
        return done

    def _remove_copy(self, name: str, path: str, deadline: Deadline) -> CloudError | None:
        """Removes what nothing shows any more; answers why it can't be removed now, and is left to the leftovers."""
        try:
            self._caller.on_one(
                name,
                Capability.BLOBS,
                lambda store, within: store.delete(path, condition=Condition(), deadline=within),
                deadline,
            )
        except CloudNotFound:
            pass
        except CloudError as error:
            self._log.info("cloud.copy_kept", provider=name, reason=error.code)
            return error
        return None

    def remember(
        self, provider: str, info: BlobInfo, generation: int, look: Look, condition: Condition = _ALWAYS
    ) -> None:
        """Notes what a provider holds now. Raises CloudAlreadyExists, CloudPrecondition for a conditional write beside
        which another one was journaled: of the same state of the path only one may make another."""
        if condition.kind != "any":

            def work(uow: UnitOfWork) -> None:
                _check_nothing_journaled(uow, path=info.path, condition=condition, look=look)
                places.remember(uow.connection, provider, info, at=self._now(), generation=generation)

            self._database.run(work)
            return
        # Where it was deleted, a note that gets lost would let what is there now pass for what was to go.
        if look.waiting is None and all(row.provider == provider and not row.deleted for row in look.rows.values()):
            places.quick_remember(self._quick, provider, info, at=self._now(), generation=generation)
            return
        self._database.run(
            lambda uow: places.remember(uow.connection, provider, info, at=self._now(), generation=generation)
        )


def _check_nothing_journaled(uow: UnitOfWork, path: str, condition: Condition, look: Look) -> None:
    """Where a primary took a conditional write while another process, for which it was away, journaled one: that was
    acknowledged and is what will be carried, so this one can't be."""
    if condition.kind == "any":
        return
    places.one_at_a_time(uow.connection, path)
    waiting = places.look(uow.connection, path).waiting
    if waiting is None or (look.waiting is not None and waiting.id == look.waiting.id):
        return
    if condition.kind == "absent":
        raise CloudAlreadyExists(f"There is a {path} already.")
    raise CloudPrecondition()
