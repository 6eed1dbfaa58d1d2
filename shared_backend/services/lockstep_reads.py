"""What the monitor and the debug pages show of the bridge, and the canary that tries it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shared_backend.database.engine import Database
from shared_backend.database.tables import AcknowledgementRow, EventRow
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep import health as examination
from shared_backend.lockstep.acknowledgement_reads import Ack, acks_of
from shared_backend.lockstep.event_bus import EventBus
from shared_backend.lockstep.health import Health, HealthReport

_ACK: Any = AcknowledgementRow.__table__  # type: ignore[attr-defined]
_EVENT: Any = EventRow.__table__  # type: ignore[attr-defined]
CANARY = "canary"
STAGES = ("seen", "shown")
# What was first shown a minute later was opened later, and says nothing of how fast the bridge is.
_OPENED_LATER_MS = 60_000


@dataclass(frozen=True)
class LatencyPoint:
    """One acknowledgement of an edit: milliseconds from its commit."""

    at: datetime
    stage: str
    portal: str
    elapsed_ms: float


@dataclass(frozen=True)
class CanaryResult:
    """One canary, and what each portal answered."""

    id: str
    at: datetime
    sent_from: str
    answers: tuple[Ack, ...]


def health_report(health: Health, *, actor: Actor) -> HealthReport:
    """The health of the bridge as this process sees it. Raises PermissionDenied."""
    actor.require(Permission.READ_ALL, "see the health of the bridge")
    return health.report()


def latency_points(database: Database, *, actor: Actor, limit: int = 200) -> list[LatencyPoint]:
    """The newest `limit` acknowledgements of each stage, oldest first, without canaries. Raises PermissionDenied."""
    actor.require(Permission.READ_ALL, "see the health of the bridge")
    columns = (_ACK.c.at, _ACK.c.stage, _ACK.c.portal, _ACK.c.elapsed_ms)
    points: list[LatencyPoint] = []
    with database.read() as connection:
        for stage in STAGES:
            query = (
                select(*columns)
                .where(_ACK.c.stage == stage, _ACK.c.kind != CANARY, _ACK.c.elapsed_ms < _OPENED_LATER_MS)
                .order_by(_ACK.c.ack_seq.desc())
                .limit(limit)
            )
            points += [LatencyPoint(**row._mapping) for row in connection.execute(query)]
    return sorted(points, key=lambda point: point.at)


def send_canary(bus: EventBus, *, actor: Actor, source: str) -> str:
    """Writes a canary that every portal process answers; answers its id. Raises PermissionDenied."""
    actor.require(Permission.OPERATE, "send a canary")
    return examination.send_canary(bus, source=source)


def newest_canary(database: Database, *, actor: Actor) -> CanaryResult | None:
    """The canary that was sent last, with the answers so far. Raises PermissionDenied."""
    actor.require(Permission.READ_ALL, "see the health of the bridge")
    query = (
        select(_EVENT.c.data, _EVENT.c.at, _EVENT.c.source)
        .where(_EVENT.c.type == CANARY)
        .order_by(_EVENT.c.seq.desc())
        .limit(1)
    )
    with database.snapshot() as connection:
        row = connection.execute(query).first()
        if row is None:
            return None
        canary_id = str(row.data.get("canary_id", ""))
        return CanaryResult(canary_id, row.at, row.source, tuple(acks_of(connection, CANARY, canary_id, 0)))
