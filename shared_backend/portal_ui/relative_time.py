"""Times as people say them, with the exact one for the tooltip."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from shared_backend.portal_ui.live import draws_age

_STEPS = ((60, 60, "minute"), (3600, 24, "hour"), (86_400, 30, "day"), (2_592_000, 12, "month"))
_YEAR_S = 31_536_000


def relative(at: datetime | None, *, now: datetime | None = None) -> str:
    """`just now`, `3 minutes ago`, `2 days ago`; `in a moment` covers a clock that is ahead. None is `never`.

    In a live region it stays true: see `draws_age`.
    """
    draws_age()
    if at is None:
        return "never"
    seconds = ((now or datetime.now(UTC)) - at) / timedelta(seconds=1)
    if seconds < -60:
        return "in a moment"
    if seconds < 60:
        return "just now"
    for unit_s, below, unit in _STEPS:
        count = int(seconds // unit_s)
        if count < below:
            return _ago(count, unit)
    return _ago(max(int(seconds // _YEAR_S), 1), "year")


def exact(at: datetime | None, zone: tzinfo | None = None) -> str:
    """`22 Nov 2026, 23:45:37 CET`, in the zone given, else in that of the person's browser."""
    if at is None:
        return "never"
    local = at.astimezone(zone or viewer_zone())
    return f"{local.day} {local:%b %Y, %H:%M:%S %Z}"


def viewer_zone() -> tzinfo:
    """The time zone of the browser that shows this page; UTC where it has told none."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def time_caption(before: str, at: datetime | None, after: str = "") -> None:
    """A caption such as `Saved 3 minutes ago`, the exact time in its tooltip. `before` and `after` are Markdown."""
    words = " ".join(part for part in (before, relative(at), after) if part)
    st.caption(words[:1].upper() + words[1:], help=exact(at) if at else None)


def _ago(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'} ago"
