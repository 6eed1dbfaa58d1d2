"""The shared state: every write is one transaction of version, head, audit, conflicts and, last, the numbered event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from shared_backend.database.engine import Database
from shared_backend.database.types import to_json
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.lockstep import conflicts, entities, event_log
from shared_backend.lockstep.entities import Entity
from shared_backend.lockstep.event_log import Draft
from shared_backend.lockstep.fields import Fields, diff, flatten, merge_patch, unflatten
from shared_backend.lockstep.idempotency import KEYS_KEPT, prune_keys, remember, replayed
from shared_backend.lockstep.kinds import EntityKind, KindRegister
from shared_backend.lockstep.kinds.base import with_entry_ids
from shared_backend.lockstep.merging import Authorship, Merged, merge
from shared_backend.lockstep.requests import (
    ENTITY_ID,
    MAX_DEPTH,
    SOURCES,
    ConflictSummary,
    SaveAnswer,
    SaveRequest,
    is_too_deep,
)
from shared_backend.lockstep.version_writer import write_version
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import (
    FutureVersion,
    Gone,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    StateConflict,
)


class SharedStateManager:
    """Writes entities. It checks what is written, not who writes: the front door (PortalBridge) checks the actor."""

    def __init__(
        self,
        database: Database,
        kinds: KindRegister,
        *,
        clock: Clock = utc_now,
        max_payload_bytes: int = 262_144,
        on_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self.database = database
        self.kinds = kinds
        self._clock = clock
        self._max_payload_bytes = max_payload_bytes
        self._on_commit = on_commit

    def save(self, request: SaveRequest) -> SaveAnswer:
        """Applies an edit. Raises InvalidInput, PayloadTooLarge, FutureVersion, NotFound, Gone, IdempotencyMismatch,
        or a DatabaseUnavailable; nothing is written then."""
        self._check(request)
        for _attempt in range(3):
            try:
                return self.database.run(lambda uow: self.save_in(uow, request))
            except IntegrityError:
                # Two first writes of one entity, or of one idempotency key, met: the second try sees the first.
                continue
        raise StateConflict("Others are writing the same thing at this moment. Nothing was saved; please try again.")

    def save_in(self, uow: UnitOfWork, request: SaveRequest) -> SaveAnswer:
        """The same within a transaction that the caller has open; the event is numbered here, so call it last."""
        kind = self.kinds.get(request.kind)
        head = self._locked_head(uow, request)
        answered = replayed(uow.connection, request)
        if answered:
            return answered
        now = self._clock()
        before, merged, data = self._merged(uow.connection, kind, request, head)
        if not merged.changed and not merged.collisions and head is not None:
            return self._nothing_to_do(uow, request, head, now)
        version = head.version if head else 0
        if merged.changed or head is None:
            version = write_version(
                uow.connection,
                kind,
                request,
                head=head,
                before=before,
                after=merged.fields,
                data=data,
                changed=merged.changed,
                at=now,
            )
        return self._finish(uow, kind, request, merged, version, version > (head.version if head else 0), now)

    def save_all(self, requests: list[SaveRequest]) -> SaveAnswer:
        """Applies several edits in one transaction, all or none, and answers as the last one did."""
        for request in requests:
            self._check(request)

        def work(uow: UnitOfWork) -> SaveAnswer:
            answer: SaveAnswer | None = None
            # All heads before the first event: whoever holds the log's counter must wait for nobody, or a writer of
            # one of the later heads and this one wait for each other.
            for request in sorted(requests, key=lambda asked: (asked.kind, asked.entity_id)):
                if uow.dialect == "postgresql":
                    self._locked_head(uow, request)
            for request in requests:
                answer = self.save_in(uow, request)
            if answer is None:
                raise InvalidInput("There is nothing to save.")
            return answer

        return self.database.run(work)

    def forget_keys(self) -> int:
        """Forgets the answers under idempotency keys that are older than KEYS_KEPT; answers how many."""
        return self.database.run(lambda uow: prune_keys(uow, self._clock() - KEYS_KEPT))

    def now(self) -> datetime:
        """The time by the clock that versions are dated with."""
        return self._clock()

    def delete(self, request: SaveRequest) -> SaveAnswer:
        """Writes a tombstone; `undelete` takes it back. Deleting what is deleted changes nothing."""
        return self._transition(replace(request, action="delete", data={}), self._tombstone)

    def undelete(self, request: SaveRequest) -> SaveAnswer:
        """Brings back the state before the tombstone, as a new version."""
        return self._transition(replace(request, action="undelete", data={}), self._revival)

    def restore(self, request: SaveRequest, version: int) -> SaveAnswer:
        """Brings back an earlier version, as a new one. Raises NotFound for a version that never was, and Gone for
        one that is a tombstone."""
        asked = replace(request, action="restore", data={"version": version})
        return self._transition(asked, lambda c, head: self._earlier(c, head, version))

    def _transition(
        self, request: SaveRequest, target: Callable[[Connection, Entity], tuple[dict[str, Any], bool] | None]
    ) -> SaveAnswer:
        self._check(request)

        def work(uow: UnitOfWork) -> SaveAnswer:
            kind = self.kinds.get(request.kind)
            head = self._locked_head(uow, request)
            answered = replayed(uow.connection, request)
            if answered:
                return answered
            if head is None:
                raise NotFound(f"There is no {kind.title} {request.entity_id!r}.")
            now = self._clock()
            wanted = target(uow.connection, head)
            if wanted is None:
                return self._nothing_to_do(uow, request, head, now)
            data, deleted = wanted
            before, after = flatten(head.data), flatten(data)
            changed = [change.path for change in diff(before, after)]
            if not changed and deleted == head.deleted:
                return self._nothing_to_do(uow, request, head, now)
            version = write_version(
                uow.connection,
                kind,
                replace(request, base_version=head.version),
                head=head,
                before=before,
                after=after,
                data=data,
                changed=changed,
                at=now,
                deleted=deleted,
            )
            return self._finish(uow, kind, request, Merged(after, changed), version, True, now)

        return self.database.run(work)

    def _tombstone(self, _connection: Connection, head: Entity) -> tuple[dict[str, Any], bool] | None:
        return None if head.deleted else ({}, True)

    def _revival(self, connection: Connection, head: Entity) -> tuple[dict[str, Any], bool] | None:
        if not head.deleted:
            return None
        alive = entities.last_alive(connection, head.kind, head.id)
        return (alive.data if alive else {}, False)

    def _earlier(self, connection: Connection, head: Entity, number: int) -> tuple[dict[str, Any], bool]:
        found = entities.version(connection, head.kind, head.id, number)
        if found is None:
            raise NotFound(f"There is no version {number}; the newest is {head.version}.")
        if found.deleted:
            raise Gone(f"Version {number} is a deletion. Choose the version before it.")
        return found.data, False

    def _check(self, request: SaveRequest) -> None:
        self.kinds.get(request.kind)
        if not isinstance(request.entity_id, str) or not ENTITY_ID.fullmatch(request.entity_id):
            raise InvalidInput("An id is 1 to 128 letters, digits and . _ @ : + - without spaces.")
        if request.source not in SOURCES:
            raise InvalidInput(f"{request.source!r} is not a source. Use one of {', '.join(SOURCES)}.")
        if not isinstance(request.data, dict):
            raise InvalidInput(f"The data of a save is a dictionary of fields, not {type(request.data).__name__}.")
        if is_too_deep(request.data):
            raise InvalidInput(f"The data is nested more than {MAX_DEPTH} levels deep. Nothing was saved.")
        base = request.base_version
        if base is not None and (not isinstance(base, int) or isinstance(base, bool) or base < 0):
            raise InvalidInput("base_version is the number of the version that the edit started from: 0, 1, 2, …")
        key = request.idempotency_key
        if key is not None and (not isinstance(key, str) or not 1 <= len(key) <= 200 or not key.isprintable()):
            raise InvalidInput("An idempotency key is 1 to 200 printable characters.")
        correlation = request.correlation_id
        if not isinstance(correlation, str) or len(correlation) > 40 or not correlation.isprintable():
            raise InvalidInput("A correlation id is up to 40 printable characters.")
        try:
            size = len(to_json(request.data).encode())
        except (TypeError, ValueError, UnicodeEncodeError, RecursionError) as error:
            raise InvalidInput(f"The data can't be written as JSON: {error}.") from None
        if size > self._max_payload_bytes:
            raise PayloadTooLarge(
                f"This save has {size:,} bytes; the limit is {self._max_payload_bytes:,}. Nothing was saved. "
                "Shorten the texts, or save it in parts."
            )

    def _locked_head(self, uow: UnitOfWork, request: SaveRequest) -> Entity | None:
        """The head, held until the commit. Writers of one entity queue here: the log's counter is held only briefly."""
        lock = uow.dialect == "postgresql"
        head = entities.head(uow.connection, request.kind, request.entity_id, lock=lock)
        if head is None and lock:
            # There is no row to lock yet: two creators must still queue.
            name = f"{request.kind}:{request.entity_id}"
            uow.connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
            head = entities.head(uow.connection, request.kind, request.entity_id, lock=True)
        return head

    def _merged(
        self, connection: Connection, kind: EntityKind, request: SaveRequest, head: Entity | None
    ) -> tuple[Fields, Merged, dict[str, Any]]:
        """The head's fields, the state after the edit, and its data, checked."""
        version = head.version if head else 0
        base_version = version if request.base_version is None else request.base_version
        if head is None and base_version > 0:
            raise NotFound(f"There is no {kind.title} {request.entity_id!r}, so nothing of it could be edited.")
        if base_version > version:
            raise FutureVersion(
                f"The edit says it starts from version {base_version}, but the newest is {version}. "
                "Reload and try again."
            )
        if head is not None and head.deleted:
            who = f" by {head.updated_by_name}" if head.updated_by_name else ""
            raise Gone(f"This {kind.title} was deleted{who}. Nothing was saved; undo the deletion first.")
        base_data = self._base_data(connection, request, head, base_version)
        patch = with_entry_ids(kind.shorthand(request.data), base_data)
        wanted = kind.validate(merge_patch(base_data, patch))
        before, target = flatten(head.data) if head else {}, flatten(wanted)
        current = base_version == version
        merged = merge(
            before if current else flatten(base_data),
            before,
            target,
            mine=request.authorship,
            author_of=self._authors(connection, request, base_version, version),
            override=request.override,
        )
        if current and merged.fields == target:
            return before, merged, wanted
        # What is stored is what `changed` tells of: the merge leaves out entries that hold nothing but an id. And two
        # valid edits may add up to an invalid whole (a list grown too long).
        data = kind.validate(unflatten(merged.fields)) if merged.changed or head is None else {}
        return before, merged, data

    def _base_data(
        self, connection: Connection, request: SaveRequest, head: Entity | None, base_version: int
    ) -> dict[str, Any]:
        if base_version == 0 or head is None:
            return {}
        if base_version == head.version:
            return head.data
        found = entities.version(connection, request.kind, request.entity_id, base_version)
        assert found is not None, "versions are contiguous"
        return found.data

    def _authors(
        self, connection: Connection, request: SaveRequest, base_version: int, version: int
    ) -> Callable[[str], Authorship]:
        between: list[entities.VersionInfo] | None = None

        def author_of(path: str) -> Authorship:
            nonlocal between
            if between is None:
                between = entities.versions_between(connection, request.kind, request.entity_id, base_version, version)
            found = next((v for v in between if path in v.changed), between[0])
            return Authorship(found.author_id, found.author_name, found.source, found.authority)

        return author_of

    def _finish(
        self,
        uow: UnitOfWork,
        kind: EntityKind,
        request: SaveRequest,
        merged: Merged,
        version: int,
        wrote: bool,
        now: datetime,
    ) -> SaveAnswer:
        """Keeps the conflicts and numbers the events: the last thing in the transaction."""
        drafts: list[Draft] = []
        summary = None
        if wrote:
            verb = {"delete": "delete", "undelete": "restore"}.get(request.action, "update")
            told: dict[str, Any] = {"action": request.action, "changed": merged.changed}
            if kind.events == "user":
                told["user_id"] = request.entity_id
            drafts.append(Draft(f"{kind.events}_{verb}", request.source, told, kind.name, request.entity_id, version))
        if merged.collisions:
            summary = self._keep_conflicts(uow.connection, kind, request, merged, version, now)
            told = {"kind": kind.name, "entity_id": request.entity_id, "fields": summary.fields, "ids": summary.ids}
            drafts.append(Draft("conflict_opened", request.source, told, "conflict", request.entity_id))
        actor = request.actor
        cursor = event_log.append(
            uow, drafts, actor_id=actor.id, actor_name=actor.name, at=now, correlation_id=request.correlation_id
        )
        seq = cursor.seq - len(drafts) + 1
        answer = SaveAnswer(version, seq, cursor.epoch, merged.changed, summary)
        remember(uow.connection, request, answer, now)
        uow.after_commit(self._on_commit)
        return answer

    def _keep_conflicts(
        self,
        connection: Connection,
        kind: EntityKind,
        request: SaveRequest,
        merged: Merged,
        version: int,
        now: datetime,
    ) -> ConflictSummary:
        ids = conflicts.keep(
            connection,
            merged.collisions,
            kind=kind.name,
            entity_id=request.entity_id,
            mine=request.authorship,
            base_version=request.base_version or 0,
            version=version,
            at=now,
        )
        won = {collision.mine_wins for collision in merged.collisions}
        kept = "both" if len(won) == 2 else "mine" if True in won else "theirs"
        return ConflictSummary([collision.path for collision in merged.collisions], ids, kept)

    def _nothing_to_do(self, uow: UnitOfWork, request: SaveRequest, head: Entity, now: datetime) -> SaveAnswer:
        where = event_log.position(uow.connection)
        answer = SaveAnswer(head.version, where.seq, where.epoch)
        remember(uow.connection, request, answer, now)
        return answer
