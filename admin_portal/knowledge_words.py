"""Figures and sources of knowledge as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared_backend.portal_ui.text_safety import escape

_SHORT: Final = {"onet": "O*NET", "bls": "U.S. Bureau of Labor Statistics", "esco": "ESCO"}


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
    """`Source: O*NET (O*NET 30.1, December 2025).`, of those of the sources that are named, as Markdown. `bls/wages` is
    of the source's vintage only what has that word: of wages, not of projections."""
    found = {each["source"]: each for each in sources}
    told: dict[str, list[str]] = {}
    for name in names:
        source, _slash, word = name.partition("/")
        if source in found:
            whole = str(found[source]["vintage"])
            parts = [part for part in whole.split("; ") if word.casefold() in part.casefold()]
            title = _SHORT.get(source, found[source]["title"])
            told.setdefault(title, []).append("; ".join(parts) or whole)
    lines = [f"{escape(title)} ({escape('; '.join(dict.fromkeys(parts)))})" for title, parts in told.items()]
    return f"Source{'s' if len(lines) > 1 else ''}: {', '.join(lines)}." if lines else ""


def basis_words(basis: Mapping[str, Any] | None) -> str:
    """Whose figures these are, where they are not the occupation's own; empty where they are. Markdown."""
    if not basis or basis.get("exact"):
        return ""
    of = f", {escape(basis['of'])}" if isinstance(basis.get("of"), str) else ""
    return f"Figures of {escape(basis['title'])} `{basis['code']}`{of}."
