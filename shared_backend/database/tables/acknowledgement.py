"""Acknowledgements: which portal has seen a version, and on whose screens it was shown."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import UtcDateTime


class AcknowledgementRow(Table, table=True):
    """One stage of one version in one portal; `people` counts accounts, not tabs. `ack_seq` numbers its last change."""

    __tablename__ = "acknowledgement"
    __table_args__: ClassVar = (Index("ix_acknowledgement_ack_seq", "ack_seq"), Index("ix_acknowledgement_at", "at"))

    kind: str = Field(sa_column=Column(String(40), primary_key=True))
    entity_id: str = Field(sa_column=Column(String(128), primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    portal: str = Field(sa_column=Column(String(40), primary_key=True))
    stage: str = Field(sa_column=Column(String(10), primary_key=True))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    elapsed_ms: float = Field(sa_column=Column(Float, nullable=False))
    people: int = Field(sa_column=Column(Integer, nullable=False))
    ack_seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class AcknowledgementReader(Table, table=True):
    """One account that was shown one version in one portal: what makes `people` a count of people."""

    __tablename__ = "acknowledgement_reader"

    kind: str = Field(sa_column=Column(String(40), primary_key=True))
    entity_id: str = Field(sa_column=Column(String(128), primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    portal: str = Field(sa_column=Column(String(40), primary_key=True))
    account_id: str = Field(sa_column=Column(String(80), primary_key=True))
