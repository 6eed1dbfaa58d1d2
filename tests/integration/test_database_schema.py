"""The migrations and the table classes tell the same story, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from shared_backend.database.engine import Database
from shared_backend.database.tables import AckCounter, ProcessRow, Table


def test_the_migrations_make_the_tables_that_the_classes_name(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []


def test_every_constraint_has_a_name() -> None:
    nameless = [
        (table.name, constraint)
        for table in Table.metadata.sorted_tables
        for constraint in table.constraints
        if not constraint.name
    ]
    assert nameless == []


def test_one_row_tables_hold_one_row(database: Database) -> None:
    with pytest.raises(Exception, match="one_row"), database.write() as uow:
        uow.connection.execute(insert(AckCounter).values(id=2, seq=0))


def test_times_come_back_in_utc_and_json_as_it_went(database: Database) -> None:
    there = datetime(2026, 5, 1, 12, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5)))
    kept = {"b": [1, 1.5, None, True], "a": {"ü": "\U0001f680 \u202e \x00"}}
    row = {"id": "x", "portal": "worker", "pid": 1, "host": "h", "epoch": "e", "seq": 2**40, "watcher": kept}
    with database.write() as uow:
        uow.connection.execute(insert(ProcessRow), {**row, "started_at": there, "beat_at": there})
    with database.read() as connection:
        found = connection.execute(select(ProcessRow.started_at, ProcessRow.watcher, ProcessRow.seq)).one()
        raw = connection.execute(text("SELECT watcher FROM process")).scalar_one()
    assert (found[0], found[0].tzinfo, found[1], found[2]) == (there, UTC, kept, 2**40)
    assert raw == '{"a":{"ü":"\U0001f680 \u202e \\u0000"},"b":[1,1.5,null,true]}', "the same text on both databases"


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    row = {"id": "x", "portal": "w", "pid": 1, "host": "h", "epoch": "e", "seq": 1, "watcher": {}}
    naive = datetime(2026, 5, 1)
    with pytest.raises(StatementError, match="without a zone"), database.write() as uow:
        uow.connection.execute(insert(ProcessRow), {**row, "started_at": naive, "beat_at": naive})


def test_a_transaction_is_whole_or_nothing_and_says_so_afterwards(database: Database) -> None:
    told: list[str] = []
    with pytest.raises(ZeroDivisionError), database.write() as uow:
        uow.after_commit(lambda: told.append("never"))
        uow.connection.execute(text("UPDATE ack_counter SET seq = 7"))
        raise ZeroDivisionError
    with database.write() as uow:
        assert uow.connection.execute(text("SELECT seq FROM ack_counter")).scalar_one() == 0
        uow.after_commit(lambda: told.append("committed"))
        assert told == []
    assert told == ["committed"]


def test_a_snapshot_does_not_move(database: Database) -> None:
    with database.snapshot() as connection:
        before = connection.execute(text("SELECT seq FROM ack_counter")).scalar_one()
        with database.write() as uow:
            uow.connection.execute(text("UPDATE ack_counter SET seq = seq + 1"))
        assert connection.execute(text("SELECT seq FROM ack_counter")).scalar_one() == before
    with database.read() as connection:
        assert connection.execute(text("SELECT seq FROM ack_counter")).scalar_one() == before + 1
