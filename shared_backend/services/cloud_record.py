"""What an operator's act on the clouds leaves behind: an audit row and an event, in one transaction."""

from __future__ import annotations

from typing import Any

from shared_backend.database.engine import Database
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import audit
from shared_backend.identity.actor import Actor
from shared_backend.lockstep.event_bus import EventBus
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.logging_config import correlation_id, new_correlation_id

# What open pages listen to: (CLOUD, FILES), …
CLOUD = "cloud"
FILES, SECRETS, PROVIDERS = "files", "secrets", "providers"


class CloudRecord:
    """Writes down who did what. The act itself lies with a provider and is no part of the transaction: it comes first,
    so that nothing is recorded that did not happen."""

    def __init__(self, database: Database, bus: EventBus, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    def done(
        self,
        action: str,
        subject: str,
        *,
        topic: str,
        before: Any = None,
        after: Any = None,
        actor: Actor,
        source: str,
        audited: bool = True,
    ) -> None:
        """Records `cloud.<action>` on the subject (a path, a secret's name, a capability), and tells open pages.
        The event names no subject: a file's name may be a person's. `audited=False`: somebody else wrote that row."""
        correlation = correlation_id() or new_correlation_id()

        def work(uow: UnitOfWork) -> None:
            if audited:
                audit.record(
                    uow.connection,
                    actor=actor,
                    source=source,
                    action=f"cloud.{action}",
                    subject=(CLOUD, subject),
                    before=before,
                    after=after,
                    at=self._clock(),
                    correlation_id=correlation,
                )
            self._bus.publish_in(
                uow,
                "cloud_update",
                {"action": action},
                source=source,
                actor=actor,
                kind=CLOUD,
                entity_id=topic,
                correlation_id=correlation,
            )

        self._database.run(work)
