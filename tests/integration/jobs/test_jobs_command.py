"""`intellicv jobs`, and `intellicv worker` as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shared_backend.cli.main import app
from shared_backend.config.backend_config import load_settings
from shared_backend.lockstep.presence import processes
from shared_backend.services.backend import Backend, close_backend, get_backend
from shared_backend.services.job_kinds import RECONCILE
from tests.support.jobs import SYSTEM, wait_until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def backend(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    monkeypatch.setenv("INTELLICV_DATABASE_URL", sqlite_url)
    yield get_backend()
    close_backend()


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["jobs", *words])
    assert result.exit_code == code, result.output
    return result.output


def ask(backend: Backend) -> str:
    return backend.jobs.enqueue(RECONCILE, {}, actor=SYSTEM, source="script").id


def test_jobs_are_listed_shown_and_acted_on(backend: Backend) -> None:
    assert "There are no jobs" in said("list")
    job_id = ask(backend)
    assert job_id[:8] in said("list") and "waiting" in said("list", "--state", "waiting", "--kind", RECONCILE)
    assert "no such job" in said("list", "--state", "done")
    assert "paused" in said("pause", job_id[:8])
    assert "goes on" in said("resume", job_id)
    assert "cancelled" in said("cancel", job_id[:6])
    shown = said("show", job_id)
    assert "cancelled" in shown and "Carry files to the primary cloud" in shown and job_id in shown
    assert "runs as soon" in said("retry", job_id)
    assert "waiting" in said("list")


def test_what_goes_wrong_is_one_line(backend: Backend) -> None:
    assert "There is no job" in said("show", "nothing", code=1)
    assert "not a state" in said("list", "--state", "sleeping", code=1)
    ids = [ask(backend) for _ in range(40)]
    shared = next(first for first in (each[0] for each in ids) if sum(each[0] == first for each in ids) > 1)
    assert "More than one" in said("cancel", shared, code=1)
    assert "It is paused" in said("pause", ids[0]) and "Resume it" in said("retry", ids[0], code=1)


def test_each_change_is_an_event_for_open_pages(backend: Backend) -> None:
    from shared_backend.services.event_reads import EventFilter, find_events

    job_id = ask(backend)
    said("pause", job_id)
    found = find_events(backend.database, EventFilter(types=("job_update",)), actor=SYSTEM).events
    assert [(event.kind, event.entity_id, event.data["state"]) for event in found] == [
        ("job", job_id, "paused"),
        ("job", job_id, "waiting"),
    ]


@pytest.mark.slow
def test_the_worker_runs_what_a_portal_asks_for_and_stops_when_it_is_told(database_url: str, tmp_path: Path) -> None:
    settings = load_settings(database_url=database_url, var_dir=tmp_path / "var")
    backend = Backend.open(settings, portal="admin_portal")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "INTELLICV_DATABASE_URL": backend.database.url.render_as_string(hide_password=False),
        "INTELLICV_VAR_DIR": str(tmp_path / "var"),
        "INTELLICV_CLOUD_PRIMARY": "local",
        "INTELLICV_CLOUD_FALLBACK": "",
    }
    log = tmp_path / "worker.log"
    with log.open("wb") as file:
        worker = subprocess.Popen(
            [sys.executable, "-m", "shared_backend.cli.main", "worker"], cwd=ROOT, env=environment, stderr=file
        )
    try:

        def is_there() -> bool:
            with backend.database.read() as connection:
                return any(process.portal == "worker" for process in processes(connection))

        wait_until(is_there)
        job = backend.jobs.enqueue(RECONCILE, {}, actor=SYSTEM, source="admin_portal")
        wait_until(lambda: not backend.jobs.get(job.id, actor=SYSTEM).is_open)
        assert backend.jobs.get(job.id, actor=SYSTEM).state == "done", log.read_text()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0
        assert "Traceback" not in log.read_text()
    finally:
        worker.kill()
        worker.wait()
        backend.close()
