"""The bridge's conflicts: who sees them, and what closing them does."""

from __future__ import annotations

from typing import Any, Final

from shared_backend.database.types import to_json
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import audit
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep import conflicts, entities, event_log
from shared_backend.lockstep.conflicts import RESOLUTIONS, ConflictInfo
from shared_backend.lockstep.event_bus import EventBus
from shared_backend.lockstep.event_log import Draft
from shared_backend.lockstep.fields import MISSING, differ, flatten, under, unflatten, value_at, with_value
from shared_backend.lockstep.requests import SaveAnswer, SaveRequest
from shared_backend.lockstep.shared_state import SharedStateManager
from shared_backend.services.access import require_edit
from shared_backend.utils.exception_handler import InvalidInput, NotFound, PermissionDenied, StateConflict

_LONGEST: Final = 120  # characters of a value in a sentence


class BridgeConflicts:
    """Lists and closes conflicts on behalf of an actor."""

    def __init__(self, state: SharedStateManager, bus: EventBus) -> None:
        self._state = state
        self._bus = bus

    def find(self, actor: Actor, **filters: Any) -> tuple[list[ConflictInfo], int]:
        """See PortalBridge.conflicts."""
        of_account = None if actor.may(Permission.READ_ALL) else actor.id
        with self._state.database.snapshot() as connection:
            return conflicts.find(connection, of_account=of_account, **filters)

    def resolve(self, conflict_id: str, resolution: str, actor: Actor, source: str, correlation_id: str) -> SaveAnswer:
        """See PortalBridge.resolve_conflict. Raises StateConflict when somebody else has closed it already."""
        if resolution not in RESOLUTIONS:
            raise InvalidInput(f"{resolution!r} is not a resolution. Use one of {', '.join(RESOLUTIONS)}.")
        return self._state.database.run(
            lambda uow: self._resolve_in(uow, conflict_id, resolution, actor, source, correlation_id)
        )

    def _resolve_in(
        self, uow: UnitOfWork, conflict_id: str, resolution: str, actor: Actor, source: str, correlation_id: str
    ) -> SaveAnswer:
        found = conflicts.get(uow.connection, conflict_id, lock=uow.dialect == "postgresql")
        if found is None:
            raise NotFound(f"There is no conflict {conflict_id!r}.")
        self._authorise(found, actor, source)
        if found.status != "open":
            by = f" by {found.resolved_by_name}" if found.resolved_by_name else ""
            raise StateConflict(f"This conflict is closed already: {found.status}{by}.")
        now = self._state.now()
        answer = None
        if resolution == "apply_mine":
            answer = self._apply(uow, found, actor, source, correlation_id)
        version = answer.version if answer else None
        status = RESOLUTIONS[resolution]
        conflicts.close(
            uow.connection, found.id, status=status, by_id=actor.id, by_name=actor.name, at=now, version=version
        )
        audit.record(
            uow.connection,
            actor=actor,
            source=source,
            action=f"conflict.{resolution}",
            subject=(found.kind, found.entity_id),
            before={"conflict": found.id, "path": found.path, "status": "open"},
            after={"status": status, "version": version},
            at=now,
            correlation_id=correlation_id,
        )
        told = {"kind": found.kind, "entity_id": found.entity_id, "resolution": status}
        cursor = event_log.append(
            uow,
            [Draft("conflict_resolved", source, told, "conflict", found.entity_id)],
            actor_id=actor.id,
            actor_name=actor.name,
            at=now,
            correlation_id=correlation_id,
        )
        uow.after_commit(self._bus.watcher.hint)
        if answer is not None:
            return answer
        return SaveAnswer(found.version, cursor.seq, cursor.epoch)

    def _authorise(self, conflict: ConflictInfo, actor: Actor, source: str) -> None:
        kind = self._state.kinds.get(conflict.kind)
        if actor.may(Permission.EDIT_ALL):
            return
        if conflict.entity_id != actor.id and conflict.loser_id != actor.id:
            raise PermissionDenied("You can only decide conflicts of your own profile.")
        require_edit(actor, kind, conflict.entity_id, source)

    def _apply(
        self, uow: UnitOfWork, conflict: ConflictInfo, actor: Actor, source: str, correlation_id: str
    ) -> SaveAnswer:
        """Writes the losing value onto the newest version, whole: other entries of a keyed list stay as they are.
        Raises StateConflict where an edit of later stands, which nobody was shown when the two met."""
        head = entities.head(uow.connection, conflict.kind, conflict.entity_id, lock=uow.dialect == "postgresql")
        if head is None:
            raise NotFound(f"There is no {conflict.kind} {conflict.entity_id!r} any more.")
        before = flatten(head.data)
        entry = conflict.path.rpartition("].")[0]
        if entry and not under(before, f"{entry}]"):
            raise StateConflict("The entry that this was about has been removed since. Dismiss the conflict.")
        present = value_at(before, conflict.path)
        if not head.deleted and not conflict.is_between(present):
            raise StateConflict(
                f"This was edited again since the two edits met: {_in_words(present)} stands now, and nothing was "
                "changed. Edit it yourself if it should be otherwise, and dismiss the conflict."
            )
        fields = with_value(before, conflict.path, conflict.losing_value)
        request = SaveRequest(
            conflict.kind,
            conflict.entity_id,
            _replacing(head.data, unflatten(fields)),
            source,
            actor,
            head.version,
            correlation_id=correlation_id,
            action="resolve",
        )
        return self._state.save_in(uow, request)


def _in_words(value: Any) -> str:
    if value is MISSING:
        return "nothing"
    whole = value if isinstance(value, str) else to_json(value)
    return f"“{whole[:_LONGEST].rstrip()}…”" if len(whole) > _LONGEST else f"“{whole}”"


def _replacing(old: Any, new: Any) -> Any:
    """The merge patch that turns one object into the other."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {
        key: _replacing(old.get(key), new.get(key))
        for key in old.keys() | new.keys()
        if differ(old.get(key), new.get(key))
    }
