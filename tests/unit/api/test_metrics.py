from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from shared_backend.api.main import create_app
from shared_backend.api.metrics import exposition
from shared_backend.config.backend_config import ConfigurationError, Settings, load_settings
from shared_backend.database.engine import Database
from shared_backend.services.process_reports import ProcessReports
from shared_backend.services.system_health import Queue, SystemReport
from shared_backend.utils.clock import utc_now
from shared_backend.utils.performance_monitor import PerformanceMonitor

HERE = ("127.0.0.1", 50_000)
ADDRESS = "http://127.0.0.1:8000"
TOKEN = "a-token-of-some-length"


def test_the_text_is_what_prometheus_reads(settings: Settings) -> None:
    with TestClient(create_app(settings), base_url=ADDRESS, client=HERE) as client:
        for _ in range(3):
            client.get("/livez")
        client.get("/a/person/7f3c")
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    durations = families["intellicv_request_duration_seconds"]
    assert durations.type == "histogram"
    assert durations.documentation
    counts = {s.labels["route"]: s.value for s in durations.samples if s.name.endswith("_count")}
    assert counts["GET /livez"] >= 3
    assert counts["unmatched"] >= 1
    assert "7f3c" not in answer.text
    assert families["intellicv_memory_bytes"].samples[0].value > 1e6
    assert {s.labels["queue"] for s in families["intellicv_queue_depth"].samples} >= {"cloud_journal", "consumers"}


def test_hostile_names_are_escaped() -> None:
    monitor = PerformanceMonitor()
    name = 'a"b\\c\nd{}="'
    monitor.observe("job", name, 0.2, failed=True)
    monitor.error(name)
    reports = ProcessReports(None, "worker", monitor=monitor)  # type: ignore[arg-type]
    text = exposition(SystemReport(utc_now(), (reports.now(),), (Queue("q", "", 3),), frozenset())).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    failed = families["intellicv_job_failures"].samples[0]
    assert (failed.labels["kind"], failed.value) == (name, 1)
    buckets = [s for s in families["intellicv_job_duration_seconds"].samples if s.name.endswith("_bucket")]
    assert [s.value for s in buckets] == sorted(s.value for s in buckets)
    assert buckets[-1].labels["le"] == "+Inf"


@pytest.mark.parametrize(
    ("client", "address", "headers"),
    [
        (("192.0.2.7", 50_000), ADDRESS, {}),
        (HERE, ADDRESS, {"X-Forwarded-For": "127.0.0.1"}),
        (HERE, ADDRESS, {"Forwarded": "for=127.0.0.1"}),
        (HERE, "http://rebound.example.org", {}),
        (HERE, "http://metrics.127.0.0.1.example.org", {}),
    ],
)
def test_without_a_token_only_this_machine_may_read(
    settings: Settings, client: tuple[str, int], address: str, headers: dict[str, str]
) -> None:
    with TestClient(create_app(settings), base_url=address, client=client) as caller:
        answer = caller.get("/metrics", headers=headers)
    assert answer.status_code == 403
    assert "INTELLICV_METRICS_TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("given", "status"),
    [(f"Bearer {TOKEN}", 200), (f"bearer {TOKEN}", 200), ("Bearer wrong", 401), (TOKEN, 401), ("", 401)],
)
def test_with_a_token_who_presents_it_may_read(settings: Settings, given: str, status: int) -> None:
    guarded = settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    with TestClient(create_app(guarded), base_url="http://gateway.example.org", client=("192.0.2.7", 1)) as caller:
        answer = caller.get("/metrics", headers={"Authorization": given} if given else {})
    assert answer.status_code == status
    assert TOKEN not in answer.text


def test_a_short_token_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="INTELLICV_METRICS_TOKEN"):
        load_settings(metrics_token="short")


def test_a_call_that_breaks_is_counted_as_failed(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/broken/{person}")
    def broken(person: str) -> None:
        raise ZeroDivisionError(person)

    with TestClient(app, base_url=ADDRESS, client=HERE, raise_server_exceptions=False) as client:
        assert client.get("/broken/ada").status_code == 500
        text = client.get("/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    failures = {s.labels["route"]: s.value for s in families["intellicv_request_failures"].samples}
    assert failures["GET /broken/{person}"] >= 1
    assert "ada" not in text


def test_metrics_of_a_database_that_is_away_are_a_problem(settings: Settings, empty_database_url: str) -> None:
    without = settings.model_copy(update={"database_url": empty_database_url})
    with TestClient(create_app(without), base_url=ADDRESS, client=HERE) as client:
        assert client.get("/metrics").status_code == 503


def test_a_process_writes_one_row_and_takes_it_away(database: Database) -> None:
    from shared_backend.services.process_reports import reports

    one, other = (ProcessReports(database, name, monitor=PerformanceMonitor()) for name in ("worker", "user_portal"))
    for _ in range(3):
        one.write()
        other.write()
    with database.read() as connection:
        found = reports(connection)
    assert [each.portal for each in found] == ["user_portal", "worker"]
    assert found[0].report["rss"] > 1e6
    other.stop()
    with database.read() as connection:
        assert [each.portal for each in reports(connection)] == ["worker"]
