"""A parse in this very process: what the worker process calls, and tests of rules. Never for a file from outside."""

from __future__ import annotations

import hashlib
import time
from datetime import date

from shared_backend.data_management.documents.errors import MESSAGES, Outcome, UnreadableDocument
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.documents.read import read_document
from shared_backend.data_management.extraction.cv_score import ENOUGH
from shared_backend.data_management.extraction.json_resume import is_json_resume, read_json_resume
from shared_backend.data_management.extraction.language_of import not_read
from shared_backend.data_management.extraction.reader import read_cv
from shared_backend.data_management.parse_result import ParseResult


def parse_here(content: bytes, name: str = "", limits: Limits | None = None, as_of: date | None = None) -> ParseResult:
    """The result; no error of a document comes out of it as an exception."""
    begin = time.perf_counter()
    about = {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    try:
        document = read_document(content, name, limits or Limits())
    except UnreadableDocument as error:
        took = (time.perf_counter() - begin) * 1000
        return ParseResult(error.outcome, str(error), ms=took, **about)  # type: ignore[arg-type]
    draft = read_json_resume(document, as_of=as_of) if is_json_resume(document) else read_cv(document, as_of=as_of)
    found = draft.cv_score >= ENOUGH
    outcome = Outcome.PARSED if found else Outcome.NO_CV
    return ParseResult(
        outcome,
        (not_read(draft.language) if outcome is Outcome.NO_CV else None) or MESSAGES[outcome],
        kind=document.format,
        ms=(time.perf_counter() - begin) * 1000,
        draft=draft if found else None,
        texts=tuple(page.text for page in document.pages) if found else (),
        notes=tuple(document.notes),
        **about,  # type: ignore[arg-type]
    )
