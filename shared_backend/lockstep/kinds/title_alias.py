"""An alias: a title as the company says it, and the occupation that is meant."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from shared_backend.lockstep.kinds.base import EntityKind, HeadColumns, Line, Shape

_CODE = re.compile(r"\d{2}-\d{4}\.\d{2}\Z")


def _code(value: str) -> str:
    if not _CODE.match(value):
        raise ValueError("must be an O*NET-SOC code such as 15-1252.00")
    return value


class TitleAlias(Shape):
    """The company's own title, the O*NET-SOC code of the occupation, and why."""

    title: Line | None = None
    code: Annotated[str, StringConstraints(max_length=10), AfterValidator(_code)] | None = None
    note: Line | None = None


def _columns(data: dict[str, Any]) -> HeadColumns:
    # The code in the indexed column: an occupation's page lists its own aliases.
    title, code = data.get("title", ""), data.get("code", "")
    return HeadColumns(label=title, status=code, search_text=f"{title} {code} {data.get('note', '')}".casefold())


def title_alias() -> EntityKind:
    """The kind `title_alias`; its id follows from its title (data_management/title_aliases.py), so that a title has
    one. Candidates see what it makes of their own title, and no more."""
    return EntityKind(
        name="title_alias",
        title="title alias",
        schema=TitleAlias,
        events="title_alias",
        columns=_columns,
        candidates="none",
    )
