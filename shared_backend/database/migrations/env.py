"""Alembic's environment. The connection is given by `migrate`, which holds the lock and the transaction."""

from __future__ import annotations

from alembic import context

from shared_backend.database.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    # SQLite's DDL is transactional; Alembic assumes otherwise, and a crash would leave half a migration.
    transactional_ddl=True,
)
context.run_migrations()
