"""The cloud's journal: what was written on the fallback and has yet to reach the primary."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Text, text
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
    # Who served when it was written (CloudServingRow), and when the compare pass found it on the primary.
    generation: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    verified_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class CloudObjectRow(Table, table=True):
    """What we last wrote or saw of a blob on a provider: what tells our own object from somebody else's.

    Of the rows of one path the one with the highest generation says where its newest state is; `deleted`: that it is
    gone. Rows of the same generation are copies.
    """

    __tablename__ = "cloud_object"
    __table_args__: ClassVar = (Index("ix_cloud_object_path", "path"),)

    provider: str = Field(sa_column=Column(String(40), primary_key=True))
    path: str = Field(sa_column=Column(String(1000), primary_key=True))
    etag: str = Field(sa_column=Column(String(200), nullable=False))
    write_id: str = Field(sa_column=Column(String(36), nullable=False))
    sha256: str = Field(sa_column=Column(String(64), nullable=False))
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    generation: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    deleted: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class CloudServingRow(Table, table=True):
    """Who began to serve as the primary, in order: the number is the generation of what is written from then on.

    `carried_at`: all that it alone held has been carried over; it need not be asked any more.
    """

    __tablename__ = "cloud_serving"
    __table_args__: ClassVar = (Index("ix_cloud_serving_capability", "capability", "id"),)

    id: int = Field(sa_column=Column(_NUMBER, primary_key=True, autoincrement=True))
    capability: str = Field(sa_column=Column(String(20), nullable=False))
    provider: str = Field(sa_column=Column(String(40), nullable=False))
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    carried_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))


class CloudSecretRow(Table, table=True):
    """Where a secret's newest version is, by generation as for objects. No value, ever.

    `state`: known, changing (a write is under way, or its answer was lost: no copy may be trusted), deleted.
    """

    __tablename__ = "cloud_secret"

    provider: str = Field(sa_column=Column(String(40), primary_key=True))
    name: str = Field(sa_column=Column(String(120), primary_key=True))
    version: str = Field(sa_column=Column(String(200), nullable=False))
    generation: int = Field(sa_column=Column(BigInteger, nullable=False))
    state: str = Field(sa_column=Column(String(10), nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class CloudLeaseRow(Table, table=True):
    """Who does what one alone should do. It spares work; nothing is wrong if two believe that they hold it."""

    __tablename__ = "cloud_lease"

    name: str = Field(sa_column=Column(String(60), primary_key=True))
    holder: str = Field(sa_column=Column(String(80), nullable=False))
    until: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class CloudIdentityRow(Table, table=True):
    """By which this installation knows the objects that it wrote from those of another one in the same store, and this
    machine's folder of files from another machine's (`LOCAL_FOLDER`)."""

    __tablename__ = "cloud_identity"
    LOCAL_FOLDER: ClassVar[str] = "local_folder"

    name: str = Field(sa_column=Column(String(20), primary_key=True))
    value: str = Field(sa_column=Column(String(64), nullable=False))


class CloudVectorRow(Table, table=True):
    """A vector of a subject in a space: float32, little-endian, base64. Spaces are never mixed."""

    __tablename__ = "cloud_vector"
    __table_args__: ClassVar = (Index("ix_cloud_vector_subject", "kind", "subject"),)

    space: str = Field(sa_column=Column(String(200), primary_key=True))
    kind: str = Field(sa_column=Column(String(40), primary_key=True))
    subject: str = Field(sa_column=Column(String(200), primary_key=True))
    text_sha256: str = Field(sa_column=Column(String(64), nullable=False))
    vector: str = Field(sa_column=Column(Text, nullable=False))
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class CloudUseRow(Table, table=True):
    """What one process asked of a provider's capability within some minutes: calls, failures, latencies, tokens.

    `latencies`: how many calls fell into each class of the histogram (`cloud/latencies.py`), as JSON.
    """

    __tablename__ = "cloud_use"
    __table_args__: ClassVar = (Index("ix_cloud_use_began_at", "began_at"),)

    process_id: str = Field(sa_column=Column(String(40), primary_key=True))
    began_at: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True))
    provider: str = Field(sa_column=Column(String(40), primary_key=True))
    capability: str = Field(sa_column=Column(String(20), primary_key=True))
    model: str = Field(sa_column=Column(String(120), primary_key=True))
    calls: int = Field(sa_column=Column(BigInteger, nullable=False))
    failures: int = Field(sa_column=Column(BigInteger, nullable=False))
    input_tokens: int = Field(sa_column=Column(BigInteger, nullable=False))
    output_tokens: int = Field(sa_column=Column(BigInteger, nullable=False))
    units: int = Field(sa_column=Column(BigInteger, nullable=False))
    total_ms: float = Field(sa_column=Column(Float, nullable=False))
    slowest_ms: float = Field(sa_column=Column(Float, nullable=False))
    latencies: Any = Field(sa_column=Column(JsonText, nullable=False))


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
