"""What the backend knows of occupations: imported versions of datasets, their tables, and which is in use."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class DatasetVersionRow(Table, table=True):
    """One imported version. `id` follows from its contents; `manifest` and `report` are those of the import."""

    __tablename__ = "dataset_version"
    __table_args__: ClassVar = (Index("ix_dataset_version_source", "source", "imported_at"),)

    id: str = Field(sa_column=Column(String(60), primary_key=True))
    source: str = Field(sa_column=Column(String(20), nullable=False))
    vintage: str = Field(sa_column=Column(String(300), nullable=False))
    sha256: str = Field(sa_column=Column(String(64), nullable=False))
    manifest: Any = Field(sa_column=Column(JsonText, nullable=False))
    report: Any = Field(sa_column=Column(JsonText, nullable=False))
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    imported_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    imported_by: str = Field(sa_column=Column(String(200), nullable=False))


class DatasetTableRow(Table, table=True):
    """One table of a version, packed: read when it is asked for."""

    __tablename__ = "dataset_table"

    version_id: str = Field(sa_column=Column(String(60), ForeignKey("dataset_version.id"), primary_key=True))
    name: str = Field(sa_column=Column(String(60), primary_key=True))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DatasetUseRow(Table, table=True):
    """Which version of a source is in use. No row: the one that the product ships. `switches` grows with each change,
    so that what was kept of an earlier state is never taken for the present one."""

    __tablename__ = "dataset_use"

    source: str = Field(sa_column=Column(String(20), primary_key=True))
    version_id: str | None = Field(sa_column=Column(String(60), ForeignKey("dataset_version.id"), nullable=True))
    switches: int = Field(sa_column=Column(BigInteger, nullable=False))
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    changed_by: str = Field(sa_column=Column(String(200), nullable=False))
