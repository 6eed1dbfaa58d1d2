"""The event log and the two counters."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, String
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class LogCounter(Table, table=True):
    """One row: the log's identity and its newest number. Bumped last in a writer's transaction, so that seq is
    contiguous and in commit order on both databases."""

    __tablename__ = "log_counter"
    __table_args__: ClassVar = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(primary_key=True)
    epoch: str = Field(sa_column=Column(String(36), nullable=False))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    floor: int = Field(sa_column=Column(BigInteger, nullable=False))


class AckCounter(Table, table=True):
    """One row that numbers batches of acknowledgements. Apart from the log's, so that readers never slow writers."""

    __tablename__ = "ack_counter"
    __table_args__: ClassVar = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class EventRow(Table, table=True):
    """One event. `version` is set where the event tells of a version of an entity."""

    __tablename__ = "event"
    __table_args__: ClassVar = (
        Index("ix_event_entity", "kind", "entity_id", "seq"),
        Index("ix_event_type", "type", "seq"),
    )

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    event_id: str = Field(sa_column=Column(String(36), nullable=False))
    type: str = Field(sa_column=Column(String(80), nullable=False))
    source: str = Field(sa_column=Column(String(40), nullable=False))
    actor_id: str = Field(sa_column=Column(String(80), nullable=False))
    actor_name: str = Field(sa_column=Column(String(200), nullable=False))
    kind: str | None = Field(sa_column=Column(String(40), nullable=True))
    entity_id: str | None = Field(sa_column=Column(String(128), nullable=True))
    version: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    data: Any = Field(sa_column=Column(JsonText, nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    correlation_id: str = Field(sa_column=Column(String(40), nullable=False))
