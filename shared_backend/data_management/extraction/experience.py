"""How long somebody has worked: overlaps counted once, nothing taken from a clock."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared_backend.data_management.extraction.draft import Draft, Entry, Value

Span = tuple[int, int]


def _months(text: str, *, last: bool) -> int:
    parts = [int(part) for part in text.split("-")]
    return parts[0] * 12 + ((parts[1] if len(parts) > 1 else 12 if last else 1) - 1)


def newest_month(draft: Draft) -> int | None:
    """The newest month that any entry of work or education names."""
    found = [
        _months(one.text, last=False)
        for section in ("work", "education", "projects")
        for entry in draft.sections.get(section, [])
        for key in ("startDate", "endDate")
        if isinstance(one := entry.get(key), Value)
    ]
    return max(found, default=None)


def spans_of(entries: list[Entry], until: int | None) -> list[Span]:
    """(first month, last month) of each dated entry, in months since year 0. One that goes on ends at `until`."""
    found = []
    for entry in entries:
        start, end = entry.get("startDate"), entry.get("endDate")
        if not isinstance(start, Value):
            continue
        first = _months(start.text, last=False)
        if isinstance(end, Value):
            # 2014 - 2016 is two years, not three: of years alone, the same month is meant.
            last = (
                _months(end.text, last=False)
                if "-" not in end.text and "-" not in start.text
                else _months(end.text, last=True)
            )
            last = max(last, first)
        elif "present" in entry and until is not None:
            last = max(until, first)
        else:
            last = first
        found.append((first, last))
    return found


def total_months(spans: list[Span]) -> int:
    """Months that any of the spans covers, each counted once."""
    total, reached = 0, -1
    for first, last in sorted(spans):
        begin = max(first, reached + 1)
        if last >= begin:
            total += last - begin + 1
            reached = last
    return total


def summary(draft: Draft, as_of: date | None = None) -> dict[str, Any]:
    """months (overlaps merged), from, to, and whether it goes on. Without `as_of`, what goes on is counted up to the
    newest month that the document names, and `open` says so."""
    work = draft.sections.get("work", [])
    spans = spans_of(work, counted_until(draft, as_of))
    if not spans:
        return {}
    last = max(end for _, end in spans)
    first = min(start for start, _ in spans)
    return {
        "months": total_months(spans),
        "from": month_text(first),
        "to": month_text(last),
        "open": any("present" in entry for entry in work),
        "positions": len(spans),
    }


def counted_until(draft: Draft, as_of: date | None) -> int | None:
    """The month up to which that is counted which goes on, in months since year 0."""
    return as_of.year * 12 + as_of.month - 1 if as_of else newest_month(draft)


def month_text(months: int) -> str:
    """Months since year 0 as 2019-05."""
    return f"{months // 12:04d}-{months % 12 + 1:02d}"
