"""The words of the page My CV: sections, fields, states and what to do next."""

from __future__ import annotations

from typing import Any, Final

from shared_backend.data_management.document_store import Document
from shared_backend.data_management.profile_proposal import ProposedEntry, ProposedField
from shared_backend.portal_ui.profile_fields import FieldSpec
from shared_backend.portal_ui.profile_sections import SectionSpec, section

BADGES: Final = {
    "stored": (":material/schedule: Waits to be read", "blue"),
    "parsing": (":material/hourglass_top: Is being read", "blue"),
    "draft": (":material/rate_review: For you to check", "orange"),
    "confirmed": (":material/check_circle: In your profile", "green"),
    "failed": (":material/error: Could not be read", "red"),
}

# What a person can do about it, by how the reading ended.
NEXT: Final = {
    "encrypted": "Open it, save it without a password, and upload that copy.",
    "scanned": "Export your CV from the program that you wrote it in, as PDF or DOCX, and upload that.",
    "no_cv": "Make sure that it is your CV. If it is, try another format, such as DOCX.",
    "empty": "The file holds no text. Export your CV again and upload that copy.",
    "broken": "Open it in the program that you wrote it in, export it again, and upload that copy.",
    "unsupported": "Save your CV as PDF or DOCX and upload that.",
    "needs_converter": "Save it as DOCX or PDF and upload that.",
    "too_large": "Save it with smaller pictures, or without them.",
    "too_many_pages": "Upload your CV alone, without certificates and letters.",
}
_ANYTHING: Final = (
    "Try again, or upload your CV in another format, such as DOCX. You can also fill in your profile by hand."
)


def spec_of(name: str) -> SectionSpec:
    """The section as both portals call it."""
    return section(name)


def field_of(each: ProposedField) -> FieldSpec:
    """How the field is called and typed."""
    return spec_of(each.section).field(each.name.rpartition(".")[2])


def mark(path: str) -> str:
    """A path as part of a widget's key."""
    return path.replace(".", "-")


def text(value: Any) -> str:
    """A value on one line."""
    return " · ".join(str(line) for line in value) if isinstance(value, list) else str(value or "")


def typed(value: Any) -> str:
    """A value as its input holds it."""
    return "\n".join(str(line) for line in value) if isinstance(value, list) else str(value or "")


def entry_title(entry: ProposedEntry) -> str:
    """An entry in a few words."""
    spec = spec_of(entry.section)
    named = [text(entry.value(name)) for name in spec.heading]
    return ", ".join(each for each in named if each) or f"{spec.noun} without a name"


def next_step(document: Document) -> str:
    """What to do about a document that could not be read."""
    return NEXT.get(document.outcome, _ANYTHING)


def counted(number: int, one: str, many: str = "") -> str:
    """`1 field`, `3 fields`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
