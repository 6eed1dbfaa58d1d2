"""Answers already given, by idempotency key."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, String
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class IdempotencyRow(Table, table=True):
    """The answer of the first write under a key. `scope` is the actor, so that nobody meets another's keys."""

    __tablename__ = "idempotency"
    __table_args__: ClassVar = (Index("ix_idempotency_at", "at"),)

    scope: str = Field(sa_column=Column(String(80), primary_key=True))
    key: str = Field(sa_column=Column(String(200), primary_key=True))
    request_hash: str = Field(sa_column=Column(String(64), nullable=False))
    answer: Any = Field(sa_column=Column(JsonText, nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
