"""The product's parser as the documents use it: in processes of its own, ended with this one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from shared_backend.data_management.documents.kind import kind_of
from shared_backend.data_management.page_process import Pages
from shared_backend.data_management.reading import PageLook, Place, Reading

if TYPE_CHECKING:
    from shared_backend.data_management.complete_data_parser import CompleteDataParser
    from shared_backend.data_management.extraction.skill_links import SkillLinker


class DocumentReader:
    """Reads documents; see Reader. The parser is imported, and its processes are started, when they are first needed:
    a portal that only shows pages needs none."""

    def __init__(self, *, workers: int = 1) -> None:
        self._workers = workers
        # What ties skills to taxonomies; asked at each document.
        self.linker: Callable[[], SkillLinker] | None = None
        self._lock = threading.Lock()
        self._parser: CompleteDataParser | None = None
        self._pages = Pages()

    def kind(self, content: bytes, name: str) -> str:
        """See Reader. Raises UnreadableDocument."""
        return kind_of(content, name)

    def read(self, content: bytes, name: str, as_of: date | None = None) -> Reading:
        """See Reader."""
        from shared_backend.data_management.complete_data_parser import CompleteDataParser

        with self._lock:
            parser = self._parser = self._parser or CompleteDataParser(workers=self._workers, linker=self.linker)
        result = parser.parse(content, name, as_of=as_of)
        draft = result.draft.to_dict() if result.draft is not None else None
        if draft is not None:
            draft["notes"] = [*result.notes, *(note for note in draft.get("notes", ()) if note not in result.notes)]
        return Reading(str(result.outcome), result.message, draft, len(result.texts), result.parser_version)

    def look(self, content: bytes, name: str, page: int, places: Sequence[Place]) -> PageLook:
        """See Reader."""
        return self._pages.look(content, name, page, places)

    def close(self) -> None:
        """See Reader."""
        self._pages.close()
        with self._lock:
            parser, self._parser = self._parser, None
        if parser is not None:
            parser.close()
