"""Conflicts: two edits of one field from the same base, with the losing value kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, String
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class ConflictRow(Table, table=True):
    """One field of one entity on which two edits met. Values are `{"value": …}`, or `{}` where the field was absent."""

    __tablename__ = "conflict"
    __table_args__: ClassVar = (
        Index("ix_conflict_status", "status", "opened_at"),
        Index("ix_conflict_entity", "kind", "entity_id", "status"),
    )

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    kind: str = Field(sa_column=Column(String(40), nullable=False))
    entity_id: str = Field(sa_column=Column(String(128), nullable=False))
    path: str = Field(sa_column=Column(String(400), nullable=False))
    base_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    reason: str = Field(sa_column=Column(String(40), nullable=False))
    base_value: Any = Field(sa_column=Column(JsonText, nullable=False))
    winning_value: Any = Field(sa_column=Column(JsonText, nullable=False))
    winner_id: str = Field(sa_column=Column(String(80), nullable=False))
    winner_name: str = Field(sa_column=Column(String(200), nullable=False))
    winner_source: str = Field(sa_column=Column(String(40), nullable=False))
    losing_value: Any = Field(sa_column=Column(JsonText, nullable=False))
    loser_id: str = Field(sa_column=Column(String(80), nullable=False))
    loser_name: str = Field(sa_column=Column(String(200), nullable=False))
    loser_source: str = Field(sa_column=Column(String(40), nullable=False))
    status: str = Field(sa_column=Column(String(20), nullable=False))
    opened_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    resolved_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))
    resolved_by: str | None = Field(sa_column=Column(String(80), nullable=True))
    resolved_by_name: str | None = Field(sa_column=Column(String(200), nullable=True))
    resolved_version: int | None = Field(sa_column=Column(BigInteger, nullable=True))
