"""Jobs and backups: nothing that was done since is run again, and the queue goes on to work."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from shared_backend.database.backup import backup, restore
from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from shared_backend.jobs.errors import JobStopped
from shared_backend.jobs.kinds import JobKind
from shared_backend.jobs.run import JobRun
from shared_backend.services.jobs import Jobs
from tests.support.jobs import QUICK, SYSTEM, ended, jobs_of, wait_until


def ask(jobs: Jobs, kind: str = "test.steps", **given: Any) -> str:
    return jobs.enqueue(kind, {"steps": 0}, actor=SYSTEM, source="script", **given).id


def state(jobs: Jobs, job_id: str) -> str:
    return jobs.get(job_id, actor=SYSTEM).state


def test_what_was_open_in_the_backup_is_not_run_again_unasked(database: Database, tmp_path: Path) -> None:
    jobs = jobs_of(database)
    done_before, open_then, paused_then = ask(jobs), ask(jobs, key="company"), ask(jobs)
    jobs.pause(open_then, actor=SYSTEM, source="script")
    jobs.pause(paused_then, actor=SYSTEM, source="script")
    runner = jobs.runner(pace=QUICK)
    runner.start()
    try:
        assert ended(jobs, done_before).state == "done"
        jobs_file = backup(database, tmp_path / "company.db").path
        jobs.resume(open_then, actor=SYSTEM, source="script")
        assert ended(jobs, open_then).state == "done"
        since = ask(jobs)
        assert ended(jobs, since).state == "done"
        restore(database, jobs_file, keep_in=tmp_path / "kept")
        assert [state(jobs, each) for each in (done_before, open_then, paused_then)] == [
            "done",
            "cancelled",
            "cancelled",
        ]
        assert "backup was restored" in (jobs.get(open_then, actor=SYSTEM).error or "")
        assert jobs.find(actor=SYSTEM).total == 3
        # The queue works on, for what is new and for what a person wants again.
        assert ended(jobs, ask(jobs, key="company")).state == "done"
        jobs.retry(open_then, actor=SYSTEM, source="script")
        assert ended(jobs, open_then).state == "done"
    finally:
        runner.stop()


@pytest.mark.parametrize("kept", [True, False], ids=["in the backup", "asked for since"])
def test_what_runs_while_a_backup_is_restored_is_lost_to_it(database: Database, tmp_path: Path, kept: bool) -> None:
    entered, go_on, lost = threading.Event(), threading.Event(), threading.Event()

    def handle(run: JobRun, payload: dict[str, Any]) -> None:
        entered.set()
        go_on.wait(60)
        try:
            run.step("late", lambda uow: None)
        except JobStopped:
            lost.set()
            raise

    jobs = jobs_of(database, JobKind("test.long", "Long", handle))
    if not kept:
        backup(database, tmp_path / "company.db")
    job_id = ask(jobs, "test.long")
    runner = jobs.runner(pace=QUICK)
    runner.start()
    try:
        assert entered.wait(30)
        if kept:
            backup(database, tmp_path / "company.db")
        restore(database, tmp_path / "company.db", keep_in=tmp_path / "kept")
        go_on.set()
        assert lost.wait(30)
        wait_until(lambda: not runner._running)
        page = jobs.find(actor=SYSTEM)
        assert [(job.id, job.state) for job in page.items] == ([(job_id, "cancelled")] if kept else [])
    finally:
        go_on.set()
        runner.stop()


def test_a_new_machine_has_the_history_and_a_queue(database: Database, tmp_path: Path) -> None:
    jobs = jobs_of(database)
    job_id = ask(jobs)
    file = backup(database, tmp_path / "company.db").path
    other = Database(f"sqlite:///{tmp_path}/new/machine.db")
    try:
        restore(other, file, keep_in=tmp_path / "kept")
        migrate(other)
        there = jobs_of(other)
        assert state(there, job_id) == "cancelled"
        runner = there.runner(pace=QUICK)
        runner.start()
        try:
            assert ended(there, ask(there)).state == "done"
        finally:
            runner.stop()
    finally:
        other.dispose()
