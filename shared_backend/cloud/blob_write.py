"""One write of a blob: to its primary, or by the journal to the fallback."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shared_backend.cloud import journal
from shared_backend.cloud.blob_reader import Route, held_at
from shared_backend.cloud.contract import BlobInfo, BlobStore, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudAlreadyExists, CloudError, CloudPrecondition, CloudUnavailable
from shared_backend.cloud.journal import WRITE_ID
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.places import Look
from shared_backend.cloud.spool import Spooled

if TYPE_CHECKING:
    from shared_backend.cloud.blob_service import BlobService


class BlobWrite:
    """One write's bytes and what belongs to them, wherever they go."""

    def __init__(
        self,
        service: BlobService,
        route: Route,
        path: str,
        body: Spooled,
        content_type: str,
        tags: dict[str, str],
        generation: int,
        deadline: Deadline,
    ) -> None:
        self._service = service
        self._primary = route[0]
        self._path = path
        self._body = body
        self._content_type = content_type
        self._tags = tags
        self._generation = generation
        self._deadline = deadline

    def on_fallback(
        self, look: Look, condition: Condition, fallback: str, attempts: int, note: str
    ) -> Outcome[BlobInfo]:
        """Intent, bytes, pending: in this order, so that a crash between leaves what reconciling can settle."""
        service, path = self._service, self._path
        service._judge(self._primary, path, condition, look)
        entry = service._database.run(
            lambda uow: journal.begin(
                uow.connection,
                write_id=self._tags[WRITE_ID],
                operation="put",
                path=path,
                primary=self._primary,
                fallback=fallback,
                sha256=self._body.sha256,
                size=self._body.size,
                content_type=self._content_type,
                metadata=self._tags,
                generation=self._generation,
                at=service._now(),
            )
        )
        held = held_at(self._tags[WRITE_ID])
        info, more = self.put(fallback, held, Condition(), self._deadline)
        try:
            if not service._settle_pending(entry, self._primary, path, condition):
                raise given_up()
        except CloudError:
            # The compare pass may have looked for this copy before it was there.
            service._remove_copy(fallback, held, self._deadline)
            raise
        return Outcome(
            replace(info, path=path, etag=info.sha256),
            fallback,
            degraded=True,
            durable_at=(fallback,),
            pending_sync=True,
            attempts=attempts + more,
            elapsed_ms=self._deadline.elapsed_ms,
            notes=(note,),
        )

    def put(self, name: str, path: str, condition: Condition, deadline: Deadline) -> tuple[BlobInfo, int]:
        """To one provider. Answers what it has, and the number of attempts."""
        body, tags, caller = self._body, self._tags, self._service._caller

        def put(store: BlobStore, within: Deadline) -> BlobInfo:
            return store.put(
                path,
                body.rewound(),
                size=body.size,
                sha256=body.sha256,
                content_type=self._content_type,
                metadata=tags,
                condition=condition,
                deadline=within,
            )

        try:
            return caller.on_one(name, Capability.BLOBS, put, deadline)
        except (CloudAlreadyExists, CloudPrecondition):
            # A retry after a lost answer meets its own first try: the write id says so.
            found, more = caller.on_one(
                name, Capability.BLOBS, lambda store, within: store.stat(path, deadline=within), deadline
            )
            if found.metadata.get(WRITE_ID) == tags[WRITE_ID]:
                return found, more + 1
            raise


def given_up() -> CloudUnavailable:
    """The error of a write whose entry was settled as if its process had died."""
    return CloudUnavailable("It took so long that it was given up. Nothing was changed; try again.")
