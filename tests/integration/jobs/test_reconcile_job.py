"""The job that carries files to the primary cloud: asked for by itself, until the primary is back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared_backend.cloud import journal
from shared_backend.cloud.reconcile import Progress
from shared_backend.database.engine import Database
from shared_backend.jobs.runner import JobRunner
from shared_backend.services.job_kinds import RECONCILE, has_entries, job_register
from shared_backend.services.jobs import Jobs
from shared_backend.utils.clock import utc_now
from tests.support.jobs import QUICK, SYSTEM, ended, wait_until


class FakeReconciler:
    """Settles all entries when the primary is there."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.primary_is_there = False
        self.runs = 0

    def run(self, *, on_progress: Callable[[Any], None], keep_going: Callable[[], bool]) -> Progress:
        self.runs += 1
        with self.database.read() as connection:
            entries = journal.open_entries(connection)
        progress = Progress(total=len(entries))
        for entry in entries:
            if not self.primary_is_there:
                progress.failed, progress.last_error = 1, "azure does not answer."
                return progress
            assert keep_going()
            self.database.run(lambda uow, id=entry.id: journal.settle(uow.connection, id, "done", at=utc_now()))
            progress.synced += 1
            on_progress(progress)
        return progress


def journaled(database: Database, state: str = "pending", *, age_s: float = 0.0) -> None:
    at = utc_now() - timedelta(seconds=age_s)

    def write(uow: Any) -> None:
        entry = journal.begin(
            uow.connection,
            write_id="w1",
            operation="put",
            path="cv/ada.pdf",
            primary="azure",
            fallback="local",
            sha256="0" * 64,
            size=3,
            at=at,
        )
        if state != "intent":
            journal.settle(uow.connection, entry, state, at=at)

    database.run(write)


@pytest.mark.parametrize(
    ("state", "age_s", "expected"),
    [("pending", 0.0, True), ("intent", 0.0, False), ("intent", 120.0, True), ("done", 120.0, False)],
)
def test_it_is_needed_while_the_journal_holds_what_can_be_carried(
    database: Database, state: str, age_s: float, expected: bool
) -> None:
    with database.read() as connection:
        assert not has_entries(connection, utc_now())
    journaled(database, state, age_s=age_s)
    with database.read() as connection:
        assert has_entries(connection, utc_now()) is expected


def test_it_is_asked_for_by_itself_and_waits_for_the_primary(database: Database) -> None:
    fake = FakeReconciler(database)
    jobs = Jobs(database, job_register(lambda: fake), lambda _uow, _job, _actor: None)
    runner: JobRunner = jobs.runner(pace=QUICK)
    journaled(database)
    runner.start()
    try:
        wait_until(lambda: any(job.attempts for job in jobs.find(actor=SYSTEM).items))
        (job,) = jobs.find(actor=SYSTEM).items
        assert (job.kind, job.state) == (RECONCILE, "waiting") and job.error and "azure does not answer" in job.error
        fake.primary_is_there = True
        jobs.retry(job.id, actor=SYSTEM, source="script")
        runner.hint()
        job = ended(jobs, job.id)
        assert job.state == "done" and job.result and job.result["synced"] == 1
        assert (job.progress_done, job.progress_total) == (1, 1)
        assert jobs.find(actor=SYSTEM).total == 1
    finally:
        runner.stop()
