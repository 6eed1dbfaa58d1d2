"""Who reaches which entities: asked in the service on every call, whatever the page has shown."""

from __future__ import annotations

from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission, Role
from shared_backend.lockstep.entities import Entity
from shared_backend.lockstep.kinds import EntityKind
from shared_backend.utils.exception_handler import NotFound, PermissionDenied


def require_read(actor: Actor, kind: EntityKind, entity_id: str) -> None:
    """Raises PermissionDenied when the actor may not read entities of this kind, or not this one.

    For kinds of which candidates read some, what they may not see yet is `hidden`.
    """
    if actor.may(Permission.READ_ALL):
        return
    if kind.candidates == "own" and entity_id == actor.id:
        return
    if kind.candidates == "read":
        return
    raise PermissionDenied(f"You can only see your own {kind.title}.")


def hidden(actor: Actor, kind: EntityKind, entity: Entity) -> bool:
    """Whether this actor must not learn that the entity exists: a draft, a withdrawn announcement, a deleted one."""
    return not actor.may(Permission.READ_ALL) and (entity.deleted or not kind.visible(entity.status))


def visible(actor: Actor, kind: EntityKind, entity: Entity | None, entity_id: str) -> Entity:
    """The entity. Raises NotFound where there is none, or none for this actor."""
    if entity is None or hidden(actor, kind, entity):
        raise NotFound(f"There is no {kind.title} {entity_id!r}.")
    return entity


def require_edit(actor: Actor, kind: EntityKind, entity_id: str, source: str, *, override: bool = False) -> None:
    """Raises PermissionDenied when the actor may not edit the entity, or not from that portal, or not override."""
    if actor.role is Role.CANDIDATE:
        if kind.candidates != "own" or entity_id != actor.id:
            raise PermissionDenied(f"You can only edit your own {kind.title}.")
        if source != "user_portal":
            raise PermissionDenied("A candidate's edits come from the user portal.")
    else:
        actor.require(Permission.EDIT_ALL, f"edit {kind.title}s")
    if kind.name == "announcement":
        actor.require(Permission.PUBLISH, "publish announcements")
    if override:
        actor.require(Permission.OVERRIDE, "override what others have written")
