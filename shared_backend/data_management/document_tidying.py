"""Bytes that belong to no document any more: of uploads that broke off, or whose document was deleted under way."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from shared_backend.data_management import document_store as store
from shared_backend.data_management.document_base import DocumentBase
from shared_backend.data_management.document_store import Document
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.utils.exception_handler import IntelliCVError

# An upload that has taken this long has lost its process.
_BROKEN_OFF: Final = timedelta(minutes=15)
# Bytes without a row wait as long: who has put an older backup back may yet find that a newer one was meant.
_LOST: Final = timedelta(days=1)
# One stretch of ids an hour: a listing asks some clouds about each blob.
_STRETCHES: Final = "0123456789abcdef"


class DocumentTidying(DocumentBase):
    """What is done where an upload did not end as it should."""

    def tidy(self) -> int:
        """Removes what broken-off uploads left behind, and, of one stretch of ids an hour, bytes that this installation
        has stored and knows no document of; answers how many. Raises CloudError."""
        now = self._clock()
        with self._database.read() as connection:
            ids = store.unfinished(connection, now - _BROKEN_OFF)
        for document_id in ids:
            self._storage().delete(store.path_of(document_id))
            self._database.run(lambda uow, gone=document_id: store.remove(uow.connection, gone, at=self._clock()))  # type: ignore[misc]
        return len(ids) + self._remove_lost(now)

    def _remove_lost(self, now: datetime) -> int:
        stretch = _STRETCHES[int(now.timestamp() // 3600) % len(_STRETCHES)]
        listed = self._storage().ours(store.path_of(stretch))
        old = [path for path, stored_at in listed if stored_at < now - _LOST]
        lost = []
        for start in range(0, len(old), 200):
            # A document is known before its bytes are stored, so none of these has yet to become known.
            ids = {path: _id_of(path) for path in old[start : start + 200]}
            with self._database.read() as connection:
                known = store.known(connection, list(ids.values()))
            lost += [path for path, document_id in ids.items() if document_id not in known]
        for path in lost:
            self._storage().delete(path)
        return len(lost)

    def _give_up(self, document: Document) -> None:
        """Takes back what was stored for nothing, unless somebody else has finished it meanwhile; what can't be reached
        now is tidied up later."""

        def work(uow: UnitOfWork) -> bool:
            found = store.get(uow.connection, document.id, lock=uow.dialect == "postgresql")
            if found is not None and found.state != "storing":
                return False
            store.remove(uow.connection, document.id, at=self._clock())
            return True

        with suppress(IntelliCVError):
            if self._database.run(work):
                self._storage().delete(document.path)


def _id_of(path: str) -> str:
    # Two versions that were written at once stand beside one another, as `<id>.conflict-…`.
    return path.rpartition("/")[2].partition(".")[0]
