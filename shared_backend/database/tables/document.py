"""Candidates' documents: what was uploaded, what was read in it, what people corrected, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Text, UniqueConstraint
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class DocumentRow(Table, table=True):
    """One uploaded document; its bytes are in the clouds, at a path made of `id` alone.

    `owner_id` is the candidate's account; empty until an administrator has said whose it is. `number` counts the
    versions of a candidate's CV. `state`: stored, parsing, draft, confirmed, failed; `outcome` and `words` say how the
    reading ended. `draft` is what the parser read, with its evidence; `edits` what the person has done to it so far.
    """

    __tablename__ = "document"
    __table_args__: ClassVar = (
        UniqueConstraint("owner_id", "sha256", name="uq_document_owner_id"),
        Index("ix_document_owner", "owner_id", "number"),
        Index("ix_document_sha256", "sha256"),
        Index("ix_document_state", "state", "created_at"),
    )

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    owner_id: str | None = Field(sa_column=Column(String(36), nullable=True))
    number: int = Field(sa_column=Column(Integer, nullable=False))
    sha256: str = Field(sa_column=Column(String(64), nullable=False))
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    format: str = Field(sa_column=Column(String(20), nullable=False))
    name: str = Field(sa_column=Column(String(255), nullable=False))
    state: str = Field(sa_column=Column(String(20), nullable=False))
    outcome: str = Field(sa_column=Column(String(40), nullable=False))
    words: str = Field(sa_column=Column(Text, nullable=False))
    draft: Any = Field(sa_column=Column(JsonText, nullable=False))
    edits: Any = Field(sa_column=Column(JsonText, nullable=False))
    pages: int = Field(sa_column=Column(Integer, nullable=False))
    parser_version: str = Field(sa_column=Column(String(40), nullable=False))
    parses: int = Field(sa_column=Column(Integer, nullable=False))
    took_ms: float = Field(sa_column=Column(Float, nullable=False))
    profile_version: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    created_by: str = Field(sa_column=Column(String(80), nullable=False))
    source: str = Field(sa_column=Column(String(40), nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    confirmed_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))


class DocumentCorrectionRow(Table, table=True):
    """A label for training: what was read at a place of a document, and what is right. `version` grows with each
    correction of the same place."""

    __tablename__ = "document_correction"
    __table_args__: ClassVar = (Index("ix_document_correction_parser", "parser_version", "rule"),)

    document_id: str = Field(sa_column=Column(String(36), primary_key=True))
    path: str = Field(sa_column=Column(String(200), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    read_value: Any = Field(sa_column=Column("read", JsonText, nullable=False))
    right_value: Any = Field(sa_column=Column("right", JsonText, nullable=False))
    spans: Any = Field(sa_column=Column(JsonText, nullable=False))
    rule: str = Field(sa_column=Column(String(80), nullable=False))
    confidence: float = Field(sa_column=Column(Float, nullable=False))
    parser_version: str = Field(sa_column=Column(String(40), nullable=False))
    corrected_by: str = Field(sa_column=Column(String(80), nullable=False))
    corrected_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class ProfileSourceRow(Table, table=True):
    """Where a value of a profile came from. `value_hash` tells whether the value has been changed since."""

    __tablename__ = "profile_source"
    __table_args__: ClassVar = (Index("ix_profile_source_document", "document_id"),)

    owner_id: str = Field(sa_column=Column(String(36), primary_key=True))
    path: str = Field(sa_column=Column(String(200), primary_key=True))
    document_id: str = Field(sa_column=Column(String(36), nullable=False))
    value_hash: str = Field(sa_column=Column(String(64), nullable=False))
    spans: Any = Field(sa_column=Column(JsonText, nullable=False))
    corrected: bool = Field(sa_column=Column(Boolean, nullable=False))
    confirmed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class IntakeRow(Table, table=True):
    """One bulk intake: files that an administrator uploaded, or those of a folder on the server, which is `root` then.
    `jobs` are the ids of the jobs that share it, each with the files whose number leaves its place when divided by
    `parts`."""

    __tablename__ = "intake"
    __table_args__: ClassVar = (Index("ix_intake_created_at", "created_at"),)

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    title: str = Field(sa_column=Column(String(200), nullable=False))
    root: str = Field(sa_column=Column(Text, nullable=False))
    parts: int = Field(sa_column=Column(Integer, nullable=False))
    jobs: Any = Field(sa_column=Column(JsonText, nullable=False))
    created_by: str = Field(sa_column=Column(String(80), nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class IntakeFileRow(Table, table=True):
    """One file of an intake. `state`: waiting, read, duplicate, failed, deleted."""

    __tablename__ = "intake_file"
    __table_args__: ClassVar = (
        Index("ix_intake_file_state", "intake_id", "state"),
        Index("ix_intake_file_document", "document_id"),
    )

    intake_id: str = Field(sa_column=Column(String(36), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(sa_column=Column(String(20), nullable=False))
    outcome: str = Field(sa_column=Column(String(40), nullable=False))
    words: str = Field(sa_column=Column(Text, nullable=False))
    document_id: str | None = Field(sa_column=Column(String(36), nullable=True))
    tries: int = Field(sa_column=Column(Integer, nullable=False))
    ended_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))
