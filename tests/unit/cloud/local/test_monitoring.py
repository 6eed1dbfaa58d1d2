from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.local.monitoring import DROPPED, LocalMonitoring
from shared_backend.database.engine import Database
from shared_backend.database.tables import MonitoringRow
from shared_backend.utils.exception_handler import DatabaseBusy

_ROWS = MonitoringRow.__table__  # type: ignore[attr-defined]


@pytest.fixture
def monitoring(database: Database) -> Iterator[LocalMonitoring]:
    made = LocalMonitoring(database, interval_s=0.02)
    yield made
    made.close()


def rows(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(select(_ROWS).order_by(_ROWS.c.id)))


def flushed(monitoring: LocalMonitoring) -> bool:
    return monitoring.flush(deadline=Deadline(20))


def test_what_is_given_is_kept_as_it_is(monitoring: LocalMonitoring, database: Database) -> None:
    monitoring.metric("pages.drawn", 4.25, unit="ms", attributes={"page": "Zürich"})
    monitoring.event("signed_in", {"portal": "user_portal"})
    with pytest.raises(KeyError), monitoring.trace("parse", {"kind": "pdf"}):
        raise KeyError("x")
    assert flushed(monitoring)
    metric, event, trace = rows(database)
    assert (metric.kind, metric.name, metric.value, metric.unit) == ("metric", "pages.drawn", 4.25, "ms")
    assert metric.attributes == {"page": "Zürich"}
    assert (event.kind, event.value, event.attributes) == ("event", None, {"portal": "user_portal"})
    assert (trace.kind, trace.unit, trace.attributes) == ("trace", "ms", {"kind": "pdf", "error": "KeyError"})
    assert trace.value >= 0
    assert abs(datetime.now(UTC) - event.at) < timedelta(minutes=1)


def test_what_no_database_takes_is_made_fit_or_left_out(monitoring: LocalMonitoring, database: Database) -> None:
    monitoring.event("nul\x00\ud800", {"a\x00": "b\udfff" + "x" * 10_000})
    monitoring.metric("nan", float("nan"), unit="", attributes={})
    monitoring.metric("text", "no number", unit="", attributes={})  # type: ignore[arg-type]
    monitoring.event("n" * 500, {str(number): "" for number in range(100)})
    assert flushed(monitoring)
    first, second = rows(database)
    assert first.name == "nul"
    assert first.attributes == {"a": "b" + "x" * 499}
    assert (len(second.name), len(second.attributes)) == (120, 20)


def test_an_object_that_can_not_be_told_stops_nobody(monitoring: LocalMonitoring) -> None:
    class Silent:
        def __str__(self) -> str:
            raise RuntimeError("no words")

    monitoring.event("x", {"a": Silent()})  # type: ignore[dict-item]


def test_many_threads_lose_nothing(monitoring: LocalMonitoring, database: Database) -> None:
    def work(number: int) -> None:
        for count in range(200):
            monitoring.metric(f"m{number}", count, unit="", attributes={})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert flushed(monitoring)
    assert len(rows(database)) == 800
    assert monitoring.dropped == 0


def test_while_the_database_is_away_records_wait_and_what_is_too_much_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitoring = LocalMonitoring(database, capacity=10, interval_s=0.02)
    with monkeypatch.context() as patch:

        def away() -> Any:
            raise DatabaseBusy()

        patch.setattr(database, "write", away)
        for number in range(25):
            monitoring.metric("m", number, unit="", attributes={})
        assert not monitoring.flush(deadline=Deadline(0.2))
    assert monitoring.dropped == 15
    assert flushed(monitoring)
    monitoring.close()
    found = rows(database)
    assert [row.value for row in found if row.kind == "metric"] == list(range(10))
    assert [row.attributes for row in found if row.name == DROPPED] == [{"count": "15"}]


def test_closing_writes_what_waits_and_then_takes_nothing_more(database: Database) -> None:
    monitoring = LocalMonitoring(database, interval_s=60)
    for number in range(1200):
        monitoring.metric("m", number, unit="", attributes={})
    monitoring.close()
    assert len(rows(database)) == 1200
    monitoring.event("late", {})
    assert len(rows(database)) == 1200


def test_what_is_old_is_removed(database: Database) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    monitoring = LocalMonitoring(database, keep_days=30, interval_s=0.02, clock=lambda: now[0])
    monitoring.event("old", {})
    assert flushed(monitoring)
    now[0] += timedelta(days=29)
    monitoring.event("new", {})
    assert flushed(monitoring)
    assert monitoring.prune() == 0
    now[0] += timedelta(days=2)
    assert monitoring.prune() == 1
    assert [row.name for row in rows(database)] == ["new"]
    monitoring.close()
