"""Erasing a person for good: what the right to erasure asks for. Nothing is left but a tombstone and ids in the audit.

Deleting a profile (`portal_bridge.delete`) can be undone; this can't. Backups that were made before still hold the
person until they are themselves deleted: docs/documents.md says so to operators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, delete, select, update

from shared_backend.data_management import document_store
from shared_backend.data_management.document_access import as_of_now
from shared_backend.database.tables import (
    AccountRow,
    AcknowledgementReader,
    AuditRow,
    CloudVectorRow,
    ConflictRow,
    EntityHead,
    EntityVersion,
    EventRow,
    IdempotencyRow,
    JobRow,
    SessionRow,
    SignInLinkRow,
)
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import accounts, audit
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission, Role
from shared_backend.jobs.kinds import JobKind, JobRegister
from shared_backend.lockstep.requests import SaveRequest
from shared_backend.utils.exception_handler import InvalidInput, NotFound, PermissionDenied
from shared_backend.utils.logging_config import correlation_id, new_correlation_id

if TYPE_CHECKING:
    from shared_backend.database.engine import Database
    from shared_backend.services.backend import Backend

COMPACT: Final = "database.compact"
_PROFILE: Final = "user_profile"


@dataclass(frozen=True)
class Erased:
    """What was erased."""

    documents: int
    had_profile: bool


class Erasure:
    """Erases candidates. They themselves may ask for it, and whoever manages people: PermissionDenied otherwise."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._database = backend.database

    def erase(self, owner_id: str, *, confirmation: str, actor: Actor, source: str) -> Erased:
        """Erases a candidate with everything that is theirs. `confirmation` is their e-mail address, so that nobody
        does it by a slip. Safe to repeat where it was broken off. Raises NotFound, InvalidInput, PermissionDenied,
        and CloudError where a document can't be removed now."""
        with self._database.read() as connection:
            fresh = self._check(connection, owner_id, confirmation, actor)
        removed = self._remove_documents(owner_id, fresh, source)
        with self._database.read() as connection:
            head = connection.execute(
                select(EntityHead.deleted).where(  # type: ignore[call-overload]
                    EntityHead.kind == _PROFILE, EntityHead.entity_id == owner_id
                )
            ).first()
        if head is not None and not head.deleted:
            # First as any deletion: open pages of both portals let go of it.
            request = SaveRequest(
                _PROFILE, owner_id, {}, source, _nameless(fresh, owner_id), correlation_id=new_correlation_id()
            )
            self._backend.state.delete(request)
        # Whatever was uploaded meanwhile.
        removed += self._remove_documents(owner_id, fresh, source)
        self._database.run(lambda uow: self._scrub(uow, owner_id, fresh, source))
        return Erased(removed, head is not None)

    def _check(self, connection: Connection, owner_id: str, confirmation: str, actor: Actor) -> Actor:
        fresh = as_of_now(connection, actor)
        if fresh.id != owner_id and not fresh.may(Permission.MANAGE_PEOPLE):
            raise PermissionDenied("You can't erase other people.")
        account = accounts.by_id(connection, owner_id)
        if account is None:
            raise NotFound("There is no such person. They may have been erased already.")
        if account.role is not Role.CANDIDATE:
            raise InvalidInput("Only candidates are erased here. Lock the account of a colleague who has left.")
        if confirmation.strip().casefold() != account.email:
            raise InvalidInput("That is not the e-mail address of this account. Nothing was erased.")
        return fresh

    def _remove_documents(self, owner_id: str, actor: Actor, source: str) -> int:
        with self._database.read() as connection:
            found = document_store.of_owner(connection, owner_id)
        system = Actor.system("erasure")
        for document in found:
            self._backend.documents.delete(document.id, actor=system, source=source)
        return len(found)

    def _scrub(self, uow: UnitOfWork, owner_id: str, actor: Actor, source: str) -> None:
        connection = uow.connection
        for work in (_blank_profile, _blank_names, _delete_rows):
            work(connection, owner_id)
        if document_store.of_owner(connection, owner_id):
            raise InvalidInput("A document was uploaded just now. Erase the person once more.")
        nameless, now = _nameless(actor, owner_id), self._backend.clock()
        audit.record(
            connection,
            actor=nameless,
            source=source,
            action="erase",
            subject=("account", owner_id),
            before=None,
            after=None,
            at=now,
            correlation_id=correlation_id() or new_correlation_id(),
        )
        # What a database deletes stays in its file until it is written over.
        self._backend.jobs.enqueue_in(uow, COMPACT, {}, actor=Actor.system("erasure"), source=source, key="compact")
        self._backend.bus.publish_in(
            uow,
            "account_update",
            {"action": "erase", "changed": []},
            source=source,
            actor=nameless,
            kind="account",
            entity_id=owner_id,
            correlation_id=correlation_id() or new_correlation_id(),
        )


