"""RTF through striprtf: its text. Pictures, objects and fields that lead outside are left out by it."""

from __future__ import annotations

from striprtf.striprtf import rtf_to_text

from shared_backend.data_management.documents.document import Document
from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.documents.plain import document_of


def read_rtf(content: bytes, limits: Limits) -> Document:
    """Raises UnreadableDocument for what striprtf can't read."""
    try:
        text = rtf_to_text(content.decode("latin-1"), errors="ignore")
    except (ValueError, IndexError, KeyError, RecursionError, LookupError, UnicodeError) as error:
        raise UnreadableDocument(Outcome.BROKEN) from error
    return document_of(text[: limits.characters].replace("|", "\t"), "rtf")
