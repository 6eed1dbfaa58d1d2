"""Statements straight at the driver: what they give, how long what they note lasts, and that locks are waited for."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from shared_backend.database.engine import Database
from shared_backend.database.quick import Quick
from shared_backend.database.tables import CloudObjectRow

AT = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)
NOTE = """INSERT INTO cloud_object (provider, path, etag, write_id, sha256, size, generation, deleted, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def note(quick: Quick, path: str) -> None:
    quick.note((NOTE, ("local", path, "e", "w", "s", 7, 1, False, quick.time(AT))))


def test_what_is_noted_reads_as_what_sqlalchemy_wrote(database: Database) -> None:
    quick = Quick(database)
    note(quick, "a")
    assert quick.rows("SELECT path, size FROM cloud_object WHERE path = ?", ("a",)) == [("a", 7)]
    table = CloudObjectRow.__table__  # type: ignore[attr-defined]
    with database.read() as connection:
        row = connection.execute(select(table)).one()
    assert (row.seen_at, row.deleted, row.size) == (AT, False, 7)


def test_all_statements_or_none(database: Database) -> None:
    quick = Quick(database)
    values = ("local", "b", "e", "w", "s", 7, 1, False, quick.time(AT))
    with pytest.raises(Exception, match=r"(?i)unique"):
        quick.note((NOTE, values), (NOTE, values))
    assert quick.rows("SELECT path FROM cloud_object", ()) == []
    note(quick, "b")


def test_others_still_wait_for_the_disk(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    quick = Quick(database)
    note(quick, "a")
    assert quick.rows("PRAGMA synchronous", ()) == [(1,)]
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    quick.close()
    database.dispose()


def test_a_file_that_was_replaced_is_opened_anew(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    quick = Quick(database)
    note(quick, "a")
    database.checkpoint()
    assert database.path is not None
    copy = database.path.with_suffix(".copy")
    copy.write_bytes(database.path.read_bytes())
    note(quick, "lost with the file")
    copy.replace(database.path)
    for rest in ("-wal", "-shm"):
        database.path.with_name(database.path.name + rest).unlink()
    assert quick.rows("SELECT path FROM cloud_object", ()) == [("a",)]
    note(quick, "b")
    assert quick.rows("SELECT count(*) FROM cloud_object", ()) == [(2,)]
    quick.close()
    database.dispose()


def test_threads_note_at_once(database: Database) -> None:
    quick = Quick(database)
    threads = [threading.Thread(target=lambda n=n: [note(quick, f"{n}-{i}") for i in range(20)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert quick.rows("SELECT count(*) FROM cloud_object", ()) == [(80,)]
