"""Durable named consumers of the event log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Integer, String, Text
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import UtcDateTime


class ConsumerRow(Table, table=True):
    """Where a named consumer stands. A consumer in state `expired` no longer holds the floor of the log."""

    __tablename__ = "consumer"

    name: str = Field(sa_column=Column(String(80), primary_key=True))
    epoch: str = Field(sa_column=Column(String(36), nullable=False))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    state: str = Field(sa_column=Column(String(20), nullable=False))
    failures: int = Field(sa_column=Column(Integer, nullable=False))
    last_error: str | None = Field(sa_column=Column(Text, nullable=True))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
