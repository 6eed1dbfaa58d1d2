"""Why a document could not be read. Each is an outcome of its own, told in a person's words.

IntelliCVError
└── InvalidInput
    └── UnreadableDocument     outcome
"""

from __future__ import annotations

from enum import StrEnum

from shared_backend.utils.exception_handler import InvalidInput


class Outcome(StrEnum):
    """How the parse of one file ended."""

    PARSED = "parsed"
    NO_CV = "no_cv"
    EMPTY = "empty"
    SCANNED = "scanned"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    UNSUPPORTED = "unsupported"
    NEEDS_CONVERTER = "needs_converter"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    BOMB = "bomb"
    TOO_SLOW = "too_slow"
    TOO_MUCH_MEMORY = "too_much_memory"
    CRASHED = "crashed"


MESSAGES: dict[Outcome, str] = {
    Outcome.PARSED: "The CV was read.",
    Outcome.NO_CV: "No CV found here. If it is one, try another format, such as DOCX or a PDF that was not scanned.",
    Outcome.EMPTY: "No CV found here: the file holds no text.",
    Outcome.SCANNED: "This is a scan: a picture of a page without text. Save it as text or DOCX, or install tesseract "
    "on this machine, which reads pictures.",
    Outcome.ENCRYPTED: "The file is protected by a password. Save it without one and try again.",
    Outcome.BROKEN: "The file is damaged or cut off. Save or export it again and try that copy.",
    Outcome.UNSUPPORTED: "This kind of file can't be read. PDF, DOCX, ODT, RTF, HTML, Markdown, plain text and "
    "JSON Resume can.",
    Outcome.NEEDS_CONVERTER: "This is the old Word format (.doc). Save it as DOCX or PDF, or install LibreOffice on "
    "this machine, which converts it.",
    Outcome.TOO_LARGE: "The file is larger than a CV may be.",
    Outcome.TOO_MANY_PAGES: "The file has more pages than a CV may have.",
    Outcome.BOMB: "The file unpacks to far more than it should. It was not read.",
    Outcome.TOO_SLOW: "Reading the file took too long and was ended. Save or export it again and try that copy.",
    Outcome.TOO_MUCH_MEMORY: "Reading the file took too much memory and was ended.",
    Outcome.CRASHED: "The file brought the reader down. Nothing else was harmed. Save or export it again and try "
    "that copy.",
}


class UnreadableDocument(InvalidInput):
    """The document can't be read."""

    code = "unreadable_document"

    def __init__(self, outcome: Outcome, detail: str = "") -> None:
        super().__init__(f"{MESSAGES[outcome]} ({detail})" if detail else MESSAGES[outcome])
        self.outcome = outcome
        self.detail = detail
