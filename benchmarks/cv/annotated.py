"""F1 by field on CVs that others annotated, with their line breaks and without; beside it the plainest of baselines.

A value is right when it is what was marked, or when the one holds the other, in whole words, and at least half of them
(marks disagree on "Ltd" and the like). Counted over each document's distinct values, then over all.

Two habits of these marks are allowed for. A mark that runs over the end of a line may be met by one of its lines: half
of the colleges' marks begin in the line above, with the field of the degree ("Information Technology", "Anna
University"). And marks of a degree are with its field or without, where a profile has a degree and a field: either
form of it may be meant. Beside the figure stands what it is without these two (`whole`), what is strictly equal, what
holds or is held with two words or more (`loosely`), and, for colleges, what it is without schools below one, which are
hardly marked (1 of 115).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from benchmarks.cv.data import Annotated, annotated
from benchmarks.figures import Figure, Report
from shared_backend.data_management.extraction.draft import Draft, Value
from shared_backend.data_management.parse_here import parse_here

KINDS = {
    "name": "Name", "email": "Email Address", "designation": "Designation", "company": "Companies worked at",
    "degree": "Degree", "college": "College Name",
}  # fmt: skip
Forms = tuple[str, ...]  # one value, in each way in which it may be written; as a whole first

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
            whole = [0, 0, 0, 0]
            above = [0, 0, 0, 0]
            for one in chosen:
                marked = marks(one, field)
                found = values(parsed[one.name].draft, parsed[one.name].texts, field)
                _add(counts, compare(marked, found))
                _add(loosely, compare(marked, found, loose=True))
                _add(whole, compare([mark[:1] for mark in marked], [value[:1] for value in found]))
                _add(naive, compare(marked, distinct((text,) for text in _NAIVE[field](one))))
                _add(above, compare(marked, [value for value in found if not _BELOW_COLLEGE.search(value[0])]))
            value, precision, recall = f1(counts)
            beside = (
                f"n={len(chosen)}, precision {precision:.2f}, recall {recall:.2f}; whole {f1(whole)[0]:.2f}, strictly "
                f"equal {f1(counts, strict=True)[0]:.2f}, loosely {f1(loosely)[0]:.2f}; naive {f1(naive)[0]:.2f}"
            )
            if field == "college":
                beside += f"; without schools below a college {f1(above)[0]:.2f}"
            report.add(Figure(key, round(value, 3), "", GOALS[key], "higher", beside))


def marks(one: Annotated, field: str) -> list[Forms]:
    """What people marked: each as a whole, and then its lines."""
    return distinct((" ".join(lines), *lines) for lines in one.lines(KINDS[field]))


def values(draft: Draft | None, texts: tuple[str, ...], field: str) -> list[Forms]:
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


def _degree(entry: dict[str, Value], texts: tuple[str, ...]) -> Forms:
    """The degree with its field, where that follows it, and without."""
    degree, area = entry["studyType"], entry.get("area")
    if (
        area
        and degree.spans
        and area.spans
        and 0 <= area.spans[0].start - degree.spans[0].end < 12
        and area.spans[0].page == degree.spans[0].page
    ):
        both = texts[degree.spans[0].page - 1][degree.spans[0].start : area.spans[-1].end]
        return " ".join(both.split()), degree.text
    return (degree.text,)


_BELOW_COLLEGE = re.compile(
    r"\b(?:high|secondary|matric\w*|public|convent|primary|h\.s\.) ?school|\bboard\b|\bschool$", re.IGNORECASE
)


def _texts(entries: Iterable[dict[str, Value]], key: str) -> list[Forms]:
    return [(entry[key].text,) for entry in entries if key in entry]


def words(text: str) -> tuple[str, ...]:
    """For comparing: its words, without case and punctuation."""
    return tuple(re.findall(r"\w+", text.casefold()))


def distinct(found: Iterable[Forms]) -> list[Forms]:
    """Each once, by the words of its first form."""
    return list({words(forms[0]): forms for forms in found if forms and words(forms[0])}.values())


def alike(one: str, other: str, *, loose: bool = False) -> bool:
    """The same words, or one within the other: half of it, or (`loose`) two words."""
    a, b = words(one), words(other)
    if a == b or "".join(a) == "".join(b):
        return True
    short, long = sorted((a, b), key=len)
    held = any(long[n : n + len(short)] == short for n in range(len(long) - len(short) + 1))
    return held and (2 * len(short) >= len(long) or (loose and len(short) > 1))


def compare(marked: list[Forms], found: list[Forms], *, loose: bool = False) -> tuple[int, int, int, int]:
    """(marked, found, right, strictly right): each value is matched once, by any form of it."""
    left = list(marked)
    right = strict = 0
    for one in found:
        same = {words(form) for form in one}
        match = next((other for other in left if same & {words(form) for form in other}), None)
        strict += match is not None
        if match is None:
            match = next((mark for mark in left if any(_meet(form, mark, loose=loose) for form in one)), None)
        if match is not None:
            left.remove(match)
            right += 1
    return len(marked), len(found), right, strict


def _meet(form: str, mark: Forms, *, loose: bool) -> bool:
    """Whether it is like the mark, or like a line of it; a line of one word says too little to hold half of two."""
    return alike(form, mark[0], loose=loose) or any(
        alike(form, line, loose=loose) for line in mark[1:] if len(words(line)) > 1
    )


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
