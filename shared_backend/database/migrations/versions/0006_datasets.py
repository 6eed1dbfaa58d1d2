"""Versions of datasets, their tables, and which is in use

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "dataset_version",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("vintage", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dataset_version"),
    )
    op.create_index("ix_dataset_version_source", "dataset_version", ["source", "imported_at"])
    op.create_table(
        "dataset_table",
        sa.Column("version_id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["dataset_version.id"], name="fk_dataset_table_version_id"),
        sa.PrimaryKeyConstraint("version_id", "name", name="pk_dataset_table"),
    )
    op.create_table(
        "dataset_use",
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("version_id", sa.String(length=60), nullable=True),
        sa.Column("switches", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["dataset_version.id"], name="fk_dataset_use_version_id"),
        sa.PrimaryKeyConstraint("source", name="pk_dataset_use"),
    )


def downgrade() -> None:
    for table in ("dataset_use", "dataset_table", "dataset_version"):
        op.drop_table(table)
