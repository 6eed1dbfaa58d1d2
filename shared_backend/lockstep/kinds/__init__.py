"""The kinds of entities, by name. Adding one: a file here, a line below, a heading in docs/events.md."""

from __future__ import annotations

import difflib

from shared_backend.lockstep.kinds.announcement import announcement
from shared_backend.lockstep.kinds.base import EntityKind, HeadColumns, Shape
from shared_backend.lockstep.kinds.setting import setting
from shared_backend.lockstep.kinds.title_alias import title_alias
from shared_backend.lockstep.kinds.user_profile import user_profile
from shared_backend.utils.exception_handler import InvalidInput

__all__ = ["EntityKind", "HeadColumns", "KindRegister", "Shape"]


class KindRegister:
    """The kinds that one backend knows."""

    def __init__(self, kinds: tuple[EntityKind, ...] | None = None) -> None:
        chosen = kinds if kinds is not None else (user_profile(), announcement(), setting(), title_alias())
        self._kinds = {kind.name: kind for kind in chosen}

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._kinds)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._kinds.values())

    def get(self, name: str) -> EntityKind:
        """The kind of that name. Raises InvalidInput that names the nearest."""
        found = self._kinds.get(name) if isinstance(name, str) else None
        if found is None:
            near = difflib.get_close_matches(str(name), self._kinds, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(self.names())}."
            raise InvalidInput(f"{name!r} is not a kind of entity. {hint}")
        return found
