"""Who may do what with a document: one's own is one's own, the others' are for those who see all candidates."""

from __future__ import annotations

from sqlalchemy import Connection

from shared_backend.data_management import document_store as store
from shared_backend.data_management.document_store import Document
from shared_backend.identity import accounts
from shared_backend.identity.accounts import Status
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission, Role
from shared_backend.utils.exception_handler import NotFound, PermissionDenied


def as_of_now(connection: Connection, actor: Actor) -> Actor:
    """The actor with the role that they have now. Raises PermissionDenied for who has none any more."""
    if actor.role is Role.SYSTEM:
        return actor
    account = accounts.by_id(connection, actor.id)
    if account is None or account.status is not Status.ACTIVE:
        raise PermissionDenied("Your account can't be used any more. Ask your administrator.")
    return Actor(actor.id, account.role, account.name, actor.session_id)


def require_owner(connection: Connection, actor: Actor, owner_id: str | None, *, write: bool) -> Actor:
    """The actor as of now, where they may see (or change) what belongs to this person. Raises PermissionDenied."""
    fresh = as_of_now(connection, actor)
    if owner_id is not None and owner_id == fresh.id and fresh.may(Permission.EDIT_OWN):
        return fresh
    if not fresh.may(Permission.READ_ALL):
        raise PermissionDenied("You can only see your own documents.")
    if write:
        fresh.require(Permission.EDIT_ALL, "change candidates' documents")
    return fresh


def reach(
    connection: Connection, document_id: str, actor: Actor, *, write: bool = False, lock: bool = False
) -> Document:
    """A document that the actor may reach. Raises NotFound, also for a candidate who asks for somebody else's: that it
    exists is nobody's business."""
    found = store.get(connection, document_id, lock=lock)
    if found is None:
        as_of_now(connection, actor)
        raise no_document()
    try:
        require_owner(connection, actor, found.owner_id, write=write)
    except PermissionDenied:
        if actor.may(Permission.READ_ALL):
            raise
        raise no_document() from None
    return found


def no_document() -> NotFound:
    """What is said of a document that is not there."""
    return NotFound("There is no such document. It may have been deleted.")
