"""Brings a database to this release's schema, under a lock, so that processes may start at once."""

from __future__ import annotations

import uuid
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, select, text

from shared_backend.database.engine import Database
from shared_backend.database.tables import AckCounter, LogCounter
from shared_backend.utils.exception_handler import SchemaMismatch

# Any number will do, as long as every process takes the same.
_ADVISORY_LOCK = 7_316_402_551


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for our migrations; no ini file is needed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """The newest revision that this release knows."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None
    return head


def current_revision(connection: Connection) -> str | None:
    """The revision of a database, or None where there is no schema yet."""
    return MigrationContext.configure(connection).get_current_revision()


def migrate(database: Database) -> str:
    """Runs what is missing, in one transaction, and answers the revision.

    Raises SchemaMismatch for a database that a newer release has written: nothing is changed then.
    """
    with database.write() as uow:
        connection = uow.connection
        if uow.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        check_known(connection)
        command.upgrade(alembic_config(connection), "head")
        _first_rows(connection)
    return head_revision()


def check_known(connection: Connection) -> None:
    """Raises SchemaMismatch when the database's revision is not one of this release's."""
    if not is_known(connection):
        raise SchemaMismatch(
            f"The database has schema {current_revision(connection)}, which this release does not know: a newer "
            "release of IntelliCV has written it. Start that release, or restore a backup made by this one. "
            "Nothing was changed."
        )


def is_known(connection: Connection) -> bool:
    """Whether the database is empty or has a schema of this release or an earlier one."""
    found = current_revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    return found is None or found in known


def is_current(database: Database) -> bool:
    """Whether the database has exactly this release's schema."""
    with database.read() as connection:
        return current_revision(connection) == head_revision()


def _first_rows(connection: Connection) -> None:
    if connection.execute(select(LogCounter)).first() is None:
        connection.execute(insert(LogCounter).values(id=1, epoch=str(uuid.uuid4()), seq=0, floor=0))
    if connection.execute(select(AckCounter)).first() is None:
        connection.execute(insert(AckCounter).values(id=1, seq=0))