def add_erasure_job(register: JobRegister, database: Database) -> None:
    """Adds the kind that writes over what was erased. No payload."""

    def compact(_run: Any, _payload: dict[str, Any]) -> dict[str, Any]:
        database.compact()
        return {}

    register.add(JobKind(COMPACT, "Write over what was erased", compact, at_once=1, tries=50))


def _nameless(actor: Actor, owner_id: str) -> Actor:
    return Actor(actor.id, actor.role) if actor.id == owner_id else actor


def _table(row: type[Any]) -> Any:
    return row.__table__


def _blank_profile(connection: Connection, owner_id: str) -> None:
    """The versions stay as numbers, so that the log still adds up; of what was in them nothing stays."""
    head, version, event, conflict = (_table(row) for row in (EntityHead, EntityVersion, EventRow, ConflictRow))
    of_head = (head.c.kind == _PROFILE, head.c.entity_id == owner_id)
    connection.execute(update(head).where(*of_head).values(data={}, label="", status="", search_text="", score=0))
    of_version = (version.c.kind == _PROFILE, version.c.entity_id == owner_id)
    connection.execute(update(version).where(*of_version).values(data={}, changed=[]))
    told = select(event.c.seq, event.c.data).where(event.c.kind == _PROFILE, event.c.entity_id == owner_id)
    for row in connection.execute(told).all():
        connection.execute(update(event).where(event.c.seq == row.seq).values(data={**row.data, "changed": []}))
    of_conflict = (conflict.c.kind == _PROFILE, conflict.c.entity_id == owner_id)
    blank = {"base_value": {}, "winning_value": {}, "losing_value": {}, "path": ""}
    connection.execute(update(conflict).where(*of_conflict).values(**blank, status="dismissed"))


def _blank_names(connection: Connection, owner_id: str) -> None:
    """Where the person acted, their id says so."""
    for row, who, name in (
        (EntityHead, "updated_by", "updated_by_name"),
        (EntityVersion, "author_id", "author_name"),
        (EventRow, "actor_id", "actor_name"),
        (AuditRow, "actor_id", "actor_name"),
        (JobRow, "actor_id", "actor_name"),
        (ConflictRow, "winner_id", "winner_name"),
        (ConflictRow, "loser_id", "loser_name"),
        (ConflictRow, "resolved_by", "resolved_by_name"),
    ):
        table = _table(row)
        connection.execute(update(table).where(table.c[who] == owner_id).values({table.c[name]: ""}))
    trail = _table(AuditRow)
    connection.execute(update(trail).where(trail.c.subject_id == owner_id).values(before=None, after=None))


def _delete_rows(connection: Connection, owner_id: str) -> None:
    document_store.forget_owner(connection, owner_id)
    found: list[tuple[type[Any], Callable[[Any], Any]]] = [
        (IdempotencyRow, lambda table: table.c.scope == owner_id),
        (CloudVectorRow, lambda table: table.c.subject == owner_id),
        (AcknowledgementReader, lambda table: table.c.account_id == owner_id),
        (SessionRow, lambda table: table.c.account_id == owner_id),
        (SignInLinkRow, lambda table: table.c.account_id == owner_id),
        (AccountRow, lambda table: table.c.id == owner_id),
    ]
    for row, condition in found:
        table = _table(row)
        connection.execute(delete(table).where(condition(table)))
