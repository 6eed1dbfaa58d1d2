"""System health: what it shows of which processes, and that it holds with nothing, much and strange."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update

from shared_backend.database.tables import MonitoringRow
from shared_backend.services.process_reports import ProcessReports
from shared_backend.utils.clock import utc_now
from shared_backend.utils.performance_monitor import PerformanceMonitor, performance_monitor
from tests.pages.conftest import Company, words


def test_every_process_is_shown_with_what_it_measured(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    monitor = PerformanceMonitor()
    for number in range(40):
        monitor.observe("job", "cloud.reconcile", number / 100, failed=number == 7)
    monitor.observe("job", "<script>alert(1)</script>", 0.1)
    monitor.error("cloud_unavailable")
    ProcessReports(running.backend.database, "worker", monitor=monitor).write()
    app = running.open("system_health", "analyst", refresh_every="Off")
    assert not app.exception
    shown = {each.value.columns[0]: each.value for each in app.dataframe}
    assert {"Worker", "Admin portal"} <= set(shown["Process"]["Process"])
    jobs = next(each.value for each in app.dataframe if "cloud.reconcile" in set(each.value.iloc[:, 0]))
    row = jobs[jobs["Name"] == "cloud.reconcile"].iloc[0]
    assert (row["Times"], row["Failed"], row["Longest (ms)"]) == (40, 1, 390)
    assert "cloud_unavailable" in set(shown["Error"]["Error"])
    assert len(app.get("plotly_chart")) == 2


def test_the_page_measures_itself(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    running.open("candidates", "analyst")
    found = performance_monitor().snapshot()["series"]["page"]
    assert sum(found["admin_portal/candidates"]["counts"]) >= 1


def test_a_process_that_fell_silent_is_said_to(company: Callable[[str], Company]) -> None:
    running = company("admin_portal")
    database = running.backend.database
    ProcessReports(database, "user_portal", monitor=PerformanceMonitor()).write()
    rows = MonitoringRow.__table__  # type: ignore[attr-defined]
    long_ago = utc_now() - timedelta(minutes=5)
    database.run(lambda uow: uow.connection.execute(update(rows).values(at=long_ago)))
    app = running.open("system_health", "owner", refresh_every="Off")
    assert not app.exception
    assert "1 process has stopped reporting" in words(app)
