"""An announcement: written in the admin portal, read in the user portal once it is published."""

from __future__ import annotations

from typing import Any, Literal

from shared_backend.lockstep.kinds.base import EntityKind, HeadColumns, Line, Prose, Shape


class Announcement(Shape):
    """A title, a text in Markdown without HTML, and where in its life it is."""

    title: Line | None = None
    body: Prose | None = None
    status: Literal["draft", "published", "withdrawn"] | None = None
    level: Literal["info", "important"] | None = None


def _columns(data: dict[str, Any]) -> HeadColumns:
    title = data.get("title", "")
    return HeadColumns(
        label=title, status=data.get("status", "draft"), search_text=f"{title} {data.get('body', '')}".casefold()
    )


def announcement() -> EntityKind:
    """The kind `announcement`; candidates see the published ones."""
    return EntityKind(
        name="announcement",
        title="announcement",
        schema=Announcement,
        events="announcement",
        columns=_columns,
        candidates="read",
        visible=lambda status: status == "published",
    )
