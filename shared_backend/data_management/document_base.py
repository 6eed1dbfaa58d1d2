"""What everything about documents shares: who is asked, and that each change leaves an audit row and an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from shared_backend.data_management.document_store import Document
from shared_backend.data_management.reading import Reader, Storage
from shared_backend.database.engine import Database
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import audit
from shared_backend.identity.actor import Actor
from shared_backend.lockstep.event_bus import EventBus
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.logging_config import correlation_id, new_correlation_id

KIND: Final = "document"
UNASSIGNED: Final = "unassigned"


class SaveProfile(Protocol):
    """Saves a profile as `PortalBridge.sync_user_data` does."""

    def __call__(
        self, user_id: str, data: dict[str, Any], source: str, *, base_version: int | None, actor: Actor
    ) -> dict[str, Any]: ...


class DocumentBase:
    """`reader` and `storage` are asked for when they are first needed. `ask` asks for a document to be read, in the
    transaction that it is given."""

    def __init__(
        self,
        database: Database,
        bus: EventBus,
        *,
        reader: Callable[[], Reader],
        storage: Callable[[], Storage],
        save_profile: SaveProfile,
        ask: Callable[[UnitOfWork, str, Actor, str], Any],
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._bus = bus
        self._reader = reader
        self._storage = storage
        self._save_profile = save_profile
        self._ask = ask
        self._clock = clock

    def _audit(
        self, uow: UnitOfWork, action: str, document_id: str, actor: Actor, source: str, *, after: Any = None
    ) -> None:
        audit.record(
            uow.connection,
            actor=actor,
            source=source,
            action=f"document_{action}",
            subject=(KIND, document_id),
            before=None,
            after=after,
            at=self._clock(),
            correlation_id=correlation_id() or new_correlation_id(),
        )

    def _tell(self, uow: UnitOfWork, document: Document, action: str, actor: Actor, source: str) -> None:
        self._bus.publish_in(
            uow,
            "document_update",
            {"action": action, "document_id": document.id},
            source=source,
            actor=actor,
            kind=KIND,
            entity_id=document.owner_id or UNASSIGNED,
            correlation_id=correlation_id() or new_correlation_id(),
        )
