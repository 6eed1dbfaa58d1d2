"""What reads an intake: one job a part, one step a file, so that a file that was read is never read again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from shared_backend.data_management import document_store
from shared_backend.data_management.intellicv_data_manager import Uploaded
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.jobs.kinds import JobKind, JobRegister
from shared_backend.jobs.run import JobRun
from shared_backend.services import intake_store as store
from shared_backend.services.documents import reading_of
from shared_backend.services.intake import JOB, KIND
from shared_backend.services.intake_folder import duplicate_words, read_server_file
from shared_backend.utils.exception_handler import IntelliCVError, NotFound
from shared_backend.utils.logging_config import correlation_id, new_correlation_id

if TYPE_CHECKING:
    from shared_backend.services.backend import Backend

_WORKER = Actor.system("worker")


def add_intake_job(register: JobRegister, backend: Callable[[], Backend]) -> None:
    """Adds the kind. Payload: `intake`, `part`, `parts`."""
    register.add(
        JobKind(JOB, "Take in CVs", lambda run, payload: _Part(backend(), run, payload).run(), tries=1_000, leaves=1)
    )


class _Part:
    """One part of an intake under way."""

    def __init__(self, backend: Backend, run: JobRun, payload: dict[str, Any]) -> None:
        self._backend = backend
        self._documents = backend.documents
        self._run = run
        self._id = str(payload["intake"])
        self._part, self._parts = int(payload["part"]), int(payload["parts"])

    def run(self) -> dict[str, Any]:
        """Reads all of its files that wait."""
        with self._read() as connection:
            intake = store.get(connection, self._id)
            numbers = store.waiting(connection, self._id, self._part, self._parts)
        if intake is None:
            return {"files": 0}
        before = self._run.job.progress_done
        total = before + len(numbers)
        for done, number in enumerate(numbers):
            self._run.progress(before + done, total, unit="files")
            # Who waits at a screen for one document does not wait for six hundred.
            self._documents.parse_waiting()
            self._one(intake.root, number)
        self._run.progress(total, total, unit="files")
        self._run.step("end", self._tell)
        return {"files": total}

    def _one(self, root: str, number: int) -> None:
        with self._read() as connection:
            file = store.file(connection, self._id, number)
        if file is None or file.state != "waiting":
            return
        try:
            document = self._document(root, file)
            if document is None:
                return
            reading, took_ms = reading_of(self._documents, document)
        except IntelliCVError as error:
            if _is_away(error):
                raise
            self._fail(file, error)
            return

        def finish(uow: UnitOfWork) -> None:
            self._documents.finish_reading(uow, document.id, reading, took_ms)
            state = "read" if reading.draft is not None else "failed"
            self._end(uow.connection, number, state=state, outcome=reading.outcome, words=reading.words)

        self._run.step(f"file {number} try {file.tries}", finish)

    def _document(self, root: str, file: store.IntakeFile) -> document_store.Document | None:
        """The document of a file, stored first where it is one of the server; None for a duplicate."""
        if file.document_id is None:
            content = read_server_file(root, file.name)
            with self._read() as connection:
                there = document_store.with_bytes(connection, hashlib.sha256(content).hexdigest())
            if there is None:
                uploaded = self._store(file, content)
                there = uploaded.document if uploaded.duplicate else None
            if there is not None and not self._is_of(file, there):
                values = {"outcome": "duplicate", "words": duplicate_words(there), "document_id": there.id}
                self._run.step(
                    f"file {file.number} try {file.tries}",
                    lambda uow: self._end(uow.connection, file.number, state="duplicate", **values),
                )
                return None
            document_id = there.id if there is not None else uploaded.document.id
        else:
            document_id = file.document_id
        document = self._documents.begin_reading(document_id)
        if document is None:
            with self._read() as connection:
                there = document_store.get(connection, document_id)
            if there is None:
                raise NotFound("The document was deleted before it could be read.")
            # A run that died has read it and could not note that here.
            state = "failed" if there.state == "failed" else "read"
            self._run.step(
                f"file {file.number} try {file.tries}",
                lambda uow: self._end(
                    uow.connection, file.number, state=state, outcome=there.outcome, words=there.words
                ),
            )
        return document

    def _is_of(self, file: store.IntakeFile, there: document_store.Document) -> bool:
        """Whether it is the document of this very file by now: of a run that was given up and has not noticed yet."""
        with self._read() as connection:
            now = store.file(connection, self._id, file.number)
        return now is not None and now.document_id == there.id

    def _store(self, file: store.IntakeFile, content: bytes) -> Uploaded:
        """Stores a file of the server, and notes its document in the transaction that makes it known: a run that takes
        over finds both or neither. Where another worker was at the same bytes and quicker, theirs is answered."""
        return self._documents.upload(
            content, file.name, owner_id=None, actor=_WORKER, source="worker", read=False, only=True,
            known=lambda uow, document: store.bind(uow.connection, self._id, file.number, document.id),
        )  # fmt: skip

    def _fail(self, file: store.IntakeFile, error: IntelliCVError) -> None:
        outcome, words = str(getattr(error, "outcome", error.code)), str(error)
        self._run.step(
            f"file {file.number} try {file.tries}",
            lambda uow: self._end(uow.connection, file.number, state="failed", outcome=outcome, words=words),
        )

    def _end(self, connection: Connection, number: int, **values: Any) -> None:
        values["outcome"] = str(values["outcome"])[:40]
        store.end_file(connection, self._id, number, ended_at=self._backend.clock(), **values)

    def _tell(self, uow: UnitOfWork) -> None:
        self._backend.bus.publish_in(
            uow,
            "intake_update",
            {"action": "part_read"},
            source="worker",
            actor=_WORKER,
            kind=KIND,
            entity_id=self._id,
            correlation_id=correlation_id() or new_correlation_id(),
        )

    def _read(self) -> Any:
        return self._backend.database.read()


def _is_away(error: IntelliCVError) -> bool:
    """Whether it is nobody's file that is at fault: a cloud or the database is away, and the job waits for it."""
    return error.status == 503
