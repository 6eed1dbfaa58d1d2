"""Many processes write at once, with pauses where it hurts: none lost, none doubled, none out of order."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from sqlalchemy import text

from shared_backend.database.engine import Database
from tests.integration.lockstep.writers import follow_by_id, follow_events, processes, write_events
from tests.support.lockstep import edit, shared_state

Came = list[tuple[int, int, int]]


def run_writers(url: str, writers: int, events: int, batch: int, hold_ms: float) -> tuple[Came, int, int, int]:
    """(what a following process got, its resyncs and gaps, rows that the control lost)."""
    context = processes()
    controlled = url.startswith("postgres")
    ours, theirs = context.Pipe()
    reader = context.Process(target=follow_events, args=(url, writers * events, theirs))
    readers = [reader]
    stop = context.Event()
    control_ours, control_theirs = context.Pipe()
    if controlled:
        readers.append(context.Process(target=follow_by_id, args=(url, stop, control_theirs)))
    for process in readers:
        process.start()
    assert ours.recv() == "following"
    if controlled:
        assert control_ours.recv() == "following"
    crew = [
        context.Process(target=write_events, args=(url, writer, events, batch, hold_ms, writer))
        for writer in range(writers)
    ]
    for process in crew:
        process.start()
    came, resyncs, gaps = ours.recv()
    for process in crew:
        process.join(30)
        assert process.exitcode == 0
    stop.set()
    lost = 0
    if controlled:
        database = Database(url)
        with database.read() as connection:
            lost = connection.execute(text("SELECT count(*) FROM control")).scalar_one() - control_ours.recv()
        database.dispose()
    for process in readers:
        process.join(30)
    for pipe in (ours, theirs, control_ours, control_theirs):
        pipe.close()
    return came, resyncs, gaps, lost


def check_order(came: Came, writers: int, events: int) -> None:
    assert [seq for seq, _writer, _number in came] == list(range(1, writers * events + 1))
    doubled = [key for key, times in Counter((writer, number) for _seq, writer, number in came).items() if times > 1]
    assert doubled == []
    for writer in range(writers):
        assert [number for _seq, each, number in came if each == writer] == list(range(events))


@pytest.mark.slow
@pytest.mark.postgres
def test_eight_writers_and_200_000_events_on_postgresql(postgres_url: str) -> None:
    """Transactions of 1 to 40 events, some 10,000 of them, held open for up to 4 ms each. The control, a table with a
    sequence that is followed by `id > cursor`, is written by the same transactions and does lose."""
    database = Database(postgres_url)
    with database.write() as uow:
        uow.connection.execute(text("CREATE TABLE control (id BIGSERIAL PRIMARY KEY, writer INT)"))
    began = time.monotonic()
    came, resyncs, gaps, lost = run_writers(postgres_url, writers=8, events=25_000, batch=40, hold_ms=4)
    with database.read() as connection:
        rows = connection.execute(text("SELECT count(*) FROM control")).scalar_one()
    database.dispose()
    print(f"200,000 events in {rows:,} transactions, {time.monotonic() - began:.0f} s; the control lost {lost:,} rows")
    check_order(came, 8, 25_000)
    assert (resyncs, gaps) == (0, 0)
    assert lost > 0, "the control has lost nothing: the pauses do not hurt, so this test shows nothing"


@pytest.mark.slow
def test_four_writers_and_12_000_events_on_sqlite(sqlite_url: str) -> None:
    came, resyncs, gaps, _lost = run_writers(sqlite_url, writers=4, events=3_000, batch=10, hold_ms=1)
    check_order(came, 4, 3_000)
    assert (resyncs, gaps) == (0, 0)


@pytest.mark.postgres
def test_writers_of_several_entities_and_of_one_do_not_lock_each_other_out(postgres_url: str) -> None:
    """Whoever holds the log's counter waits for nobody: no deadlock for PostgreSQL to find and undo."""
    database = Database(postgres_url)
    state = shared_state(database)
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        several = writer < 2
        try:
            for number in range(60):
                asked = [edit({"basics": {"label": f"{writer}-{number}"}}, of=of) for of in ("a", "b", "c")]
                if several:
                    state.save_all(asked if number % 2 else asked[::-1])
                else:
                    state.save(asked[number % 3])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.write() as uow:
        uow.connection.execute(text("SELECT pg_stat_force_next_flush()"))
    with database.read() as connection:
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert connection.execute(text(query)).scalar_one() == 0
        assert connection.execute(text("SELECT seq FROM log_counter")).scalar_one() == 2 * 60 * 3 + 2 * 60
    database.dispose()
