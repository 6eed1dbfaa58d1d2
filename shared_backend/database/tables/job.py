"""Background work: what was asked for, where it stands, and the steps that are done for good."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Text, UniqueConstraint
from sqlmodel import Field

from shared_backend.database.tables.base import Table
from shared_backend.database.types import JsonText, UtcDateTime


class JobRow(Table, table=True):
    """One job. `state`: waiting, running, paused, done, failed, cancelled.

    `claim` is the token of the run at hand: what a run writes, it writes only while the token is its own. `beats` grows
    while that run is alive. `open_key` is the kind and key of a job that has not ended, so that there is one at most.
    `wish` is what a person wants of a running job: pause or cancel. `progress_*` is the run's own account of itself;
    `run_from` is how far the work was when this run began, so that its rate counts nothing of an earlier run.
    """

    __tablename__ = "job"
    __table_args__: ClassVar = (
        UniqueConstraint("open_key", name="uq_job_open_key"),
        Index("ix_job_state", "state", "due_at"),
        Index("ix_job_kind", "kind", "created_at"),
        Index("ix_job_created_at", "created_at"),
        Index("ix_job_ended_at", "ended_at"),
    )

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    kind: str = Field(sa_column=Column(String(80), nullable=False))
    open_key: str | None = Field(sa_column=Column(String(300), nullable=True))
    job_key: str | None = Field(sa_column=Column(String(200), nullable=True))
    payload: Any = Field(sa_column=Column(JsonText, nullable=False))
    state: str = Field(sa_column=Column(String(20), nullable=False))
    wish: str | None = Field(sa_column=Column(String(10), nullable=True))
    actor_id: str = Field(sa_column=Column(String(80), nullable=False))
    actor_name: str = Field(sa_column=Column(String(200), nullable=False))
    actor_role: str = Field(sa_column=Column(String(20), nullable=False))
    source: str = Field(sa_column=Column(String(40), nullable=False))
    correlation_id: str = Field(sa_column=Column(String(40), nullable=False))
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    claim: str | None = Field(sa_column=Column(String(36), nullable=True))
    beats: int = Field(sa_column=Column(BigInteger, nullable=False))
    attempts: int = Field(sa_column=Column(Integer, nullable=False))
    crashes: int = Field(sa_column=Column(Integer, nullable=False))
    progress_done: int = Field(sa_column=Column(BigInteger, nullable=False))
    progress_total: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    progress_unit: str = Field(sa_column=Column(String(40), nullable=False))
    progress_words: str = Field(sa_column=Column(String(300), nullable=False))
    progress_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))
    run_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))
    run_from: int = Field(sa_column=Column(BigInteger, nullable=False))
    ran_s: float = Field(sa_column=Column(Float, nullable=False))
    result: Any = Field(sa_column=Column(JsonText, nullable=False))
    error: str | None = Field(sa_column=Column(Text, nullable=True))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    started_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))
    ended_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))


class JobStepRow(Table, table=True):
    """One step of a job that is done and is not done again, with what it answered."""

    __tablename__ = "job_step"

    job_id: str = Field(sa_column=Column(String(36), primary_key=True))
    name: str = Field(sa_column=Column(String(120), primary_key=True))
    number: int = Field(sa_column=Column(Integer, nullable=False))
    value: Any = Field(sa_column=Column(JsonText, nullable=False))
    took_s: float = Field(sa_column=Column(Float, nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
