"""Blobs over two providers: the primary, and a fallback whose writes are journaled until the primary has them."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO

from shared_backend.cloud import journal
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import BlobInfo, BlobPage, BlobStore, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudAlreadyExists, CloudError, CloudNotFound, CloudPrecondition
from shared_backend.cloud.journal import SHA256, WRITE_ID, Entry
from shared_backend.cloud.names import check_metadata, check_path
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.spool import CHUNK, IN_MEMORY, Spooled, spooled
from shared_backend.database.engine import Database
from shared_backend.utils.clock import Clock, utc_now

_PRIMARY_SHARE = 0.7
# What the fallback holds for the primary has a place of its own, one a write: two writers of one path can't overwrite
# each other there, and what the provider holds in its own right stays apart.
HELD = "pending-sync/"
MOST_BYTES = 5 * 1024**3


class BlobService:
    """Reads and writes blobs by a route (primary, fallback or None) that the caller names on each call."""

    def __init__(self, caller: Caller, database: Database, *, clock: Clock = utc_now) -> None:
        self._caller = caller
        self._database = database
        self._clock = clock

    def put(
        self,
        route: tuple[str, str | None],
        path: str,
        source: bytes | BinaryIO | Iterable[bytes],
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        condition: Condition = Condition(),  # noqa: B008  (frozen)
        deadline: Deadline,
    ) -> Outcome[BlobInfo]:
        """Stores a blob; when this returns, its bytes are durable where `durable_at` says. Raises CloudError."""
        check_path(path)
        write_id = str(uuid.uuid4())
        with spooled(source, most=MOST_BYTES) as body:
            tags = {**check_metadata(dict(metadata or {})), WRITE_ID: write_id, SHA256: body.sha256}
            primary, fallback = route
            pending = self._pending(path) if fallback else None
            if pending is not None and fallback:
                # Behind a write that has yet to reach the primary: in order, or the older one would win.
                note = f"{primary} has yet to take an earlier write of this path"
                return self._on_fallback(
                    primary, fallback, path, body, content_type, tags, condition, deadline, 0, note
                )
            try:
                first = deadline.slice(_PRIMARY_SHARE) if fallback else deadline
                info, attempts = self._put(primary, path, body, content_type, tags, condition, first)
            except CloudError as error:
                if fallback is None or not error.may_fail_over:
                    raise
                note = f"{primary}: {error}"
                return self._on_fallback(
                    primary, fallback, path, body, content_type, tags, condition, deadline, error.attempts, note
                )
            self._remember(primary, info)
            return Outcome(info, primary, durable_at=(primary,), attempts=attempts, elapsed_ms=deadline.elapsed_ms)

    def get(self, route: tuple[str, str | None], path: str, *, deadline: Deadline) -> Outcome[bytes]:
        """A blob's bytes. Raises CloudNotFound, CloudCorrupted, CloudUnavailable."""
        with self.open(route, path, deadline=deadline) as outcome:
            return outcome.with_value(b"".join(outcome.value[1]))

    @contextmanager
    def open(
        self, route: tuple[str, str | None], path: str, *, deadline: Deadline
    ) -> Iterator[Outcome[tuple[BlobInfo, Iterator[bytes]]]]:
        """A blob and its bytes in chunks. They are read whole and checked before the first one is given, so that nobody
        is handed half a file, or a corrupted one."""
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:

            def read(store: BlobStore, where: str, within: Deadline) -> BlobInfo:
                file.seek(0)
                file.truncate()
                with store.open(where, deadline=within) as (info, chunks):
                    for chunk in chunks:
                        file.write(chunk)
                return info

            outcome = self._read(route, path, read, deadline)
            file.seek(0)
            info = replace(outcome.value, path=path)
            yield outcome.with_value((info, iter(lambda: file.read(CHUNK), b"")))

    def stat(self, route: tuple[str, str | None], path: str, *, deadline: Deadline) -> Outcome[BlobInfo]:
        """A blob without its bytes."""
        found = self._read(route, path, lambda store, where, within: store.stat(where, deadline=within), deadline)
        return found.with_value(replace(found.value, path=path))

    def delete(
        self,
        route: tuple[str, str | None],
        path: str,
        *,
        condition: Condition = Condition(),  # noqa: B008  (frozen)
        deadline: Deadline,
    ) -> Outcome[None]:
        """Deletes a blob; while the primary is away, by a tombstone in the journal."""
        check_path(path)
        primary, fallback = route
        pending = self._pending(path) if fallback else None
        if pending is not None and pending.operation == "delete":
            raise CloudNotFound(f"There is no {path}.")
        if pending is None:
            try:
                first = deadline.slice(_PRIMARY_SHARE) if fallback else deadline
                _, attempts = self._caller.on_one(
                    primary,
                    Capability.BLOBS,
                    lambda store, within: store.delete(path, condition=condition, deadline=within),
                    first,
                )
            except CloudError as error:
                if fallback is None or not error.may_fail_over:
                    raise
                note = f"{primary}: {error}"
            else:
                self._database.run(lambda uow: journal.forget(uow.connection, primary, path))
                return Outcome(None, primary, durable_at=(primary,), attempts=attempts, elapsed_ms=deadline.elapsed_ms)
        else:
            note = f"{primary} has yet to take an earlier write of this path"
        assert fallback is not None
        self._judge(primary, path, condition, pending)
        return self._tombstone(primary, fallback, path, deadline, note)

    def list(
        self, route: tuple[str, str | None], prefix: str, *, after: str | None, limit: int, deadline: Deadline
    ) -> Outcome[BlobPage]:
        """A page of blobs in path order, with what the fallback holds for the primary in its place."""
        primary, fallback = route
        with self._database.read() as connection:
            pending = journal.pending_below(connection, prefix) if fallback else []
        outcome = self._caller.either(
            primary,
            fallback,
            Capability.BLOBS,
            lambda store, within: store.list(prefix, after=after, limit=limit, deadline=within),
            deadline,
        )
        page = outcome.value
        merged = {info.path: info for info in page.items if not info.path.startswith(HELD)}
        last = page.after
        for entry in pending:
            if (after is not None and entry.path <= after) or (last is not None and entry.path > last):
                continue
            if entry.operation == "delete":
                merged.pop(entry.path, None)
            else:
                merged[entry.path] = _info_of(entry)
        items = [merged[path] for path in sorted(merged)]
        return replace(outcome.with_value(BlobPage(items, last)), pending_sync=bool(pending))

    def link(self, route: tuple[str, str | None], path: str, *, seconds: int, deadline: Deadline) -> Outcome[str]:
        """An address that downloads the blob without credentials for that long."""
        return self._read(
            route, path, lambda store, where, within: store.link(where, seconds=seconds, deadline=within), deadline
        )

    def _read(self, route: tuple[str, str | None], path: str, read: Any, deadline: Deadline) -> Outcome[Any]:
        check_path(path)
        primary, fallback = route
        pending = self._pending(path) if fallback else None
        if pending is not None:
            if pending.operation == "delete":
                raise CloudNotFound(f"There is no {path}.")
            held = held_at(pending.write_id)
            value, attempts = self._caller.on_one(
                pending.fallback, Capability.BLOBS, lambda store, within: read(store, held, within), deadline
            )
            note = f"{primary} has yet to take it"
            return Outcome(
                value,
                pending.fallback,
                degraded=True,
                durable_at=(pending.fallback,),
                pending_sync=True,
                attempts=attempts,
                elapsed_ms=deadline.elapsed_ms,
                notes=(note,),
            )
        # Only what is pending is on the fallback: it can't stand in for a primary that is away, and must not say
        # "not found" of what it never had.
        value, attempts = self._caller.on_one(
            primary, Capability.BLOBS, lambda store, within: read(store, path, within), deadline
        )
        return Outcome(value, primary, durable_at=(primary,), attempts=attempts, elapsed_ms=deadline.elapsed_ms)

    def _on_fallback(
        self,
        primary: str,
        fallback: str,
        path: str,
        body: Spooled,
        content_type: str,
        tags: dict[str, str],
        condition: Condition,
        deadline: Deadline,
        attempts: int,
        note: str,
    ) -> Outcome[BlobInfo]:
        """Intent, bytes, pending: in this order, so that a crash between leaves what reconciling can settle."""
        self._judge(primary, path, condition, self._pending(path))
        entry = self._database.run(
            lambda uow: journal.begin(
                uow.connection,
                write_id=tags[WRITE_ID],
                operation="put",
                path=path,
                primary=primary,
                fallback=fallback,
                sha256=body.sha256,
                size=body.size,
                content_type=content_type,
                metadata=tags,
                at=self._now(),
            )
        )
        held = held_at(tags[WRITE_ID])
        info, more = self._put(fallback, held, body, content_type, tags, Condition(), deadline)
        self._settle_pending(entry)
        return Outcome(
            replace(info, path=path, etag=info.sha256),
            fallback,
            degraded=True,
            durable_at=(fallback,),
            pending_sync=True,
            attempts=attempts + more,
            elapsed_ms=deadline.elapsed_ms,
            notes=(note,),
        )

    def _tombstone(self, primary: str, fallback: str, path: str, deadline: Deadline, note: str) -> Outcome[None]:
        entry = self._database.run(
            lambda uow: journal.begin(
                uow.connection,
                write_id=str(uuid.uuid4()),
                operation="delete",
                path=path,
                primary=primary,
                fallback=fallback,
                at=self._now(),
            )
        )
        self._settle_pending(entry)
        return Outcome(
            None,
            fallback,
            degraded=True,
            durable_at=(fallback,),
            pending_sync=True,
            elapsed_ms=deadline.elapsed_ms,
            notes=(note,),
        )

    def _settle_pending(self, entry: int) -> None:
        self._database.run(lambda uow: journal.settle(uow.connection, entry, "pending", at=self._now()))

    def _judge(self, primary: str, path: str, condition: Condition, pending: Entry | None) -> None:
        """A condition while the primary is away: judged by what we know of it, settled for good at reconciling."""
        if condition.kind == "any":
            return
        with self._database.read() as connection:
            known = journal.known(connection, primary, path)
        exists = pending.operation == "put" if pending else known is not None
        if condition.kind == "absent" and exists:
            raise CloudAlreadyExists(f"There is a {path} already.")
        if condition.kind == "etag":
            etag = pending.sha256 if pending and pending.operation == "put" else known.etag if known else None
            if condition.etag != etag:
                raise CloudPrecondition()

    def _put(
        self,
        name: str,
        path: str,
        body: Spooled,
        content_type: str,
        tags: dict[str, str],
        condition: Condition,
        deadline: Deadline,
    ) -> tuple[BlobInfo, int]:
        def put(store: BlobStore, within: Deadline) -> BlobInfo:
            return store.put(
                path,
                body.rewound(),
                size=body.size,
                sha256=body.sha256,
                content_type=content_type,
                metadata=tags,
                condition=condition,
                deadline=within,
            )

        try:
            return self._caller.on_one(name, Capability.BLOBS, put, deadline)
        except (CloudAlreadyExists, CloudPrecondition):
            # A retry after a lost answer meets its own first try: the write id says so.
            found, more = self._caller.on_one(
                name, Capability.BLOBS, lambda store, within: store.stat(path, deadline=within), deadline
            )
            if found.metadata.get(WRITE_ID) == tags[WRITE_ID]:
                return found, more + 1
            raise

    def _pending(self, path: str) -> Entry | None:
        with self._database.read() as connection:
            return journal.pending_of(connection, path)

    def _remember(self, provider: str, info: BlobInfo) -> None:
        self._database.run(lambda uow: journal.remember(uow.connection, provider, info, at=self._now()))

    def _now(self) -> datetime:
        return self._clock()


def held_at(write_id: str) -> str:
    """Where the fallback holds the bytes of a journaled write."""
    return f"{HELD}{write_id}"


def _info_of(entry: Entry) -> BlobInfo:
    return BlobInfo(
        path=entry.path,
        size=entry.size,
        sha256=entry.sha256,
        content_type=entry.content_type,
        metadata=entry.metadata,
        etag=entry.sha256,
        modified_at=entry.updated_at,
    )
