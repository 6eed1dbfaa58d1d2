"""Bytes into a document, by what they are."""

from __future__ import annotations

from collections.abc import Callable

from shared_backend.data_management.documents import docx, html, markdown, odt, pdf, rtf
from shared_backend.data_management.documents.document import Document
from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument
from shared_backend.data_management.documents.helpers import converted, recognised
from shared_backend.data_management.documents.kind import decoded, kind_by_name, kind_of
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.documents.plain import document_of

_READERS: dict[str, Callable[[bytes, Limits], Document]] = {
    "pdf": pdf.read_pdf,
    "docx": docx.read_docx,
    "odt": odt.read_odt,
    "rtf": rtf.read_rtf,
    "html": html.read_html,
    "markdown": markdown.read_markdown,
}


def read_document(content: bytes, name: str, limits: Limits) -> Document:
    """The document. Raises UnreadableDocument with the outcome."""
    if len(content) > limits.file_bytes:
        raise UnreadableDocument(
            Outcome.TOO_LARGE, f"{len(content) / 1e6:,.1f} MB; {limits.file_bytes / 1e6:,.0f} MB are read"
        )
    if not content.strip(b" \t\r\n\x00"):
        raise UnreadableDocument(Outcome.EMPTY)
    kind = kind_of(content, name)
    note = _renamed(kind, name)
    if kind == "doc":
        document = docx.read_docx(converted(content, limits), limits)
    elif kind in _READERS:
        document = _READERS[kind](content, limits)
    else:
        document = document_of(decoded(content)[: limits.characters], kind)
    if kind == "pdf" and pdf.is_scan(document):
        document = recognised(content, limits)
    document.notes = [*note, *document.notes]
    if not document.text.strip():
        raise UnreadableDocument(Outcome.EMPTY)
    return document


def _renamed(kind: str, name: str) -> list[str]:
    said = kind_by_name(name)
    if said is None or said == kind or {said, kind} <= {"text", "markdown", "json"}:
        return []
    return [f"The name says {said.upper()}, but the file is {kind.upper()}. It was read as what it is."]
