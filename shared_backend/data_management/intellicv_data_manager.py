"""The life of a candidate's document: upload, checks, storage, reading, draft, confirmation, new versions, deletion."""

from __future__ import annotations

import hashlib
import time
import unicodedata
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from shared_backend.data_management import document_store as store
from shared_backend.data_management.document_access import as_of_now, reach, require_owner
from shared_backend.data_management.document_review import Confirmed, DocumentReview
from shared_backend.data_management.document_store import Document
from shared_backend.data_management.document_tidying import DocumentTidying
from shared_backend.data_management.profile_export import exported
from shared_backend.data_management.reading import PageLook, Place, Reading
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep import entities
from shared_backend.utils.exception_handler import (
    IntelliCVError,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    StateConflict,
)

__all__ = ["Confirmed", "Document", "IntelliCVDataManager", "Uploaded"]

MOST_BYTES: Final = 20_000_000
MOST_DOCUMENTS: Final = 50
_WORKER: Final = Actor.system("worker")


@dataclass(frozen=True)
class Uploaded:
    """What came of an upload. `duplicate`: the very same bytes were there already, and nothing was stored."""

    document: Document
    duplicate: bool = False


class IntelliCVDataManager(DocumentReview, DocumentTidying):
    """What the portals, the intake and the worker do with documents. Every method checks its actor by the database."""

    # Upload

    def upload(
        self,
        content: bytes,
        name: str,
        *,
        owner_id: str | None,
        actor: Actor,
        source: str,
        read: bool = True,
        only: bool = False,
        known: Callable[[UnitOfWork, Document], None] | None = None,
    ) -> Uploaded:
        """Checks, stores and registers a document, and asks for it to be read (`read`).

        `only`: where anybody has the very same bytes, theirs is answered, as a duplicate; also where somebody stores
        them at the same moment and is quicker. `known` is called in the transaction that makes the document known.
        Raises PayloadTooLarge, InvalidInput for what is no document that can be read, StateConflict for a person who
        has too many and for a document that is deleted under way, PermissionDenied, CloudError where it can't be
        stored, and what `known` raises; then nothing of it stays.
        """
        shown = clean_name(name)
        if len(content) > MOST_BYTES:
            raise PayloadTooLarge(
                f"The file has {len(content) / 1e6:,.0f} MB; a CV may have {MOST_BYTES / 1e6:,.0f} MB. Save it with "
                "smaller pictures, or without them."
            )
        if not content:
            raise InvalidInput("The file is empty. Choose the CV itself.")
        kind = self._reader().kind(content, shown)
        sha256 = hashlib.sha256(content).hexdigest()
        document, duplicate = self._register(
            owner_id, actor, source, sha256=sha256, size=len(content), format=kind, name=shown
        )
        if duplicate and document.state != "storing":
            return Uploaded(document, True)
        try:
            self._storage().put(document.path, content)
        except IntelliCVError:
            # Only what nobody else has stored meanwhile: the same bytes have one row.
            self._give_up(document)
            raise

        def stored(uow: UnitOfWork) -> Document | None:
            if only:
                # Of several that store the same bytes at once, who comes here first has them.
                store.lock_bytes(uow, sha256)
                if (there := store.with_bytes(uow.connection, sha256)) is not None and there.id != document.id:
                    return there
            if not store.change(uow.connection, document.id, states=("storing",), state="stored"):
                if store.get(uow.connection, document.id) is None:
                    raise StateConflict("The document was deleted while it was being stored. Nothing of it is kept.")
                return None
            if known is not None:
                known(uow, document)
            fresh = as_of_now(uow.connection, actor)
            self._audit(uow, "upload", document.id, fresh, source, after={"sha256": sha256, "size": len(content)})
            if read:
                self._ask(uow, document.id, _nameless(fresh), source)
            self._tell(uow, document, "stored", fresh, source)
            return None

        try:
            there = self._database.run(stored)
        except IntelliCVError as error:
            # Where the database is away, nobody knows whether it is stored: that is tidied up later.
            if error.status < 500:
                self._give_up(document)
            raise
        if there is not None:
            self._give_up(document)
            return Uploaded(there, True)
        return Uploaded(replace(document, state="stored"))

    def _register(self, owner_id: str | None, actor: Actor, source: str, **facts: Any) -> tuple[Document, bool]:
        """The row of a new document, or that of the same bytes; and whether it was there."""

        def work(uow: UnitOfWork) -> tuple[Document, bool]:
            connection = uow.connection
            require_owner(connection, actor, owner_id, write=True)
            if owner_id is not None:
                if not store.is_candidate(connection, owner_id):
                    raise InvalidInput("There is no candidate with a profile to whom this document could belong.")
                there = store.with_bytes(connection, facts["sha256"], owner_id)
                if there is not None:
                    if there.state == "storing":
                        # Begun anew: it is not broken off.
                        store.change(connection, there.id, states=("storing",), updated_at=self._clock())
                    return there, True
                if len(store.of_owner(connection, owner_id)) >= MOST_DOCUMENTS:
                    raise StateConflict(f"There are {MOST_DOCUMENTS} documents already. Delete one you don't need.")
            number = store.next_number(connection, owner_id) if owner_id is not None else 0
            now, document_id = self._clock(), str(uuid.uuid4())
            store.add(
                connection,
                id=document_id,
                owner_id=owner_id,
                number=number,
                created_by=actor.id,
                source=source,
                created_at=now,
                updated_at=now,
                **facts,
            )
            made = store.get(connection, document_id)
            assert made is not None
            return made, False

        try:
            return self._database.run(work)
        except IntegrityError:
            # Two tabs at once: the other one was first.
            return self._database.run(work)

    # Reading, by the worker

    def begin_reading(self, document_id: str) -> Document | None:
        """Marks a document as being read; None where there is nothing to read any more."""

        def work(uow: UnitOfWork) -> Document | None:
            found = store.get(uow.connection, document_id, lock=uow.dialect == "postgresql")
            if found is None or not found.is_open:
                return None
            values: dict[str, Any] = {"state": "parsing", "parses": found.parses + 1, "updated_at": self._clock()}
            store.change(uow.connection, document_id, **values)
            if found.state != "parsing":
                self._tell(uow, found, "reading", _WORKER, "worker")
            return replace(found, state="parsing", parses=found.parses + 1)

        return self._database.run(work)

    def read_bytes(self, document: Document) -> tuple[Reading, float]:
        """Reads a document's bytes in the parser's own process; how that ended, and the milliseconds it took."""
        content = self._storage().get(document.path)
        started = time.monotonic()
        reading = self._reader().read(content, document.name, document.created_at.date())
        return reading, round((time.monotonic() - started) * 1000, 1)

    def finish_reading(self, uow: UnitOfWork, document_id: str, reading: Reading, took_ms: float) -> bool:
        """Keeps what was read, in the caller's transaction; False where somebody else has, or it is gone."""
        found = store.get(uow.connection, document_id, lock=uow.dialect == "postgresql")
        parsed = reading.draft is not None
        changed = found is not None and store.change(
            uow.connection,
            document_id,
            states=store.READABLE,
            state="draft" if parsed else "failed",
            outcome=reading.outcome[:40],
            words=printable(reading.words),
            draft=reading.draft or {},
            pages=reading.pages,
            parser_version=reading.parser_version[:40],
            took_ms=took_ms,
            updated_at=self._clock(),
        )
        if changed and found is not None:
            self._tell(uow, found, "read" if parsed else "failed", _WORKER, "worker")
        return changed

    def parse(self, document_id: str) -> Document | None:
        """Reads one document from beginning to end; None where there was nothing to read."""
        document = self.begin_reading(document_id)
        if document is None:
            return None
        reading, took_ms = self.read_bytes(document)
        self._database.run(lambda uow: self.finish_reading(uow, document_id, reading, took_ms))
        with self._database.read() as connection:
            return store.get(connection, document_id)

    def parse_waiting(self, *, most: int = 3) -> int:
        """Reads documents that people wait for at their screens; bulk work calls it between its files."""
        with self._database.read() as connection:
            ids = store.waiting(connection, limit=most)
        return sum(1 for document_id in ids if self.parse(document_id) is not None)

    def read_again(self, document_id: str, *, actor: Actor, source: str) -> None:
        """Asks for a document to be read once more: what was read before and not confirmed is given up."""

        def work(uow: UnitOfWork) -> None:
            found = reach(uow.connection, document_id, actor, write=True, lock=uow.dialect == "postgresql")
            if found.state not in ("failed", "draft", "stored"):
                raise StateConflict("It is being read just now." if found.is_open else "It is confirmed already.")
            # Not forgotten is which entries of the profile came of it: what is confirmed anew must not double them.
            became = store.contents(uow.connection, document_id)[1].get("became")
            values: dict[str, Any] = {"state": "stored", "outcome": "", "words": "", "draft": {}}
            values["edits"] = {"became": became} if became else {}
            store.change(uow.connection, document_id, **values, updated_at=self._clock())
            fresh = as_of_now(uow.connection, actor)
            self._ask(uow, document_id, _nameless(fresh), source)
            self._tell(uow, found, "stored", fresh, source)

        self._database.run(work)

    # Looking

    def of_owner(self, owner_id: str, *, actor: Actor) -> list[Document]:
        """A candidate's documents, newest first. Raises PermissionDenied."""
        with self._database.snapshot() as connection:
            require_owner(connection, actor, owner_id, write=False)
            return [each for each in store.of_owner(connection, owner_id) if each.state != "storing"]

    def get(self, document_id: str, *, actor: Actor) -> Document:
        """One document. Raises NotFound."""
        with self._database.read() as connection:
            return reach(connection, document_id, actor)

    def content(self, document_id: str, *, actor: Actor) -> bytes:
        """The document itself. Raises NotFound and CloudError."""
        return self._storage().get(self.get(document_id, actor=actor).path)

    def look(self, document_id: str, page: int, places: Sequence[Place] = (), *, actor: Actor) -> PageLook:
        """A page of it with places marked, drawn in the parser's own process."""
        document = self.get(document_id, actor=actor)
        return self._reader().look(self._storage().get(document.path), document.name, page, places)

    # The end

    def assign(self, document_id: str, owner_id: str, *, actor: Actor, source: str) -> Document:
        """Says whose a document is that nobody has yet. Raises StateConflict where it has an owner, or where the
        candidate has the same bytes already."""

        def work(uow: UnitOfWork) -> Document:
            found = reach(uow.connection, document_id, actor, write=True, lock=uow.dialect == "postgresql")
            fresh = as_of_now(uow.connection, actor)
            fresh.require(Permission.EDIT_ALL, "say whose a document is")
            if found.owner_id is not None:
                raise StateConflict("Somebody has this document already.")
            if not store.is_candidate(uow.connection, owner_id):
                raise InvalidInput("There is no candidate with a profile to whom this document could belong.")
            if store.with_bytes(uow.connection, found.sha256, owner_id) is not None:
                raise StateConflict("This candidate has the very same document already.")
            number = store.next_number(uow.connection, owner_id)
            store.change(uow.connection, document_id, owner_id=owner_id, number=number, updated_at=self._clock())
            self._audit(uow, "assign", document_id, fresh, source, after={"owner_id": owner_id})
            self._tell(uow, found, "assigned", fresh, source)
            self._tell(uow, replace(found, owner_id=owner_id), "assigned", fresh, source)
            return replace(found, owner_id=owner_id, number=number)

        return self._database.run(work)

    def delete(self, document_id: str, *, actor: Actor, source: str) -> None:
        """Deletes a document for good: its bytes, what was read in it, and what was said of it. Values that were
        confirmed stay in the profile; they are the person's. Raises NotFound, PermissionDenied and CloudError."""
        with self._database.read() as connection:
            document = reach(connection, document_id, actor, write=True)
        # The bytes first: what is not known any more could not be found to be deleted.
        self._storage().delete(document.path)

        def work(uow: UnitOfWork) -> None:
            found = reach(uow.connection, document_id, actor, write=True, lock=uow.dialect == "postgresql")
            fresh = as_of_now(uow.connection, actor)
            store.remove(uow.connection, document_id, at=self._clock())
            self._audit(uow, "delete", document_id, fresh, source)
            self._tell(uow, found, "deleted", fresh, source)

        self._database.run(work)
        if document.state == "storing":
            # Its bytes may have come in since they were deleted.
            with suppress(IntelliCVError):
                self._storage().delete(document.path)

    def export(self, owner_id: str, format: str, *, actor: Actor, source: str) -> bytes:
        """A profile as `json` (JSON Resume), `europass` (XML), `docx` or `pdf`. Raises PermissionDenied, NotFound and
        InvalidInput."""

        def work(uow: UnitOfWork) -> bytes:
            fresh = require_owner(uow.connection, actor, owner_id, write=False)
            if fresh.id != owner_id:
                fresh.require(Permission.EXPORT, "export profiles")
            head = entities.head(uow.connection, "user_profile", owner_id)
            if head is None or head.deleted:
                raise NotFound("There is no profile to export.")
            made = exported(head.data, format, as_of=head.updated_at)
            self._audit(uow, "export", owner_id, fresh, source, after={"format": format, "version": head.version})
            return made

        return self._database.run(work)


def clean_name(name: str) -> str:
    """A file's name as it is shown: its last part, one line, without control characters, at most 255 characters."""
    last = str(name).replace("\\", "/").rpartition("/")[2]
    return printable(last).strip()[:255] or "document"


def printable(text: str) -> str:
    """Without what neither a database nor a page takes: control characters, and half of a surrogate pair."""
    kept = (" " if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") else each for each in str(text))
    return "".join(kept)


def _nameless(actor: Actor) -> Actor:
    # A job outlives much; whose it is is known by the id.
    return Actor(actor.id, actor.role)
