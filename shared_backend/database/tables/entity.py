"""Entities: immutable versions and one head each."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Text
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class EntityHead(Table, table=True):
    """The newest version of an entity, with the few columns that lists search, filter and sort by."""

    __tablename__ = "entity_head"
    __table_args__: ClassVar = (
        Index("ix_entity_head_label", "kind", "deleted", "label"),
        Index("ix_entity_head_updated", "kind", "deleted", "updated_at"),
        Index("ix_entity_head_status", "kind", "deleted", "status"),
    )

    kind: str = Field(sa_column=Column(String(40), primary_key=True))
    entity_id: str = Field(sa_column=Column(String(128), primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    deleted: bool = Field(sa_column=Column(Boolean, nullable=False))
    data: Any = Field(sa_column=Column(JsonText, nullable=False))
    label: str = Field(sa_column=Column(String(300), nullable=False))
    status: str = Field(sa_column=Column(String(40), nullable=False))
    search_text: str = Field(sa_column=Column(Text, nullable=False))
    score: int = Field(sa_column=Column(Integer, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_by: str = Field(sa_column=Column(String(80), nullable=False))
    updated_by_name: str = Field(sa_column=Column(String(200), nullable=False))
    updated_source: str = Field(sa_column=Column(String(40), nullable=False))


class EntityVersion(Table, table=True):
    """One immutable state of an entity. `changed` lists the field paths that differ from the version before."""

    __tablename__ = "entity_version"

    kind: str = Field(sa_column=Column(String(40), primary_key=True))
    entity_id: str = Field(sa_column=Column(String(128), primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    base_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    action: str = Field(sa_column=Column(String(20), nullable=False))
    deleted: bool = Field(sa_column=Column(Boolean, nullable=False))
    data: Any = Field(sa_column=Column(JsonText, nullable=False))
    changed: Any = Field(sa_column=Column(JsonText, nullable=False))
    authority: int = Field(sa_column=Column(Integer, nullable=False))
    author_id: str = Field(sa_column=Column(String(80), nullable=False))
    author_name: str = Field(sa_column=Column(String(200), nullable=False))
    source: str = Field(sa_column=Column(String(40), nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    correlation_id: str = Field(sa_column=Column(String(40), nullable=False))
