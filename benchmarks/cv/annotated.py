"""F1 by field on CVs that others annotated, with their line breaks and without; beside it the plainest of baselines.

A value is right when it is what was marked, or when the one holds the other, in whole words, and at least half of them
(marks disagree on "Ltd" and the like). Counted over each document's distinct values, then over all. Beside it: what is
strictly equal, and, loosely, what holds or is held with two words or more (marks take in a field beside the school).
Marks of a degree are with its field or without, and schools below a college are hardly marked (1 of 115): beside the
degrees' figure stands the one where either form counts, beside the colleges' the one without such schools.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from benchmarks.cv.data import Annotated, annotated
from benchmarks.figures import Figure, Report
from shared_backend.data_management.extraction.draft import Draft, Value
from shared_backend.data_management.parse_here import parse_here
from shared_backend.data_management.parse_result import ParseResult

KINDS = {
    "name": "Name", "email": "Email Address", "designation": "Designation", "company": "Companies worked at",
    "degree": "Degree", "college": "College Name",
}  # fmt: skip
GOALS = {
    "f1_name": 0.95, "f1_email": 0.98, "f1_designation": 0.60, "f1_company": 0.55, "f1_degree": 0.75,
    "f1_college": 0.75,
    "f1_flat_name": 0.70, "f1_flat_designation": 0.40, "f1_flat_degree": 0.50,
}  # fmt: skip


def run(report: Report, *, quick: bool) -> None:
    """f1_* and f1_flat_*."""
    everything = annotated()[:: 4 if quick else 1]
    parsed = {one.name: parse_here(one.text.encode(), "cv.txt") for one in everything}
    for flat in (False, True):
        chosen = [one for one in everything if one.flat == flat]
        for field in ("name", "designation", "degree") if flat else tuple(KINDS):
            key = f"f1_{'flat_' if flat else ''}{field}"
            counts = [0, 0, 0, 0]
            naive = [0, 0, 0, 0]
            loosely = [0, 0, 0, 0]
            for one in chosen:
                draft, texts = parsed[one.name].draft, parsed[one.name].texts
                _add(counts, compare(distinct(one.marked(KINDS[field])), values(draft, texts, field)))
                _add(loosely, compare(distinct(one.marked(KINDS[field])), values(draft, texts, field), loose=True))
                _add(naive, compare(distinct(one.marked(KINDS[field])), distinct(_NAIVE[field](one))))
            value, precision, recall = f1(counts)
            other = _otherwise(field, chosen, parsed)
            beside = (
                f"n={len(chosen)}, precision {precision:.2f}, recall {recall:.2f}; strictly equal "
                f"{f1(counts, strict=True)[0]:.2f}, loosely {f1(loosely)[0]:.2f}; naive {f1(naive)[0]:.2f}{other}"
            )
            report.add(Figure(key, round(value, 3), "", GOALS[key], "higher", beside))


def values(draft: Draft | None, texts: tuple[str, ...], field: str) -> list[str]:
    """What a draft says for a field of the annotation."""
    if draft is None:
        return []
    sections = draft.sections
    if field in ("name", "email"):
        return distinct(_texts([draft.basics], field))
    if field == "designation":
        return distinct(
            [
                *_texts([draft.basics], "label"),
                *_texts(sections.get("work", []), "position"),
                *_texts(sections.get("volunteer", []), "position"),
            ]
        )
    if field == "company":
        return distinct(
            [*_texts(sections.get("work", []), "name"), *_texts(sections.get("volunteer", []), "organization")]
        )
    if field == "college":
        return distinct(_texts(sections.get("education", []), "institution"))
    return distinct(_degree(entry, texts) for entry in sections.get("education", []) if "studyType" in entry)


def _degree(entry: dict[str, Value], texts: tuple[str, ...]) -> str:
    """The degree with its field, where that follows it: so it is marked."""
    degree, area = entry["studyType"], entry.get("area")
    if (
        area
        and degree.spans
        and area.spans
        and 0 <= area.spans[0].start - degree.spans[0].end < 12
        and area.spans[0].page == degree.spans[0].page
    ):
        return " ".join(texts[degree.spans[0].page - 1][degree.spans[0].start : area.spans[-1].end].split())
    return degree.text


_BELOW_COLLEGE = re.compile(
    r"\b(?:high|secondary|matric\w*|public|convent|primary|h\.s\.) ?school|\bboard\b|\bschool$", re.IGNORECASE
)


def _otherwise(field: str, chosen: list[Annotated], parsed: dict[str, ParseResult]) -> str:
    """The same by the other reading of the marks, in words; "" for fields that have but one."""
    if field not in ("degree", "college"):
        return ""
    counts = [0, 0, 0, 0]
    for one in chosen:
        draft, texts = parsed[one.name].draft, parsed[one.name].texts
        marked = distinct(one.marked(KINDS[field]))
        if field == "college":
            _add(
                counts,
                compare(marked, [name for name in values(draft, texts, field) if not _BELOW_COLLEGE.search(name)]),
            )
            continue
        entries = [entry for entry in draft.sections.get("education", []) if "studyType" in entry] if draft else []
        forms = [[entry["studyType"].text, _degree(entry, texts)] for entry in entries]
        found = distinct(
            next((form for form in pair if any(alike(form, mark) for mark in marked)), pair[1]) for pair in forms
        )
        _add(counts, compare(marked, found))
    words_ = "with or without its field" if field == "degree" else "without schools below a college"
    return f"; {words_} {f1(counts)[0]:.2f}"


def _texts(entries: Iterable[dict[str, Value]], key: str) -> list[str]:
    return [entry[key].text for entry in entries if key in entry]


def words(text: str) -> tuple[str, ...]:
    """For comparing: its words, without case and punctuation."""
    return tuple(re.findall(r"\w+", text.casefold()))


def distinct(texts: Iterable[str]) -> list[str]:
    """Each once, by its words."""
    return list({words(text): text for text in texts if words(text)}.values())


def alike(one: str, other: str, *, loose: bool = False) -> bool:
    """The same words, or one within the other: half of it, or (`loose`) two words."""
    a, b = words(one), words(other)
    if a == b or "".join(a) == "".join(b):
        return True
    short, long = sorted((a, b), key=len)
    held = any(long[n : n + len(short)] == short for n in range(len(long) - len(short) + 1))
    return held and (2 * len(short) >= len(long) or (loose and len(short) > 1))


def compare(marked: list[str], found: list[str], *, loose: bool = False) -> tuple[int, int, int, int]:
    """(marked, found, right, strictly right): each value is matched once."""
    left = list(marked)
    right = strict = 0
    for one in found:
        match = next((other for other in left if words(one) == words(other)), None)
        strict += match is not None
        match = match or next((other for other in left if alike(one, other, loose=loose)), None)
        if match is not None:
            left.remove(match)
            right += 1
    return len(marked), len(found), right, strict


def f1(counts: list[int], *, strict: bool = False) -> tuple[float, float, float]:
    """(F1, precision, recall)."""
    marked, found, right = counts[0], counts[1], counts[3 if strict else 2]
    precision, recall = right / max(found, 1), right / max(marked, 1)
    return (2 * precision * recall / (precision + recall) if right else 0.0), precision, recall


def _add(total: list[int], counts: tuple[int, ...]) -> None:
    for index, count in enumerate(counts):
        total[index] += count


def _first_line(one: Annotated) -> list[str]:
    return [one.text.strip().split("\n")[0][:60]]


_NAIVE: dict[str, Callable[[Annotated], list[str]]] = {
    "name": _first_line,
    "email": lambda one: re.findall(r"\S+@\S+\.\w+", one.text)[:1],
    "designation": lambda one: re.findall(
        r"[A-Z]\w+ (?:Engineer|Developer|Manager|Analyst|Consultant|Assistant)\b", one.text),
    "company": lambda one: re.findall(r"(?:[A-Z]\w+ ){1,3}(?:Ltd|Inc|Limited|Corporation|Technologies)\b", one.text),
    "degree": lambda one: re.findall(
        r"\b(?:B\.?Tech|B\.?E|MBA|Bachelor of \w+|Master of \w+|B\.?Sc|M\.?Sc|Diploma)\b[^\n,]{0,40}", one.text),
    "college": lambda one: re.findall(r"(?:[A-Z]\w+ ){1,4}(?:University|College|Institute|School)\b", one.text),
}  # fmt: skip
