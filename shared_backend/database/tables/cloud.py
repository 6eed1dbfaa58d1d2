"""The cloud's journal: what was written on the fallback and has yet to reach the primary."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, Integer, String, Text
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime

# SQLite numbers rows by itself only where the type is INTEGER to the letter.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")


class CloudJournalRow(Table, table=True):
    """One write of a blob that the primary did not take. `id` orders the writes of one path.

    `state`: intent (about to be written), pending (durable on the fallback), done, superseded (a newer write of the
    path took its place), conflict (somebody else had written; ours is at `conflict_path`), void (it never happened).
    """

    __tablename__ = "cloud_journal"
    __table_args__: ClassVar = (
        Index("ix_cloud_journal_state", "state", "id"),
        Index("ix_cloud_journal_path", "path", "id"),
        Index("ix_cloud_journal_write_id", "write_id"),
    )

    id: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    )
    write_id: str = Field(sa_column=Column(String(36), nullable=False))
    operation: str = Field(sa_column=Column(String(10), nullable=False))
    path: str = Field(sa_column=Column(String(1000), nullable=False))
    primary_name: str = Field(sa_column=Column(String(40), nullable=False))
    fallback_name: str = Field(sa_column=Column(String(40), nullable=False))
    sha256: str = Field(sa_column=Column(String(64), nullable=False))
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    content_type: str = Field(sa_column=Column(String(200), nullable=False))
    # `metadata` is a name that SQLAlchemy keeps for itself.
    blob_metadata: Any = Field(sa_column=Column("metadata", JsonText, nullable=False))
    state: str = Field(sa_column=Column(String(20), nullable=False))
    attempts: int = Field(sa_column=Column(Integer, nullable=False))
    last_error: str | None = Field(sa_column=Column(Text, nullable=True))
    conflict_path: str | None = Field(sa_column=Column(String(1000), nullable=True))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class CloudObjectRow(Table, table=True):
    """What we last wrote or saw of a blob on a provider: what tells our own object from somebody else's."""

    __tablename__ = "cloud_object"

    provider: str = Field(sa_column=Column(String(40), primary_key=True))
    path: str = Field(sa_column=Column(String(1000), primary_key=True))
    etag: str = Field(sa_column=Column(String(200), nullable=False))
    write_id: str = Field(sa_column=Column(String(36), nullable=False))
    sha256: str = Field(sa_column=Column(String(64), nullable=False))
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class CloudSwitchRow(Table, table=True):
    """A route chosen while running: who serves a capability, by whom, when. The newest of a capability counts."""

    __tablename__ = "cloud_switch"
    __table_args__: ClassVar = (Index("ix_cloud_switch_capability", "capability", "id"),)

    id: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    )
    capability: str = Field(sa_column=Column(String(20), nullable=False))
    primary_name: str = Field(sa_column=Column(String(40), nullable=False))
    fallback_name: str | None = Field(sa_column=Column(String(40), nullable=True))
    switched_by: str = Field(sa_column=Column(String(80), nullable=False))
    reason: str = Field(sa_column=Column(String(300), nullable=False))
    switched_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
