"""The product's parser as the documents use it: in processes of its own, ended with this one."""

from __future__ import annotations

from collections.abc import Sequence

from shared_backend.data_management.reading import PageLook, Place, Reading
from shared_backend.utils.exception_handler import StateConflict


class DocumentReader:
    """Reads documents; see Reader."""

    def kind(self, content: bytes, name: str) -> str:
        """See Reader."""
        raise StateConflict("Documents can't be read by this release yet.")

    def read(self, content: bytes, name: str) -> Reading:
        """See Reader."""
        return Reading("unsupported", "Documents can't be read by this release yet.", None)

    def look(self, content: bytes, name: str, page: int, places: Sequence[Place]) -> PageLook:
        """See Reader."""
        raise StateConflict("Documents can't be shown by this release yet.")

    def close(self) -> None:
        """See Reader."""
