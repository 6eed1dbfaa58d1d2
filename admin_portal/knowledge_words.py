"""Figures and sources of knowledge as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared_backend.portal_ui.text_safety import escape


def dollars(value: float | None) -> str:
    """`$131,450`; what is not published is said so."""
    return "not published" if value is None else f"${value:,.0f}"


def change(percent: float | None) -> str:
    """`+17.1%`, with a true minus."""
    return "not published" if percent is None else f"{percent:+.1f}%".replace("-", "−")


def number(value: float | None) -> str:
    """`1,795,300`."""
    return "not published" if value is None else f"{value:,.0f}"


def source_line(sources: Iterable[Mapping[str, Any]], *names: str) -> str:
    """`Source: O*NET database (O*NET 30.1, December 2025).`, of those of the sources that are named, as Markdown."""
    found = {each["source"]: each for each in sources}
    told = [f"{escape(found[name]['title'])} ({escape(found[name]['vintage'])})" for name in names if name in found]
    return f"Source{'s' if len(told) > 1 else ''}: {'; '.join(told)}." if told else ""


def basis_words(basis: Mapping[str, Any] | None) -> str:
    """Whose figures these are, where they are not the occupation's own; empty where they are. Markdown."""
    if not basis or basis.get("exact"):
        return ""
    of = f", {escape(basis['of'])}" if isinstance(basis.get("of"), str) else ""
    return f"Figures of {escape(basis['title'])} `{basis['code']}`{of}."
