"""People: accounts, their sessions, and the links and tickets that let them in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import UtcDateTime


class AccountRow(Table, table=True):
    """A person who may sign in. `email` is kept in lower case; no password means: only invited so far."""

    __tablename__ = "account"
    __table_args__: ClassVar = (UniqueConstraint("email"), Index("ix_account_role", "role", "status"))

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    email: str = Field(sa_column=Column(String(320), nullable=False))
    name: str = Field(sa_column=Column(String(200), nullable=False))
    role: str = Field(sa_column=Column(String(20), nullable=False))
    status: str = Field(sa_column=Column(String(20), nullable=False))
    password_hash: str | None = Field(sa_column=Column(String(300), nullable=True))
    failed_sign_ins: int = Field(sa_column=Column(Integer, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    last_sign_in_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))


class SessionRow(Table, table=True):
    """A sign-in, held by the server: the browser has a token, the database only its hash."""

    __tablename__ = "sign_in_session"
    __table_args__: ClassVar = (UniqueConstraint("token_hash"), Index("ix_sign_in_session_account_id", "account_id"))

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    token_hash: str = Field(sa_column=Column(String(64), nullable=False))
    account_id: str = Field(sa_column=Column(String(36), ForeignKey("account.id"), nullable=False))
    portal: str = Field(sa_column=Column(String(40), nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    revoked_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))


class SignInLinkRow(Table, table=True):
    """A one-time way in: `purpose` is owner, invite, reset, or ticket (the minute between password and cookie)."""

    __tablename__ = "sign_in_link"
    __table_args__: ClassVar = (UniqueConstraint("token_hash"), Index("ix_sign_in_link_account_id", "account_id"))

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    token_hash: str = Field(sa_column=Column(String(64), nullable=False))
    account_id: str | None = Field(sa_column=Column(String(36), ForeignKey("account.id"), nullable=True))
    purpose: str = Field(sa_column=Column(String(20), nullable=False))
    portal: str = Field(sa_column=Column(String(40), nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    used_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))
