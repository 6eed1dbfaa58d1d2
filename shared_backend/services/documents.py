"""Candidates' documents wired to this process: the clouds, the parser's process, the jobs, the portal bridge."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from shared_backend.cloud.errors import CloudError, CloudNotFound
from shared_backend.data_management.intellicv_data_manager import Document, IntelliCVDataManager
from shared_backend.data_management.reading import Reader, Reading, Storage
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.jobs.errors import RetryLater
from shared_backend.jobs.kinds import Handler, JobKind, JobRegister, Recurring
from shared_backend.jobs.run import JobRun

if TYPE_CHECKING:
    from shared_backend.cloud.write_ids import WriteIds
    from shared_backend.data_management.extraction.skill_links import SkillLinker
    from shared_backend.services.backend import Backend
    from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator

PARSE: Final = "documents.parse"
TIDY: Final = "documents.tidy"
_TIDY_EVERY_S: Final = 3600.0
# Blobs in one page of a listing.
_PAGE: Final = 100


class Parser:
    """This process's reader, made when something is first read, and ended with it."""

    def __init__(self, make: Callable[[], Reader]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: Reader | None = None

    def get(self) -> Reader:
        """The one reader."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def close(self) -> None:
        """Ends its processes; the next `get` makes a new one."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.close()


@runtime_checkable
class LinksSkills(Protocol):
    """A reader that ties skills to the taxonomies that are in use, where it is told of them."""

    linker: Callable[[], SkillLinker] | None


class CloudStorage:
    """Documents in the clouds, by the route that is in force. Nothing is told to a cloud but bytes under an id."""

    def __init__(self, cloud: CloudServicesOrchestrator, ids: WriteIds) -> None:
        self._cloud = cloud
        self._ids = ids

    def put(self, path: str, content: bytes) -> None:
        """See Storage."""
        self._cloud.put(content, path)

    def get(self, path: str) -> bytes:
        """See Storage."""
        return self._cloud.get(path).value

    def delete(self, path: str) -> None:
        """See Storage."""
        try:
            self._cloud.delete(path)
        except CloudNotFound:
            # Deleted before, by a call whose answer was lost: what was to be reached is reached.
            return

    def ours(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """See Storage. What others keep in the same container is not told."""
        from shared_backend.cloud.journal import WRITE_ID

        after: str | None = None
        while True:
            page = self._cloud.list(prefix, after=after, limit=_PAGE).value
            for item in page.items:
                if self._ids.ours(item.metadata.get(WRITE_ID, "")):
                    yield item.path, item.modified_at
            after = page.after
            if after is None:
                return


def open_documents(backend: Backend) -> IntelliCVDataManager:
    """The manager of one backend."""

    def storage() -> Storage:
        from shared_backend.cloud.write_ids import WriteIds

        return CloudStorage(backend.cloud, WriteIds(backend.database))

    def ask(uow: UnitOfWork, document_id: str, actor: Actor, source: str) -> Any:
        payload = {"document": document_id}
        return backend.jobs.enqueue_in(uow, PARSE, payload, actor=actor, source=source, key=document_id)

    def linker() -> SkillLinker:
        from shared_backend.data_management.skill_linker import TaxonomyLinker

        return backend.knowledge.current().view(TaxonomyLinker)

    def reader() -> Reader:
        made = backend.parser.get()
        if isinstance(made, LinksSkills) and made.linker is None:
            made.linker = linker
        return made

    return IntelliCVDataManager(
        backend.database,
        backend.bus,
        reader=reader,
        storage=storage,
        save_profile=backend.bridge.sync_user_data,
        ask=ask,
        clock=backend.clock,
    )


def default_reader() -> Reader:
    """The parser of the product."""
    from shared_backend.services.document_reader import DocumentReader

    return DocumentReader()


def add_document_jobs(register: JobRegister, documents: Callable[[], IntelliCVDataManager]) -> None:
    """Adds the kinds and what recurs. Payload of parsing: `document`, its id."""
    register.add(JobKind(PARSE, "Read a document", _parse(documents), tries=20))
    register.add(JobKind(TIDY, "Remove what broken-off uploads left", _tidy(documents), at_once=1))
    register.every(Recurring(TIDY, _TIDY_EVERY_S))


def _parse(documents: Callable[[], IntelliCVDataManager]) -> Handler:
    def handler(run: JobRun, payload: dict[str, Any]) -> dict[str, Any]:
        own, document_id = documents(), str(payload.get("document", ""))
        document = own.begin_reading(document_id)
        if document is None:
            return {"outcome": "nothing to read"}
        reading, took_ms = reading_of(own, document)
        run.step("read", lambda uow: own.finish_reading(uow, document_id, reading, took_ms))
        return {"outcome": reading.outcome, "pages": reading.pages}

    return handler


def reading_of(documents: IntelliCVDataManager, document: Document) -> tuple[Reading, float]:
    """The reading of a document; a cloud that is away is waited for."""
    try:
        return documents.read_bytes(document)
    except CloudError as error:
        if error.may_fail_over:
            raise RetryLater(str(error)) from error
        raise


def _tidy(documents: Callable[[], IntelliCVDataManager]) -> Handler:
    def handler(_run: JobRun, _payload: dict[str, Any]) -> dict[str, Any]:
        return {"removed": documents().tidy()}

    return handler
