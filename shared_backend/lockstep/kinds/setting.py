"""A setting that both portals follow while they run."""

from __future__ import annotations

from typing import Any

from shared_backend.lockstep.kinds.base import EntityKind, HeadColumns, Line, Lines, Prose, Shape


class Setting(Shape):
    """One value, and what it is for."""

    value: Prose | bool | int | float | Lines | None = None
    description: Line | None = None


def _columns(data: dict[str, Any]) -> HeadColumns:
    return HeadColumns(label=data.get("description", ""), search_text=data.get("description", "").casefold())


def setting() -> EntityKind:
    """The kind `setting`."""
    return EntityKind(
        name="setting", title="setting", schema=Setting, events="setting", columns=_columns, candidates="none"
    )
