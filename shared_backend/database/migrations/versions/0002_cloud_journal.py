"""The cloud's journal, the objects that we know, and the routes chosen while running

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "cloud_journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("write_id", sa.String(length=36), nullable=False),
        sa.Column("operation", sa.String(length=10), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("primary_name", sa.String(length=40), nullable=False),
        sa.Column("fallback_name", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.String(length=200), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("conflict_path", sa.String(length=1000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cloud_journal"),
    )
    op.create_index("ix_cloud_journal_state", "cloud_journal", ["state", "id"])
    op.create_index("ix_cloud_journal_path", "cloud_journal", ["path", "id"])
    op.create_index("ix_cloud_journal_write_id", "cloud_journal", ["write_id"])
    op.create_table(
        "cloud_object",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("write_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "path", name="pk_cloud_object"),
    )
    op.create_table(
        "cloud_switch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("capability", sa.String(length=20), nullable=False),
        sa.Column("primary_name", sa.String(length=40), nullable=False),
        sa.Column("fallback_name", sa.String(length=40), nullable=True),
        sa.Column("switched_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("switched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cloud_switch"),
    )
    op.create_index("ix_cloud_switch_capability", "cloud_switch", ["capability", "id"])


def downgrade() -> None:
    op.drop_table("cloud_switch")
    op.drop_table("cloud_object")
    op.drop_table("cloud_journal")
