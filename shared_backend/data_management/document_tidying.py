"""Bytes that belong to no document any more: of uploads that broke off, or whose document was deleted under way."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from shared_backend.data_management import document_store as store
from shared_backend.data_management.document_base import KIND, DocumentBase
from shared_backend.data_management.document_store import Document
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import audit
from shared_backend.identity.actor import Actor
from shared_backend.utils.exception_handler import IntelliCVError

# An upload that has taken this long has lost its process.
_BROKEN_OFF: Final = timedelta(minutes=15)
# What puts bytes where they were just removed is over by then.
_LOST: Final = timedelta(days=1)
# What says in the audit that a document is gone for good.
_GONE: Final = ("document_delete", "document_give_up")
# One stretch of ids an hour: a listing asks some clouds about each blob.
_STRETCHES: Final = "0123456789abcdef"


class DocumentTidying(DocumentBase):
    """What is done where an upload did not end as it should."""

    def tidy(self) -> int:
        """Removes what broken-off uploads left behind, and, of one stretch of ids an hour, bytes of documents that were
        deleted or given up; answers how many. Raises CloudError.

        Bytes of which the database knows nothing stay: it may be an older backup, or a copy of another's database.
        """
        now = self._clock()
        with self._database.read() as connection:
            ids = store.unfinished(connection, now - _BROKEN_OFF)
        return sum(self._remove_unfinished(document_id) for document_id in ids) + self._remove_lost(now)

    def _remove_lost(self, now: datetime) -> int:
        stretch = _STRETCHES[int(now.timestamp() // 3600) % len(_STRETCHES)]
        listed = self._storage().ours(store.path_of(stretch))
        old = [path for path, stored_at in listed if stored_at < now - _LOST]
        lost = []
        for start in range(0, len(old), 200):
            # A document is known before its bytes are stored, so none of these has yet to become known.
            ids = {path: _id_of(path) for path in old[start : start + 200]}
            with self._database.read() as connection:
                gone = audit.subjects_of(connection, KIND, _GONE, list(ids.values()))
                gone -= store.known(connection, list(ids.values()))
            lost += [path for path, document_id in ids.items() if document_id in gone]
        for path in lost:
            self._storage().delete(path)
        return len(lost)

    def _give_up(self, document: Document) -> None:
        """Takes back what was stored for nothing, unless somebody else has finished it meanwhile; what can't be reached
        now is tidied up later."""

        with suppress(IntelliCVError):
            self._remove_unfinished(document.id)

    def _remove_unfinished(self, document_id: str) -> bool:
        """First that it is given up, then its bytes: should these come in later or not be reached, the audit knows."""

        def work(uow: UnitOfWork) -> bool:
            found = store.get(uow.connection, document_id, lock=uow.dialect == "postgresql")
            if found is not None and found.state != "storing":
                return False
            store.remove(uow.connection, document_id, at=self._clock())
            self._audit(uow, "give_up", document_id, Actor.system(), "worker")
            return True

        given_up = self._database.run(work)
        if given_up:
            self._storage().delete(store.path_of(document_id))
        return given_up


def _id_of(path: str) -> str:
    # Two versions that were written at once stand beside one another, as `<id>.conflict-…`.
    return path.rpartition("/")[2].partition(".")[0]
