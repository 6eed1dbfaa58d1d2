"""Reading acknowledgements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from shared_backend.database.tables import AcknowledgementRow

_ACK = AcknowledgementRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Ack:
    """One stage in one portal: when it was first reached, milliseconds after the commit, and by how many people."""

    portal: str
    stage: str
    at: datetime
    elapsed_ms: float
    people: int


@dataclass(frozen=True)
class AckChange:
    """An acknowledgement that is new, or counts more people than before."""

    kind: str
    entity_id: str
    version: int
    portal: str
    stage: str
    elapsed_ms: float
    people: int


def acks_since(connection: Connection, ack_seq: int) -> list[AckChange]:
    """All acknowledgements that changed after batch `ack_seq`: a limit would cut a batch in two and lose its rest."""
    rows = connection.execute(
        select(
            _ACK.c.kind,
            _ACK.c.entity_id,
            _ACK.c.version,
            _ACK.c.portal,
            _ACK.c.stage,
            _ACK.c.elapsed_ms,
            _ACK.c.people,
        )
        .where(_ACK.c.ack_seq > ack_seq)
        .order_by(_ACK.c.ack_seq)
    )
    return [AckChange(**row._mapping) for row in rows]


def acks_of(connection: Connection, kind: str, entity_id: str, version: int) -> list[Ack]:
    """All acknowledgements of one version, earliest first."""
    rows = connection.execute(
        select(_ACK.c.portal, _ACK.c.stage, _ACK.c.at, _ACK.c.elapsed_ms, _ACK.c.people)
        .where(_ACK.c.kind == kind, _ACK.c.entity_id == entity_id, _ACK.c.version == version)
        .order_by(_ACK.c.at)
    )
    return [Ack(**row._mapping) for row in rows]
