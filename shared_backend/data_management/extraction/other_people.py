"""Lines that say how to reach somebody else: a referee, an agency's consultant, whom to call in an emergency."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shared_backend.data_management.documents.document import Line
from shared_backend.data_management.extraction.sections import SectionLines

# Whoever these words name is not the one the CV is about.
_ALWAYS = re.compile(
    r"\b(?:referees?|emergency contact|in case of emergency|next of kin|your (?:recruitment )?consultant|"
    r"(?:presented|submitted|represented|prepared) by|recruitment agency|notfallkontakt|ansprechpartner(?:in)?|"
    r"personne à (?:prévenir|contacter)|contacto de emergencia|contato de emergência)\b",
    re.IGNORECASE,
)
# These are positions as well, and speak of somebody else only as labels.
_LABEL = re.compile(
    r"^\W*(?:(?:recruitment|account|agency|line|direct|key|current|former|academic|thesis|phd|your) )*"
    r"(?:consultant|recruiter|supervisor|advis[eo]r|agency|agent|manager|mentor|reference|berater(?:in)?|"
    r"betreuer(?:in)?|referenz|référence|referencia|referência|superviseur|supervisora?)(?: \d| contact| details)?"
    r"\s*(?:[:\u2013\u2014]|-(?=\s))",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"^\W*(?:applicant|name|full name|personal|bewerber(?:in)?|candidat[eo]?|nom|nombre|nome)\b",
    re.IGNORECASE,
)
_MOST = 4
# What stands in these is said of places and people that the person had to do with.
_OF_OTHERS = ("references", "work", "volunteer", "education")

Key = tuple[int, int]


def key_of(line: Line) -> Key:
    """What tells a line from every other, also where it was cut or replaced: its page and its place on it."""
    return line.page, line.start


def about_others(lines: Iterable[Line]) -> set[Key]:
    """The lines that are labelled so, each with the few that follow it in the same paragraph."""
    found: set[Key] = set()
    left = 0
    for line in lines:
        if _ALWAYS.search(line.text) or _LABEL.match(line.text):
            left = _MOST
        elif line.gap or line.heading or _OWN.match(line.text):
            left = 0
        if left:
            found.add(key_of(line))
            left -= 1
    return found


def elsewhere(document_lines: Iterable[Line], sections: list[SectionLines]) -> list[Line]:
    """Where an address of the person's may stand when none stands at the top: at pages' edges, and in sections that
    tell of nobody else."""
    lines = [line for line in document_lines if line.furniture]
    lines += [line for section in sections if section.kind not in _OF_OTHERS for line in section.lines]
    return lines
