"""What drivers say, and what it means to a person."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared_backend.database.failures import is_retryable, meaning, translated
from shared_backend.utils.exception_handler import (
    DatabaseBusy,
    DatabaseFull,
    DatabaseGone,
    DatabaseReadOnly,
    DatabaseUnavailable,
    SchemaMismatch,
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("database is locked", DatabaseBusy),
        ("database table is locked", DatabaseBusy),
        ("database or disk is full", DatabaseFull),
        ("attempt to write a readonly database", DatabaseReadOnly),
        ("no such table: event", SchemaMismatch),
        ("no such column: floor", SchemaMismatch),
        ("unable to open database file", DatabaseGone),
        ("disk I/O error", DatabaseGone),
        ("database disk image is malformed", DatabaseGone),
        ("file is not a database", DatabaseGone),
        ("near 'SELEKT': syntax error", None),
    ],
)
def test_sqlite(said: str, meant: type[Exception] | None) -> None:
    error = OperationalError("SELECT 1", {}, sqlite3.OperationalError(said))
    assert (type(meaning(error)) if meant else meaning(error)) == meant
    assert not is_retryable(error)


@pytest.mark.parametrize(
    ("raised", "meant"),
    [
        (psycopg.errors.DiskFull, DatabaseFull),
        (psycopg.errors.ReadOnlySqlTransaction, DatabaseReadOnly),
        (psycopg.errors.LockNotAvailable, DatabaseBusy),
        (psycopg.errors.QueryCanceled, DatabaseBusy),
        (psycopg.errors.UndefinedTable, SchemaMismatch),
        (psycopg.errors.UndefinedColumn, SchemaMismatch),
        (psycopg.errors.AdminShutdown, DatabaseUnavailable),
        (psycopg.OperationalError, DatabaseUnavailable),
        (psycopg.errors.UniqueViolation, None),
        (psycopg.errors.StringDataRightTruncation, None),
    ],
)
def test_postgresql(raised: type[psycopg.Error], meant: type[Exception] | None) -> None:
    error = DBAPIError("SELECT 1", {}, raised("said"))
    assert (type(meaning(error)) if meant else meaning(error)) == meant


@pytest.mark.parametrize("raised", [psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected])
def test_what_a_second_try_can_cure_comes_through_as_it_is(raised: type[psycopg.Error]) -> None:
    error = DBAPIError("SELECT 1", {}, raised("said"))
    assert is_retryable(error)
    with pytest.raises(DBAPIError), translated():
        raise error


def test_a_pool_that_is_used_up_is_busy() -> None:
    with pytest.raises(DatabaseBusy), translated():
        raise PoolTimeout("QueuePool limit reached")


def test_what_has_no_meaning_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError
    with pytest.raises(sqlite3.ProgrammingError), translated():
        raise sqlite3.ProgrammingError("closed")
