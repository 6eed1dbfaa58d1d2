"""The smaller sections: projects, publications, interests, references; for the others see `dated_items`."""

from __future__ import annotations

import re

from shared_backend.data_management.documents.document import Line, Piece
from shared_backend.data_management.extraction.atoms import atoms_of, split, trim
from shared_backend.data_management.extraction.dates import find_ranges, main_range, only_dates, without
from shared_backend.data_management.extraction.draft import Entry, value
from shared_backend.data_management.extraction.entries import EntryLines, head_like, is_anchor
from shared_backend.data_management.extraction.lexicon import is_placeholder
from shared_backend.data_management.extraction.text_body import LONGEST, fitting, highlights, paragraphs, prose

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s()]+")
_NUMBER = re.compile(r"^\s*(?:\d{1,2}[.)]|\[\d{1,2}\])\s+")
_ITEMS = re.compile(r"\s*[,;|•·●▪◦]\s*(?![^()]*\))|\t+|\s{2,}|\s*[\ue000-\uf8ff]+\s*")
_NO_REFERENCE = re.compile(
    r"\b(?:upon|on|available|request|furnished|auf anfrage|sur demande|a petición|sob consulta)\b", re.IGNORECASE
)


def project_entries(lines: list[Line]) -> list[Entry]:
    """Projects: a head line with or without dates, then what was done."""
    found = []
    for group in _groups(lines):
        entry: Entry = {}
        atoms, ranges = [], []
        for line in group.head:
            some, dates = atoms_of(line)
            atoms += some
            ranges += dates
        if not atoms or is_placeholder(atoms[0].text):
            continue
        entry["name"] = value(fitting(atoms[0]), 0.75, "projects.name")
        if ranges:
            best = main_range(ranges)
            entry.update(best.fields(single="endDate"))
        body = group.body
        if body and not body[0].bullet and any(line.bullet for line in body):
            first = next(n for n, line in enumerate(body) if line.bullet)
            if text := prose(body[:first], "projects.description"):
                entry["description"] = text
            body = body[first:]
        if texts := highlights(body, "projects.highlight"):
            entry["highlights"] = texts
        found.append(entry)
    return found[:200]


def _groups(lines: list[Line]) -> list[EntryLines]:
    """Entries that begin with a dated head, or with a bold or spaced one."""
    dated = [
        not line.bullet and not _DOI.search(line.text) and is_anchor(line, find_ranges(line.piece)) for line in lines
    ]
    found: list[EntryLines] = []
    bold = any(line.bold and not line.bullet for line in lines)
    for number, line in enumerate(lines):
        stands_out = head_like(line) and ((line.bold or line.bold_until > 3) if bold else line.gap or number == 0)
        if (
            dated[number]
            and found
            and not found[-1].body
            and len(found[-1].head) < 2
            and not any(find_ranges(one.piece) for one in found[-1].head)
            and only_dates(line.piece)
        ):
            found[-1].head.append(line)
        elif (
            (dated[number] and head_like(line))
            or (stands_out and not any(dated))
            or (number == 0 and head_like(line))
            or (dated[number] and not found)
        ):
            found.append(EntryLines([line]))
        elif found:
            found[-1].body.append(line)
        elif not found and line.bullet:
            found.append(EntryLines([line]))
    if len(found) <= 1 and all(line.bullet for line in lines):
        return [EntryLines([line]) for line in lines]
    return found


def publication_entries(lines: list[Line]) -> list[Entry]:
    """Publications: title, date, publisher and address where the layout tells them apart."""
    if (
        any(line.bold or line.bold_until for line in lines)
        or sum(1 for line in lines if is_anchor(line, find_ranges(line.piece))) > 1
    ):
        groups = _groups(lines)
    else:
        groups = []
    found = []
    for group in groups:
        atoms, ranges = [], []
        for line in group.head:
            some, dates = _whole(line)
            atoms += some
            ranges += dates
        if not atoms:
            continue
        title, body = _title(group, atoms[0])
        entry: Entry = {"name": value(title, 0.8, "publications.name", wrapped=len(title) > 1)}
        if ranges:
            dates = ranges[0].fields(single="releaseDate")
            if date := dates.get("releaseDate") or dates.get("startDate"):
                entry["releaseDate"] = date
        _publisher(entry, body)
        if text := prose(body, "publications.summary"):
            entry["summary"] = text
        found.append(entry)
    if found:
        return found[:200]
    return [cited for pieces in paragraphs(lines) if (cited := _citation(pieces))][:200]


def _title(group: EntryLines, first: Piece) -> tuple[list[Piece], list[Line]]:
    """(the title, which may go on in the next line, the lines after it)."""
    head, body = group.head[0], group.body
    goes_on = bool(body) and not body[0].bullet and len(body[0].text.split()) <= 8
    bold = head.bold or head.bold_until >= len(first.text) - 1
    if goes_on and (first.text.endswith("\u00ad") or (bold and body[0].bold)):
        return [first.part(0, 200), body[0].piece.part(0, 90)], body[1:]
    return [fitting(first)], body


def _whole(line: Line) -> tuple[list[Piece], list]:
    """A title is not parted at its dashes."""
    ranges = find_ranges(line.piece)
    inside = [one for one in ranges if is_anchor(line, [one])]
    parts = [
        trim(part)
        for cell in line.parts
        for part in without(cell, [one for one in inside if cell.start <= one.piece.start < cell.end])
    ]
    return [part for part in parts if part], inside


def _publisher(entry: Entry, body: list[Line]) -> None:
    for line in body:
        if doi := _DOI.search(line.text):
            entry["url"] = value(
                line.piece.part(*doi.span()), 0.8, "publications.doi", text=f"https://doi.org/{doi[0]}"
            )
            bracket = re.search(r"\(([^()]{3,120})\)\s*$", line.text)
            if bracket:
                entry["publisher"] = value(line.piece.part(*bracket.span(1)), 0.75, "publications.publisher")
            return
        if url := _URL.search(line.text):
            entry["url"] = value(line.piece.part(*url.span()).stripped(".,;)"), 0.8, "publications.url")


def _citation(pieces: list[Piece]) -> Entry | None:
    made = value(pieces, 0.6, "publications.citation")
    number = _NUMBER.match(made.text)
    if len(made.text) < 12 or len(made.text) > 299:
        return None
    if number and len(pieces) == 1:
        made = value(pieces[0].part(number.end()).stripped(), 0.6, "publications.citation")
    return {"name": made}


def interest_entries(lines: list[Line]) -> list[Entry]:
    """Interests: items of a list; a sentence stays one."""
    found = []
    for line in lines:
        sentence = len(line.text.split()) > 14
        for piece in [trim(line.piece)] if sentence else split(line.piece, _ITEMS):
            if 2 < len(piece.text) <= LONGEST:
                found.append({"name": value(piece, 0.8, "interests.item")})
    return found[:100]


def reference_entries(lines: list[Line]) -> list[Entry]:
    """People who are named as references; "on request" names nobody."""
    kept = [line for line in lines if not _NO_REFERENCE.search(line.text)]
    found: list[Entry] = []
    for pieces in paragraphs(kept):
        made = value(pieces, 0.6, "references.text")
        if 3 < len(made.text) < 2_000 and any(letter.isalpha() for letter in made.text):
            found.append({"reference": made})
    return found[:50]
