"""Running processes, as they report themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, String
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class ProcessRow(Table, table=True):
    """One process that shares the database; a clean stop removes its row, a crash leaves it to go stale."""

    __tablename__ = "process"

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    portal: str = Field(sa_column=Column(String(40), nullable=False))
    pid: int = Field(sa_column=Column(Integer, nullable=False))
    host: str = Field(sa_column=Column(String(200), nullable=False))
    started_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    beat_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    epoch: str = Field(sa_column=Column(String(36), nullable=False))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    watcher: Any = Field(sa_column=Column(JsonText, nullable=False))
