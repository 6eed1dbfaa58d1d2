"""Lists as CSV files that a spreadsheet opens without running anything that somebody typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

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
    file_name: str, content: Callable[[], bytes], *, key: str, help: str | None = None, disabled: bool = False
) -> None:
    """The button of a list. `content` runs when it is pressed, on a thread without a page: it takes with it what it
    needs, and its service checks the actor again. With `help` the button stands twice in the page, one of them hidden.
    """
    st.download_button(
        "Export CSV",
        content,
        file_name=file_name,
        mime="text/csv",
        key=key,
        help=help,
        icon=":material/download:",
        on_click="ignore",
        disabled=disabled,
    )
