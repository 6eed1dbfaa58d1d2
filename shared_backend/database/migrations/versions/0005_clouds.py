"""The clouds: who serves, where the newest state of an object or secret is, leases, vectors, and what was used

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column(
        "cloud_journal", sa.Column("generation", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("cloud_journal", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cloud_object", sa.Column("generation", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("cloud_object", sa.Column("deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("ix_cloud_object_path", "cloud_object", ["path"])
    op.create_table(
        "cloud_serving",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("capability", sa.String(length=20), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carried_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cloud_serving"),
    )
    op.create_index("ix_cloud_serving_capability", "cloud_serving", ["capability", "id"])
    op.create_table(
        "cloud_secret",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.String(length=200), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "name", name="pk_cloud_secret"),
    )
    op.create_table(
        "cloud_lease",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_cloud_lease"),
    )
    op.create_table(
        "cloud_identity",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_cloud_identity"),
    )
    op.create_table(
        "cloud_vector",
        sa.Column("space", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("vector", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("space", "kind", "subject", name="pk_cloud_vector"),
    )
    op.create_index("ix_cloud_vector_subject", "cloud_vector", ["kind", "subject"])
    op.create_table(
        "cloud_use",
        sa.Column("process_id", sa.String(length=40), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("capability", sa.String(length=20), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("total_ms", sa.Float(), nullable=False),
        sa.Column("slowest_ms", sa.Float(), nullable=False),
        sa.Column("latencies", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("process_id", "began_at", "provider", "capability", "model", name="pk_cloud_use"),
    )
    op.create_index("ix_cloud_use_began_at", "cloud_use", ["began_at"])


def downgrade() -> None:
    for table in ("cloud_use", "cloud_vector", "cloud_identity", "cloud_lease", "cloud_secret", "cloud_serving"):
        op.drop_table(table)
    op.drop_index("ix_cloud_object_path", "cloud_object")
    with op.batch_alter_table("cloud_object") as batch:
        batch.drop_column("deleted")
        batch.drop_column("generation")
    with op.batch_alter_table("cloud_journal") as batch:
        batch.drop_column("verified_at")
        batch.drop_column("generation")
