"""Aliases as administrators edit them: the company's own titles, each with the occupation that is meant.

Every write goes through the bridge, which asks again who acts, checks the rule below, and puts it on every open screen.
Writes answer dictionaries as the bridge does, with `id` besides; only who may edit everything may write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.title_aliases import KIND, Alias, alias_id, alias_key
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep import entities
from shared_backend.lockstep.entities import Entity
from shared_backend.lockstep.requests import SaveRequest
from shared_backend.services.portal_bridge import PortalBridge, Rule, failure
from shared_backend.utils.exception_handler import IntelliCVError, InvalidInput, NotFound, StateConflict

__all__ = ["KIND", "DuplicateAlias", "TitleAliases", "alias_rule"]

_LONGEST: Final = 60


class DuplicateAlias(StateConflict):
    """That title has an alias already."""

    code = "duplicate_alias"


class TitleAliases:
    """The aliases, over the bridge of a process and the knowledge that it has in use."""

    def __init__(self, bridge: PortalBridge, knowledge: AIDataManager) -> None:
        self._bridge = bridge
        self._knowledge = knowledge

    def add(self, title: str, code: str, note: str = "", *, actor: Actor, source: str) -> dict[str, Any]:
        """A new alias. One that was removed before comes back with this occupation. The title's spelling, case and
        plural make no other title: such a duplicate is refused, and the answer says what stands (`duplicate_alias`)."""

        def write() -> dict[str, Any]:
            data = {"title": title, "code": code, "note": note or None}
            checked = self._checked(title, code)
            head = self._head(checked)
            if head is not None and not head.deleted:
                raise self._duplicate(head)
            if head is not None:
                back = self._bridge.undelete(KIND, checked, source=source, actor=actor)
                if not back["success"]:
                    return back
                return self._bridge.save(KIND, checked, data, source=source, actor=actor)
            return self._bridge.save(KIND, checked, data, source=source, base_version=0, actor=actor)

        return self._written(write, alias_id(title), actor)

    def change(
        self, entity_id: str, changes: dict[str, Any], *, base_version: int | None, actor: Actor, source: str
    ) -> dict[str, Any]:
        """Changes `title`, `code` or `note`. Two who change the same field from the same version meet in a conflict, as
        everywhere. A title of other words is another alias: the new one is saved, then the old one removed; the answer
        has the id of the one that stands."""
        new_id = alias_id(changes["title"]) if isinstance(changes.get("title"), str) else entity_id
        if new_id == entity_id:
            return self._written(
                lambda: self._bridge.save(
                    KIND, entity_id, changes, source=source, base_version=base_version, actor=actor
                ),
                entity_id,
                actor,
            )

        def rename() -> dict[str, Any]:
            head = self._head(entity_id)
            if head is None or head.deleted:
                raise NotFound("This alias was removed meanwhile. Nothing was saved.")
            data = {**head.data, **changes}
            added = self.add(data["title"], data.get("code", ""), data.get("note") or "", actor=actor, source=source)
            if added["success"]:
                removed = self._bridge.delete(KIND, entity_id, source=source, actor=actor)
                return added if removed["success"] else removed
            return added

        return self._written(rename, new_id, actor)

    def remove(self, entity_id: str, *, actor: Actor, source: str) -> dict[str, Any]:
        """Removes an alias; `bring_back` takes that back."""
        return self._written(lambda: self._bridge.delete(KIND, entity_id, source=source, actor=actor), entity_id, actor)

    def bring_back(self, entity_id: str, *, actor: Actor, source: str) -> dict[str, Any]:
        """An alias that was removed, as it was."""
        return self._written(
            lambda: self._bridge.undelete(KIND, entity_id, source=source, actor=actor), entity_id, actor
        )

    def _written(self, write: Callable[[], dict[str, Any]], entity_id: str, actor: Actor) -> dict[str, Any]:
        try:
            # Before anything is read: who may not write learns nothing of what is there.
            actor.require(Permission.EDIT_ALL, "edit the company's titles")
            return {"id": entity_id, **write()}
        except IntelliCVError as error:
            return {"id": entity_id, **failure(error)}

    def _checked(self, title: str, code: str) -> str:
        """The id. Raises InvalidInput for a title or a code that is none."""
        check(self._knowledge, title, code)
        return alias_id(title)

    def _head(self, entity_id: str) -> Entity | None:
        with self._bridge.state.database.read() as connection:
            return entities.head(connection, KIND, entity_id)

    def _duplicate(self, head: Entity) -> DuplicateAlias:
        alias = Alias.of(head)
        occupations = self._knowledge.current().view(Occupations)
        means = occupations.title(alias.code) if alias.code in occupations else "an occupation that is no more"
        return DuplicateAlias(
            f"“{_short(alias.title)}” is an alias already, for {means} ({alias.code}). Nothing was saved: change that "
            "one instead."
        )


def alias_rule(knowledge: AIDataManager) -> Rule:
    """What the bridge asks of every save of an alias, from a page, a script or the gateway."""

    def rule(request: SaveRequest, head: Entity | None) -> None:
        wanted = {**(head.data if head is not None and not head.deleted else {}), **request.data}
        title, code = wanted.get("title") or "", wanted.get("code") or ""
        if not isinstance(title, str) or not isinstance(code, str):
            return  # the schema says it better
        check(knowledge, title, code)
        if alias_id(title) != request.entity_id:
            raise InvalidInput(
                f"The id of an alias follows from its title; that of “{_short(title)}” is {alias_id(title)}. Nothing "
                "was saved."
            )

    return rule


def check(knowledge: AIDataManager, title: str, code: str) -> None:
    """Raises InvalidInput unless the title has a word and the code is that of an occupation in use."""
    if not title.strip():
        raise InvalidInput("Give the title as your company says it. Nothing was saved.")
    if not alias_key(title):
        raise InvalidInput("A title has at least one letter or digit. Nothing was saved.")
    if not code:
        raise InvalidInput("Choose the occupation that the title means. Nothing was saved.")
    occupations = knowledge.current().view(Occupations)
    if title.strip() in occupations:
        raise InvalidInput("That is the code of an occupation, and not a title. Nothing was saved.")
    if code not in occupations:
        raise InvalidInput(f"O*NET knows no occupation {_short(code)!r}. Choose one of the list. Nothing was saved.")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
