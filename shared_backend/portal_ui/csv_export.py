"""Lists as CSV files that a spreadsheet opens without running anything that somebody typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any

from shared_backend.portal_ui.take_file import take_button

# What makes a spreadsheet take a cell for a formula (OWASP: CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """One value as a cell's text. What could be a formula gets a leading apostrophe; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    # A space before the sign does not stop every spreadsheet from calculating.
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The file: UTF-8 with the mark that makes Excel read it as such, CRLF at line ends (RFC 4180)."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([cell(name) for name in header])
    writer.writerows([cell(value) for value in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def export_button(
    file_name: str,
    content: Callable[[], bytes],
    *,
    key: str,
    about: Hashable = None,
    help: str | None = None,
    disabled: bool = False,
) -> None:
    """The button of a list; see `take_button`. `content` runs when it is pressed and asks `page_context()` for who is
    there. `about` is what the list is filtered by. With `help` the button stands twice in the page, one of them hidden.
    """
    take_button(
        "Export CSV", content, file_name=file_name, mime="text/csv", key=key, about=about, help=help, disabled=disabled
    )
