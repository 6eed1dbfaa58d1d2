"""The bridge's reads: entities, lists and histories, as far as the actor may see them."""

from __future__ import annotations

from typing import Any

from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep import entities, event_log
from shared_backend.lockstep.entities import Entity, Listing, VersionInfo
from shared_backend.lockstep.event_log import Cursor
from shared_backend.lockstep.fields import FieldChange, diff, flatten
from shared_backend.lockstep.shared_state import SharedStateManager
from shared_backend.services.access import hidden, require_read, visible
from shared_backend.utils.exception_handler import InvalidInput, NotFound, PermissionDenied

MAX_PAGE = 500


class BridgeReads:
    """Reads on behalf of an actor."""

    def __init__(self, state: SharedStateManager) -> None:
        self._state = state

    def get(self, kind: str, entity_id: str, actor: Actor) -> Entity:
        """See PortalBridge.get."""
        known = self._state.kinds.get(kind)
        require_read(actor, known, entity_id)
        with self._state.database.read() as connection:
            found = entities.head(connection, kind, entity_id)
        return visible(actor, known, found, entity_id)

    def snapshot(self, kind: str, ids: list[str] | None, actor: Actor) -> tuple[list[Entity], Cursor]:
        """See PortalBridge.snapshot."""
        known = self._state.kinds.get(kind)
        for entity_id in ids or []:
            require_read(actor, known, entity_id)
        if ids is None and known.candidates == "own" and not actor.may(Permission.READ_ALL):
            ids = [actor.id]
        with self._state.database.snapshot() as connection:
            cursor = event_log.position(connection).cursor
            if ids is not None:
                found = list(entities.heads(connection, kind, ids).values())
            else:
                found = list(entities.every(connection, kind))
        return [entity for entity in found if not hidden(actor, known, entity)], cursor

    def find(self, kind: str, actor: Actor, **filters: Any) -> Listing:
        """See PortalBridge.find."""
        known = self._state.kinds.get(kind)
        if not 1 <= filters.get("limit", 50) <= MAX_PAGE or filters.get("offset", 0) < 0:
            raise InvalidInput(f"A page holds 1 to {MAX_PAGE} entries and starts at 0 or later.")
        everything = actor.may(Permission.READ_ALL)
        if not everything and known.candidates != "read":
            raise PermissionDenied(f"You can only see your own {known.title}.")
        with self._state.database.snapshot() as connection:
            if not everything:
                # Left out by the database: a page that is thinned out afterwards is short, and its total wrong.
                asked = filters.get("status") or entities.statuses(connection, kind)
                seen = tuple(status for status in asked if known.visible(status))
                if not seen:
                    return Listing([], 0)
                filters = {**filters, "deleted": False, "status": seen}
            return entities.find(connection, kind, **filters)

    def history(
        self, kind: str, entity_id: str, actor: Actor, *, limit: int = 50, before: int | None = None
    ) -> list[VersionInfo]:
        """See PortalBridge.history."""
        self._require_history(actor, kind, entity_id)
        with self._state.database.read() as connection:
            return entities.history(connection, kind, entity_id, limit=min(max(limit, 1), MAX_PAGE), before=before)

    def diff(self, kind: str, entity_id: str, a: int, b: int, actor: Actor) -> list[FieldChange]:
        """See PortalBridge.diff. Version 0 is the state before there was one."""
        self._require_history(actor, kind, entity_id)
        with self._state.database.snapshot() as connection:
            states = []
            for number in (a, b):
                found = entities.version(connection, kind, entity_id, number) if number else None
                if number and found is None:
                    raise NotFound(f"There is no version {number} of {kind} {entity_id!r}.")
                states.append(flatten(found.data) if found else {})
        return diff(states[0], states[1])

    def _require_history(self, actor: Actor, kind: str, entity_id: str) -> None:
        known = self._state.kinds.get(kind)
        require_read(actor, known, entity_id)
        if known.candidates == "read" and not actor.may(Permission.READ_ALL):
            raise PermissionDenied(f"The history of {known.title}s is for administrators.")
