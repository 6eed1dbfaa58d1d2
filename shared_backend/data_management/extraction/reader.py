"""From a document to a draft: sections, then each section by its rules, then the last look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from shared_backend.data_management.documents.document import Document, Line
from shared_backend.data_management.extraction import experience
from shared_backend.data_management.extraction.contacts import contacts, looks_like_contact
from shared_backend.data_management.extraction.cv_score import cv_score
from shared_backend.data_management.extraction.dated_items import award_entries, certificate_entries
from shared_backend.data_management.extraction.draft import Draft, Entry, Value
from shared_backend.data_management.extraction.education import education_entries
from shared_backend.data_management.extraction.language_of import language_of
from shared_backend.data_management.extraction.languages import languages_in
from shared_backend.data_management.extraction.lists import (
    interest_entries,
    project_entries,
    publication_entries,
    reference_entries,
)
from shared_backend.data_management.extraction.person import label_of, name_of, prominent
from shared_backend.data_management.extraction.sections import SectionLines, sections_of
from shared_backend.data_management.extraction.skill_links import link_skills
from shared_backend.data_management.extraction.skills import listed_skills, named_skills, telling
from shared_backend.data_management.extraction.text_body import prose
from shared_backend.data_management.extraction.verify import verified
from shared_backend.data_management.extraction.work import work_entries

_READERS: dict[str, Callable[[list[Line]], list[Entry]]] = {
    "work": work_entries,
    "education": education_entries,
    "skills": listed_skills,
    "languages": languages_in,
    "projects": project_entries,
    "publications": publication_entries,
    "awards": award_entries,
    "certificates": certificate_entries,
    "interests": interest_entries,
    "references": reference_entries,
}
# Read in another order than it was written, or off a picture: everything is less sure.
_DISAGREED = 0.8
_PICTURE = 0.7


def read_cv(document: Document, *, as_of: date | None = None) -> Draft:
    """The draft of a document. Its `cv_score` says whether that is a CV."""
    sections = sections_of(document)
    draft = Draft(language=language_of(document.text))
    draft.order = "columns" if any(page.order == "columns" for page in document.pages) else document.pages[0].order
    draft.notes = list(document.notes)
    _sections(draft, sections)
    _basics(draft, document, sections)
    _skills(draft, document)
    _unsure(draft, document)
    verified(draft, document)
    draft.cv_score = cv_score(draft, sections, document)
    draft.experience = experience.summary(draft, as_of)
    link_skills(draft, None, as_of)
    return draft


def _sections(draft: Draft, sections: list[SectionLines]) -> None:
    for section in sections:
        if section.kind == "volunteer":
            entries = [_volunteer(entry) for entry in work_entries(section.lines)]
        elif section.kind in _READERS:
            entries = _READERS[section.kind](section.lines)
        else:
            continue
        if entries:
            draft.sections.setdefault(section.kind, []).extend(entries)


def _volunteer(entry: Entry) -> Entry:
    renamed = {"name": "organization"}
    return {renamed.get(key, key): one for key, one in entry.items() if key != "location"}


def _basics(draft: Draft, document: Document, sections: list[SectionLines]) -> None:
    top = sections[0].lines
    called = [line for section in sections[1:] if section.kind == "basics" for line in section.lines]
    apart = [line for line in prominent(document) if line not in top and line not in called]
    sidebar = not top
    if sidebar:
        # Everything is below a heading: what stands first is the top.
        top = next((section.lines[:6] for section in sections[1:] if section.lines), [])
    email = contacts(document, sections, top, called, draft.language)
    draft.basics = {}
    address = email.get("email")
    spelt = address.text if isinstance(address, Value) else ""
    # Where a sidebar comes first, the name stands further on, in letters of its own.
    name = name_of(apart, spelt) if sidebar else None
    name = name or name_of([*top, *called[:6]], spelt) or name_of(apart, spelt)
    if name is None:
        name = name_of([line for line in document.lines() if line.furniture][:4], spelt)
    if name:
        draft.basics["name"] = name
    if label := label_of(top, name):
        draft.basics["label"] = label
    draft.basics.update(email)
    summary = next(
        (
            made
            for section in sections
            if section.kind == "summary" and (made := prose(section.lines, "basics.summary"))
        ),
        None,
    )
    if summary is None:
        loose = [line for line in top if len(line.text.split()) > 9 and not looks_like_contact(line.text)]
        summary = prose(loose, "basics.top_text", 0.6) if loose and len(top) < 40 else None
    if summary is not None:
        draft.basics["summary"] = summary


def _skills(draft: Draft, document: Document) -> None:
    skills = draft.sections.get("skills", [])
    known = {one.text.casefold() for entry in skills for one in [entry["name"], *entry.get("keywords", [])]}
    found = named_skills(telling(document.lines(), draft), known, most=40 if len(known) < 5 else 15)
    if found or skills:
        draft.sections["skills"] = [*skills, *found][:500]


def _unsure(draft: Draft, document: Document) -> None:
    disagreed = {page.number for page in document.pages if page.disagreed}
    for _, one in draft.values():
        if document.ocr:
            one.confidence *= _PICTURE
            one.flags = (*one.flags, "read_from_picture")
        if any(span.page in disagreed for span in one.spans):
            one.confidence *= _DISAGREED
            one.flags = (*one.flags, "columns_disagreed")
