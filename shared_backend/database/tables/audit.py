"""The audit: who changed what, from where, before and after."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, String
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class AuditRow(Table, table=True):
    """One change. Written in the transaction of the change itself: neither is there without the other."""

    __tablename__ = "audit"
    __table_args__: ClassVar = (
        Index("ix_audit_at", "at"),
        Index("ix_audit_subject", "subject_kind", "subject_id"),
        Index("ix_audit_actor_id", "actor_id"),
    )

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    actor_id: str = Field(sa_column=Column(String(80), nullable=False))
    actor_name: str = Field(sa_column=Column(String(200), nullable=False))
    actor_role: str = Field(sa_column=Column(String(20), nullable=False))
    source: str = Field(sa_column=Column(String(40), nullable=False))
    action: str = Field(sa_column=Column(String(80), nullable=False))
    subject_kind: str = Field(sa_column=Column(String(40), nullable=False))
    subject_id: str = Field(sa_column=Column(String(128), nullable=False))
    before: Any = Field(sa_column=Column(JsonText, nullable=False))
    after: Any = Field(sa_column=Column(JsonText, nullable=False))
    correlation_id: str = Field(sa_column=Column(String(40), nullable=False))
