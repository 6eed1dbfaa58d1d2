"""What the drivers' errors mean to a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared_backend.utils.exception_handler import (
    DatabaseBusy,
    DatabaseFull,
    DatabaseGone,
    DatabaseReadOnly,
    DatabaseUnavailable,
    SchemaMismatch,
)

# PostgreSQL's SQLSTATEs that a second try can cure: serialisation failure and deadlock.
RETRYABLE_STATES = frozenset({"40001", "40P01"})


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of a driver error, as psycopg gives it; None on SQLite."""
    return getattr(getattr(error, "orig", error), "sqlstate", None)


def is_retryable(error: BaseException) -> bool:
    """Whether the same transaction may succeed if it is simply run again."""
    return isinstance(error, DatabaseBusy) or sqlstate(error) in RETRYABLE_STATES


def meaning(error: BaseException) -> DatabaseUnavailable | None:
    """Our error for a driver's, or None where it is not about the database being unusable."""
    original = getattr(error, "orig", error)
    if isinstance(original, sqlite3.Error):
        return _sqlite_meaning(original)
    state = sqlstate(error)
    if isinstance(error, PoolTimeout):
        return DatabaseBusy()
    if state is not None and state.startswith("53100"):
        return DatabaseFull()
    if state == "25006":
        return DatabaseReadOnly()
    if state in {"55P03", "57014"}:
        return DatabaseBusy()
    if state in {"42P01", "42703"}:
        return SchemaMismatch("The database has not been set up for this release. Run `intellicv migrate`.")
    lost = (isinstance(error, DBAPIError) and error.connection_invalidated) or (state or "08").startswith(("08", "57P"))
    if lost and type(original).__name__ in {"OperationalError", "AdminShutdown", "InterfaceError"}:
        return DatabaseUnavailable()
    return None


def _sqlite_meaning(error: sqlite3.Error) -> DatabaseUnavailable | None:
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return DatabaseBusy()
    if "full" in text:
        return DatabaseFull()
    if "readonly" in text:
        return DatabaseReadOnly()
    if "no such table" in text or "no such column" in text:
        return SchemaMismatch("The database has not been set up for this release. Run `intellicv migrate`.")
    if "unable to open" in text or "disk i/o" in text or "malformed" in text or "not a database" in text:
        return DatabaseGone(f"The database can't be read ({error}). Nothing was saved; check its file and disk.")
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Raises our error in place of a driver's where it has a meaning, and lets all others through."""
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
        if is_retryable(error):
            raise
        known = meaning(error)
        if known is None:
            raise
        raise known from error
