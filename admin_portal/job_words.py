"""Jobs in words: states, progress, speed and time left."""

from __future__ import annotations

from typing import Final, Literal

import streamlit as st

from shared_backend.jobs.job import Job

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "grey", "primary"]

TITLES: Final = {
    "running": "Running",
    "waiting": "Waiting",
    "paused": "Paused",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "done": "Done",
}
_BADGES: Final[dict[str, tuple[str, Colour]]] = {
    "running": (":material/play_circle:", "blue"),
    "waiting": (":material/schedule:", "gray"),
    "paused": (":material/pause_circle:", "orange"),
    "failed": (":material/error:", "red"),
    "cancelled": (":material/cancel:", "gray"),
    "done": (":material/check_circle:", "green"),
}
_WISHES: Final = {"pause": "Pausing", "cancel": "Cancelling"}


def badge(job: Job) -> None:
    """The state, with its icon; what somebody wishes of a running job goes before."""
    icon, colour = _BADGES.get(job.state, (":material/help:", "gray"))
    label = _WISHES.get(job.wish or "", TITLES.get(job.state, job.state))
    if job.state == "waiting" and job.attempts:
        label, icon, colour = "Waiting to try again", ":material/update:", "orange"
    st.badge(label, icon=icon, color="orange" if job.wish else colour)


def progress_words(job: Job) -> str:
    """`120 of 500 files, 14 a second, about 27 s left`, as far as it is known."""
    unit = f" {job.progress_unit}" if job.progress_unit else ""
    parts = []
    if job.progress_total:
        parts.append(f"{job.progress_done:,} of {job.progress_total:,}{unit}")
    elif job.progress_done:
        parts.append(f"{job.progress_done:,}{unit}")
    if job.state == "running":
        if job.rate is not None:
            parts.append(rate_words(job.rate))
        if job.left_s is not None:
            parts.append(f"about {span_words(job.left_s)} left")
    return ", ".join(parts)


def rate_words(rate: float) -> str:
    """Units a second, or a minute or hour where that is too little to say."""
    for seconds, period in ((1, "second"), (60, "minute"), (3_600, "hour")):
        if rate * seconds >= 1 or period == "hour":
            amount = rate * seconds
            per = f"an {period}" if period == "hour" else f"a {period}"
            return f"{amount:,.0f} {per}" if amount >= 10 else f"{amount:,.1f} {per}"
    raise AssertionError("unreachable")


def span_words(seconds: float) -> str:
    """`0.4 s`, `27 s`, `3 min`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes:,} min"
    return f"{minutes // 60:,} h {minutes % 60} min"
