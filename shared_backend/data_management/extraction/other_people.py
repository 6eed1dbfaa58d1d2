"""Lines that say how to reach somebody else: a referee, an agency's consultant, whom to call in an emergency."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from shared_backend.data_management.documents.document import Line
from shared_backend.data_management.extraction.person import spells
from shared_backend.data_management.extraction.sections import SectionLines

# Whoever these words name is not the one the CV is about.
_ALWAYS = re.compile(
    r"\b(?:(?:my|following) referees?|emergency contact|in case of emergency|next of kin|"
    r"your (?:recruitment )?consultant|"
    r"(?:presented|submitted|represented|prepared) by|notfallkontakt|ansprechpartner(?:in)?|"
    r"personne à (?:prévenir|contacter)|contacto de emergencia|contato de emergência)\b"
    r"|^\W*(?:(?:professional|academic|character|personal|work) )?referees?(?:\s+\d\b|(?: contact| details)?\W*$)"
    r"|^\W*recruitment agency\W*$",
    re.IGNORECASE,
)
_NUMBER = r"(?: \d| contact| details)?\s*"
_KIND = r"^\W*(?:(?:recruitment|account|agency|line|direct|key|current|former|academic|thesis|phd|your) )*"
# These are positions as well, and speak of somebody else only as labels: a headline has a dash ("Consultant – IT").
_POSITION = (
    r"(?:consultant|recruiter|supervisor|advis[eo]r|agent|manager|mentor|referees?|berater(?:in)?|betreuer(?:in)?|"
    r"superviseur|supervisora?)"
)
_LABEL = re.compile(
    rf"{_KIND}(?:{_POSITION}{_NUMBER}:"
    rf"|(?:agency|reference|referenz|référence|referencia|referência){_NUMBER}(?:[:\u2013\u2014]|-(?=\s)))",
    re.IGNORECASE,
)
# Behind these dashes, the name decides that the address spells.
_DASHED = re.compile(rf"{_KIND}{_POSITION}{_NUMBER}(?:[\u2013\u2014]|-(?=\s))", re.IGNORECASE)
_ADDRESS = re.compile(r"([\w.+'-]+)@[\w-]+\.[\w.-]+")
_DIGITS = re.compile(r"(?:\d[\s().–/-]*){7}")
_OWN = re.compile(
    r"^\W*(?:applicant|name|full name|personal|bewerber(?:in)?|candidat[eo]?|nom|nombre|nome)\b",
    re.IGNORECASE,
)
_MOST = 4
# Among how many lines the name stands.
_TOP = 8
# What stands in these is said of places and people that the person had to do with.
_OF_OTHERS = ("references", "work", "volunteer", "education")

Key = tuple[int, int]


def key_of(line: Line) -> Key:
    """What tells a line from every other, also where it was cut or replaced: its page and its place on it."""
    return line.page, line.start


def about_others(lines: Iterable[Line]) -> set[Key]:
    """The lines that are labelled so, each with the few that follow it in the same paragraph.

    A headline may read as a label ("Consultant: cardiology"). What stands below it is the person's own where an address
    there spells the name above it."""
    found: set[Key] = set()
    lines = list(lines)
    for number, block in _labelled(lines):
        above = [line.text for line in lines[: min(number, _TOP)] if key_of(line) not in found]
        found |= {key_of(line) for line in block[: _until(block, above)]}
    return found


def _labelled(lines: list[Line]) -> Iterator[tuple[int, list[Line]]]:
    """Each label's lines, with the number of the first."""
    block: list[Line] = []
    begin = 0
    for number, line in enumerate(lines):
        if _labels(line, lines[number : number + _MOST]):
            if block:
                yield begin, block
            begin, block = number, [line]
        elif block and (len(block) == _MOST or line.gap or line.heading or _OWN.match(line.text)):
            yield begin, block
            block = []
        elif block:
            block.append(line)
    if block:
        yield begin, block


def _labels(line: Line, block: list[Line]) -> bool:
    if _ALWAYS.search(line.text) or _LABEL.match(line.text):
        return True
    dashed = _DASHED.match(line.text)
    return bool(dashed) and any(_spelt(one, [line.text[dashed.end() :]]) for one in block if dashed)


def _until(block: list[Line], names: list[str]) -> int:
    """How many of a label's lines are somebody else's."""
    own = next((number for number, line in enumerate(block) if _spelt(line, names)), None)
    if own is None:
        return len(block)
    theirs = [number for number, line in enumerate(block[:own]) if _ADDRESS.search(line.text)]
    if own and _DIGITS.search(block[0].text):
        theirs.append(0)
    return max(theirs, default=-1) + 1


def _spelt(line: Line, names: list[str]) -> bool:
    """Whether an address in a line spells one of the names."""
    return any(spells(match[1], _ADDRESS.sub(" ", name)) for match in _ADDRESS.finditer(line.text) for name in names)


def elsewhere(document_lines: Iterable[Line], sections: list[SectionLines]) -> list[Line]:
    """Where an address of the person's may stand when none stands at the top: at pages' edges, and in sections that
    tell of nobody else."""
    lines = [line for line in document_lines if line.furniture]
    lines += [line for section in sections if section.kind not in _OF_OTHERS for line in section.lines]
    return lines
