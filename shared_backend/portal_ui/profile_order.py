"""The order of a section's entries in time."""

from __future__ import annotations

from typing import Any

from shared_backend.portal_ui.profile_sections import SectionSpec

_ONGOING = "9999"


def newest_first(spec: SectionSpec, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries by time, newest first; those of one time, and those without, keep their order."""
    return sorted(entries, key=lambda entry: _time(spec, entry), reverse=True)


def is_newest_first(spec: SectionSpec, entries: list[dict[str, Any]]) -> bool:
    """Whether they stand in that order. A section without dates always does."""
    return not spec.dates or newest_first(spec, entries) == entries


def dated_place(spec: SectionSpec, entries: list[dict[str, Any]], entry: dict[str, Any]) -> int:
    """Where a new entry belongs: before the first that is not newer. Without dates that is the top."""
    when = _time(spec, entry)
    return next((at for at, other in enumerate(entries) if _time(spec, other) <= when), len(entries))


def period(spec: SectionSpec, entry: dict[str, Any]) -> str:
    """`2019-03 – 2024`, `since 2019`, or the single date; empty where there is none."""
    start, end = str(entry.get("startDate") or ""), str(entry.get("endDate") or "")
    if "startDate" not in spec.dates:
        return next((str(entry[name]) for name in spec.dates if entry.get(name)), "")
    if start and end:
        return f"{start} – {end}"
    return f"since {start}" if start else (f"until {end}" if end else "")


def _time(spec: SectionSpec, entry: dict[str, Any]) -> tuple[str, str]:
    """The deciding date, then the start. What has begun and has no end goes on, and so is the newest."""
    if not spec.dates:
        return ("", "")
    start = str(entry.get("startDate") or "")
    end = next((str(entry[name]) for name in spec.dates if name != "startDate" and entry.get(name)), "")
    return (end or (_ONGOING if start else ""), start)
