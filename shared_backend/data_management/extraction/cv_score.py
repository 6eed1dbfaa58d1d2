"""Whether a document is a CV at all: what a CV has and other documents have not."""

from __future__ import annotations

from shared_backend.data_management.documents.document import Document
from shared_backend.data_management.extraction.draft import Draft
from shared_backend.data_management.extraction.sections import SectionLines

ENOUGH = 0.5


def cv_score(draft: Draft, sections: list[SectionLines], document: Document) -> float:
    """0 to 1; below ENOUGH no draft is given."""
    kinds = {section.kind for section in sections if section.heading is not None}
    work = draft.sections.get("work", [])
    study = draft.sections.get("education", [])
    score = 0.0
    score += 0.3 if "work" in kinds else 0.0
    score += 0.2 if "education" in kinds else 0.0
    score += 0.15 if kinds & {"skills", "languages"} else 0.0
    score += (
        0.1
        if kinds & {"summary", "projects", "certificates", "awards", "interests", "references", "volunteer"}
        else 0.0
    )
    score += 0.15 if any("startDate" in entry and "position" in entry for entry in work) else 0.0
    score += 0.15 if any("studyType" in entry for entry in study) else 0.0
    score += 0.1 if "email" in draft.basics else 0.0
    score += 0.05 if "phone" in draft.basics else 0.0
    score += 0.1 if "name" in draft.basics else 0.0
    score += 0.05 if "label" in draft.basics else 0.0
    if len(document.pages) > 12:
        score -= 0.3
    if not kinds & {"work", "education"}:
        score -= 0.15
    return max(0.0, min(1.0, score))
