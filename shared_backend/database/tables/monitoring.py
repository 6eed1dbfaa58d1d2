"""Metrics, events and traces that are kept on this machine."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class MonitoringRow(Table, table=True):
    """One record: `kind` is metric, event or trace. A trace's value is its length in ms; an event has none."""

    __tablename__ = "monitoring"
    __table_args__: ClassVar = (Index("ix_monitoring_name", "name", "at"), Index("ix_monitoring_at", "at"))

    id: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    )
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    kind: str = Field(sa_column=Column(String(10), nullable=False))
    name: str = Field(sa_column=Column(String(120), nullable=False))
    value: float | None = Field(sa_column=Column(Float, nullable=True))
    unit: str = Field(sa_column=Column(String(20), nullable=False))
    attributes: Any = Field(sa_column=Column(JsonText, nullable=False))
