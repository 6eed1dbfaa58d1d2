"""A profile to take away: JSON Resume 1.0, Europass XML (SkillsPassport 3.4), and a plain DOCX or PDF.

Pure: what a profile holds, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from shared_backend.data_management.export_docx import docx
from shared_backend.data_management.export_europass import europass
from shared_backend.data_management.export_pdf import pdf
from shared_backend.utils.exception_handler import InvalidInput

_SCHEMA: Final = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"

# Format → (ending, media type).
FORMATS: Final[dict[str, tuple[str, str]]] = {
    "json": ("json", "application/json"),
    "europass": ("xml", "application/xml"),
    "docx": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": ("pdf", "application/pdf"),
}


def exported(data: dict[str, Any], format: str, *, as_of: datetime) -> bytes:
    """The profile in that format. `as_of`: when it was last changed. Raises InvalidInput for another format, and for
    letters that a PDF can't show."""
    makers: dict[str, Callable[[], bytes]] = {
        "json": lambda: json_resume(data, as_of),
        "europass": lambda: europass(data, as_of),
        "docx": lambda: docx(data),
        "pdf": lambda: pdf(data, as_of),
    }
    if format not in makers:
        raise InvalidInput(f"A profile can be exported as {', '.join(makers)}.")
    return makers[format]()


def json_resume(data: dict[str, Any], as_of: datetime) -> bytes:
    """JSON Resume 1.0, without our ids of entries."""
    meta = {"lastModified": as_of.strftime("%Y-%m-%dT%H:%M:%S"), "version": "v1.0.0"}
    found = {"$schema": _SCHEMA, **_without_ids(data), "meta": meta}
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()


def _without_ids(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_ids(value) for key, value in node.items() if key != "id"}
    return [_without_ids(value) for value in node] if isinstance(node, list) else node
