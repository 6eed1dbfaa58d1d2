"""The words of CV intake: states of files, and how an intake gets on."""

from __future__ import annotations

from typing import Final

from shared_backend.services.intake import Progress

FILE_STATES: Final = {
    "waiting": "Waits",
    "read": "Read",
    "duplicate": "Duplicate",
    "failed": "Could not be read",
    "deleted": "Deleted",
}
STATES: Final = {
    "running": (":material/play_circle: Running", "blue"),
    "waiting": (":material/schedule: Waits for a worker", "gray"),
    "paused": (":material/pause_circle: Paused", "orange"),
    "cancelled": (":material/cancel: Cancelled", "gray"),
    "failed": (":material/error: Stopped by an error", "red"),
    "done": (":material/check_circle: All read", "green"),
}


def left_words(progress: Progress) -> str:
    """`2.4 files a second, about 3 minutes left`; empty while nothing can be said."""
    if progress.rate is None:
        return ""
    words = f"{progress.rate:,.1f} files a second"
    if progress.left_s is None:
        return words
    minutes, seconds = divmod(round(progress.left_s), 60)
    left = f"{minutes:,} min" if minutes else f"{seconds} s"
    return f"{words}, about {left} left"


def counted(number: int, one: str) -> str:
    """`1 file`, `3 files`."""
    return f"{number:,} {one if number == 1 else one + 's'}"
