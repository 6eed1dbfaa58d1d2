"""Reading blobs wherever their newest state is: pending in the journal, on the primary, or on who served before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from shared_backend.cloud import journal, places, serving
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import BlobInfo, BlobPage, BlobStore, Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError, CloudInvalid, CloudNotFound, CloudUnavailable
from shared_backend.cloud.journal import WRITE_ID, Entry
from shared_backend.cloud.listeners import Listeners
from shared_backend.cloud.listing import Listing
from shared_backend.cloud.names import HELD, check_path
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.places import KnownObject, Look
from shared_backend.cloud.serving import Serving
from shared_backend.cloud.spool import CHUNK, spool
from shared_backend.cloud.write_ids import WriteIds
from shared_backend.database.engine import Database
from shared_backend.database.quick import Quick
from shared_backend.utils.clock import Clock, utc_now

Route = tuple[str, str | None]


def held_at(write_id: str) -> str:
    """Where the fallback holds the bytes of a journaled write."""
    return f"{HELD}{write_id}"


def check_own(path: str) -> str:
    """A path that a caller may use. Raises CloudInvalid for one that is ours."""
    check_path(path)
    if f"{path}/".startswith(HELD):
        raise CloudInvalid(f"{HELD} is where writes wait for their provider. Use another path.")
    return path


class BlobReader:
    """Reads blobs by a route (primary, fallback or None) that the caller names on each call."""

    def __init__(
        self,
        caller: Caller,
        database: Database,
        *,
        clock: Clock = utc_now,
        ids: WriteIds | None = None,
        listeners: Listeners = Listeners(),  # noqa: B008  (frozen)
    ) -> None:
        self._caller = caller
        self._database = database
        self._quick = Quick(database)
        self._clock = clock
        self._ids = ids or WriteIds(database)
        self._listeners = listeners
        self._log = structlog.get_logger(__name__)

    def get(self, route: Route, path: str, *, deadline: Deadline) -> Outcome[bytes]:
        """A blob's bytes. Raises CloudNotFound, CloudCorrupted, CloudUnavailable."""

        def read(store: BlobStore, where: str, within: Deadline) -> bytes:
            with store.open(where, deadline=within) as (_info, chunks):
                return b"".join(chunks)

        return self._read(route, path, read, deadline)

    @contextmanager
    def open(
        self, route: Route, path: str, *, deadline: Deadline
    ) -> Iterator[Outcome[tuple[BlobInfo, Iterator[bytes]]]]:
        """A blob and its bytes in chunks. They are read whole and checked before the first one is given, so that nobody
        is handed half a file, or a corrupted one."""
        with spool() as file:

            def read(store: BlobStore, where: str, within: Deadline) -> BlobInfo:
                file.seek(0)
                file.truncate()
                with store.open(where, deadline=within) as (info, chunks):
                    for chunk in chunks:
                        file.write(chunk)
                file.whole()
                return info

            outcome = self._read(route, path, read, deadline)
            file.seek(0)
            info = replace(outcome.value, path=path)
            yield outcome.with_value((info, iter(lambda: file.read(CHUNK), b"")))

    def stat(self, route: Route, path: str, *, deadline: Deadline) -> Outcome[BlobInfo]:
        """A blob without its bytes."""
        found = self._read(route, path, lambda store, where, within: store.stat(where, deadline=within), deadline)
        return found.with_value(replace(found.value, path=path))

    def link(self, route: Route, path: str, *, seconds: int, deadline: Deadline) -> Outcome[str]:
        """An address that downloads the blob without credentials for that long."""
        return self._read(
            route, path, lambda store, where, within: store.link(where, seconds=seconds, deadline=within), deadline
        )

    def list(
        self, route: Route, prefix: str, *, after: str | None, limit: int, deadline: Deadline
    ) -> Outcome[BlobPage]:
        """A page of blobs in path order: the primary's, with what waits in the journal and what only those have who
        served before. While one of them is away, what we know of it stands for it, and the notes say so."""
        return Listing(self._caller, self._database, hidden=HELD, is_by_us=self._is_by_us).page(
            route[0], prefix, after=after, limit=limit, deadline=deadline
        )

    def _read(self, route: Route, path: str, read: Any, deadline: Deadline) -> Outcome[Any]:
        check_own(path)
        primary = route[0]
        look = self._look(path)
        if look.pending is not None:
            return self._read_held(look.pending, path, read, deadline)
        newest = look.newest(primary)
        if newest is None or newest.provider == primary:
            if newest is not None and newest.deleted and self._buried(primary, path, deadline) is not None:
                raise CloudNotFound(f"There is no {path}.")
            try:
                value, attempts = self._on(primary, path, read, deadline)
            except CloudNotFound:
                # The primary's word is the last where the newest state was written there.
                if newest is not None:
                    raise
                return self._read_formers(primary, path, read, deadline)
            return Outcome(value, primary, durable_at=(primary,), attempts=attempts, elapsed_ms=deadline.elapsed_ms)
        if newest.deleted:
            raise CloudNotFound(f"There is no {path}.")
        value, attempts = self._on(newest.provider, path, read, deadline)
        return _from_elsewhere(value, newest.provider, primary, attempts, deadline)

    def _read_held(self, pending: Entry, path: str, read: Any, deadline: Deadline) -> Outcome[Any]:
        if pending.operation == "delete":
            raise CloudNotFound(f"There is no {path}.")
        value, attempts = self._on(pending.fallback, held_at(pending.write_id), read, deadline)
        return Outcome(
            value,
            pending.fallback,
            degraded=True,
            durable_at=(pending.fallback,),
            pending_sync=True,
            attempts=attempts,
            elapsed_ms=deadline.elapsed_ms,
            notes=(f"{pending.primary} has yet to take it",),
        )

    def _read_formers(self, primary: str, path: str, read: Any, deadline: Deadline) -> Outcome[Any]:
        """From who served before: CloudNotFound only when all of them say so."""
        for name in self._formers(primary):
            try:
                value, attempts = self._on(name, path, read, deadline)
            except CloudNotFound:
                continue
            except CloudError as error:
                raise _can_not_say(path, primary, name, error) from error
            return _from_elsewhere(value, name, primary, attempts, deadline)
        raise CloudNotFound(f"There is no {path}.", provider=primary)

    def _elsewhere(self, look: Look, primary: str, path: str, deadline: Deadline) -> tuple[str, BlobInfo] | None:
        """Who has the newest state where the primary does not, and what it has."""
        newest = look.newest(primary)
        if newest is not None and (newest.deleted or newest.provider == primary):
            return None
        for name in (newest.provider,) if newest else self._formers(primary):
            try:
                return name, self._stat_on(name, path, deadline)
            except CloudNotFound:
                continue
            except CloudError as error:
                raise _can_not_say(path, primary, name, error) from error
        return None

    def _buried(self, primary: str, path: str, deadline: Deadline) -> BlobInfo | None:
        """What the primary still holds of ours under a path that we deleted: an earlier state that was not removed,
        and never what the path has now. None where nothing is there, or what somebody else has put there since."""
        try:
            found = self._stat_on(primary, path, deadline)
        except CloudNotFound:
            return None
        return found if self._is_by_us(found) else None

    def _is_by_us(self, found: BlobInfo) -> bool:
        write_id = found.metadata.get(WRITE_ID, "")
        if not write_id or self._ids.ours(write_id):
            return bool(write_id)
        with self._database.read() as connection:
            return journal.is_ours(connection, write_id)

    def _stat_on(self, name: str, path: str, deadline: Deadline) -> BlobInfo:
        found: BlobInfo
        found, _ = self._on(name, path, lambda store, where, within: store.stat(where, deadline=within), deadline)
        return found

    def _on(self, name: str, where: str, read: Any, deadline: Deadline) -> tuple[Any, int]:
        return self._caller.on_one(name, Capability.BLOBS, lambda store, within: read(store, where, within), deadline)

    def _formers(self, primary: str) -> tuple[str, ...]:
        return tuple(name for name in self._served().formers if name != primary)

    def _served(self) -> Serving:
        with self._database.read() as connection:
            return serving.history(connection, Capability.BLOBS)

    def _look(self, path: str) -> Look:
        found = places.quick_look(self._quick, path)
        if found is not None:
            return found
        with self._database.read() as connection:
            return places.look(connection, path)

    def _now(self) -> datetime:
        return self._clock()


def as_known(newest: KnownObject, etag: str) -> bool:
    """Whether an etag is that of what we know; a write that was journaled answered its sha256 as its etag."""
    return bool(etag) and etag in (newest.etag, newest.sha256)


def _from_elsewhere(value: Any, name: str, primary: str, attempts: int, deadline: Deadline) -> Outcome[Any]:
    note = f"{primary} does not have it: it is where it was written, on {name}, and has yet to be carried over"
    return Outcome(
        value,
        name,
        degraded=True,
        durable_at=(name,),
        attempts=attempts,
        elapsed_ms=deadline.elapsed_ms,
        notes=(note,),
    )


def _can_not_say(path: str, primary: str, name: str, error: CloudError) -> CloudError:
    """Not "not found" of what may well be there."""
    return CloudUnavailable(
        f"{path} is not on {primary}, and {name}, which served before, can't be asked: {error}", provider=name
    )
