"""A profile as paragraphs, each with what it is: what is printed on paper is made of these, whatever the format."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator
from typing import Any, Final, Literal

# The name, a section's title, what an entry is, where and when it was, a line of a list, and text.
Style = Literal["Title", "Heading1", "Entry", "Where", "When", "ListBullet", "Normal"]

_TITLES: Final = {
    "work": "Work experience",
    "education": "Education",
    "projects": "Projects",
    "volunteer": "Volunteering",
    "skills": "Skills",
    "languages": "Languages",
    "certificates": "Certificates",
    "awards": "Awards",
    "publications": "Publications",
    "interests": "Interests",
    "references": "References",
}
# What an entry is, and where or by whom: on lines of their own, which other programs tell apart best.
_HEADINGS: Final = {
    "work": (("position",), ("name", "location")),
    "education": (("studyType", "area"), ("institution",)),
    "projects": (("name",), ("entity",)),
    "volunteer": (("position",), ("organization",)),
    "certificates": (("name",), ("issuer",)),
    "awards": (("title",), ("awarder",)),
    "publications": (("name",), ("publisher",)),
    "references": (("name",), ()),
}
_PROSE: Final = ("summary", "description", "reference", "score")
_LINES: Final = ("highlights", "courses")


def paragraphs(data: dict[str, Any]) -> Iterator[tuple[Style, str]]:
    """All of them, from the top; a paragraph may be empty."""
    basics = data.get("basics") or {}
    location = basics.get("location") or {}
    yield "Title", str(basics.get("name") or "")
    yield "Normal", str(basics.get("label") or "")
    place = [location.get(name) for name in ("address", "postalCode", "city", "region", "countryCode")]
    contact = [
        ", ".join(str(part) for part in place if part),
        basics.get("email"),
        basics.get("phone"),
        basics.get("url"),
    ]
    contact += [each.get("url") or _named(each, ("network", "username")) for each in basics.get("profiles") or []]
    yield "Normal", " | ".join(str(part) for part in contact if part)
    yield from (("Normal", part) for part in str(basics.get("summary") or "").splitlines())
    for section, title in _TITLES.items():
        entries = data.get(section) or []
        if entries:
            yield "Heading1", title
            yield from _section(section, entries)


def _section(section: str, entries: list[dict[str, Any]]) -> Iterator[tuple[Style, str]]:
    if section not in _HEADINGS:
        for entry in entries:
            named = _named(entry, ("name", "language", "level", "fluency"))
            yield "ListBullet", ": ".join(part for part in (named, ", ".join(entry.get("keywords") or [])) if part)
        return
    for entry in entries:
        what, where = (_named(entry, names) for names in _HEADINGS[section])
        yield "Entry", what or where
        yield "Where", where if what else ""
        yield "When", _when(entry)
        for name in _PROSE:
            yield from (("Normal", part) for part in str(entry.get(name) or "").splitlines())
        for name in _LINES:
            yield from (("ListBullet", str(line)) for line in entry.get(name) or [])
        yield "Normal", str(entry.get("url") or "")


def _named(entry: dict[str, Any], names: tuple[str, ...]) -> str:
    return ", ".join(str(entry[name]) for name in names if entry.get(name))


def _when(entry: dict[str, Any]) -> str:
    start, end = _date(entry.get("startDate")), _date(entry.get("endDate"))
    if start:
        return f"{start} – {end or 'present'}"
    return end or _date(entry.get("date") or entry.get("releaseDate"))


def _date(date: Any) -> str:
    """`2012-10` as `October 2012`."""
    year, *rest = str(date or "").split("-")
    if not rest:
        return year
    day = f"{int(rest[1])} " if len(rest) > 1 else ""
    return f"{day}{month_name[int(rest[0])]} {year}"
