"""Worker processes that are killed in the middle: nothing is dropped, and no durable effect is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from shared_backend.database.engine import Database
from shared_backend.jobs import store
from shared_backend.jobs.kinds import JobKind
from shared_backend.services.jobs import Jobs
from shared_backend.utils.exception_handler import DatabaseBusy
from tests.support.jobs import QUICK, SYSTEM, effects, ended, jobs_of, make_effects, wait_until

ROOT = Path(__file__).resolve().parents[3]
Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(database_url: str) -> Iterator[Start]:
    """Starts a worker process of its own on this test's database."""
    started: list[subprocess.Popen[bytes]] = []
    address = Database(database_url).url.render_as_string(hide_password=False)

    def one() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.support.jobs", address, "2"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert worker.stdout is not None and worker.stdout.readline() == b"up\n"
        started.append(worker)
        return worker

    yield one
    for worker in started:
        worker.kill()
        worker.wait()
        for pipe in (worker.stdin, worker.stdout):
            assert pipe is not None
            pipe.close()


def done(jobs: Jobs) -> int:
    return jobs.counts(actor=SYSTEM)["done"]


def runs_of(jobs: Jobs, database: Database) -> int:
    with database.read() as connection:
        return len(store.running(connection))


@pytest.mark.slow
def test_one_of_two_workers_is_killed_in_the_middle_of_two_hundred_jobs(database: Database, start: Start) -> None:
    make_effects(database)
    jobs = jobs_of(database)
    with database.write() as uow:
        ids = [jobs.enqueue_in(uow, "test.steps", {"steps": 3, "pause_s": 0.01}, actor=SYSTEM).id for _ in range(200)]
    victim, _survivor = start(), start()
    wait_until(lambda: done(jobs) >= 60)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert done(jobs) < 200
    wait_until(lambda: done(jobs) == 200, within_s=120)
    found = effects(database)
    assert set(found) == {(job_id, f"step {number}") for job_id in ids for number in range(3)}
    assert set(found.values()) == {1}
    page = jobs.find(actor=SYSTEM, limit=200)
    assert page.total == 200 and {job.state for job in page.items} == {"done"}
    taken_over = [job for job in page.items if job.crashes]
    assert len(taken_over) <= 2 and all(job.crashes == 1 for job in taken_over)


@pytest.mark.slow
def test_the_only_worker_is_killed_and_the_next_one_goes_on_with_what_it_was_at(
    database: Database, start: Start
) -> None:
    make_effects(database)
    jobs = jobs_of(database)
    ids = [
        jobs.enqueue("test.steps", {"steps": 12, "pause_s": 0.05}, actor=SYSTEM, source="script").id for _ in range(6)
    ]
    first = start()
    wait_until(lambda: runs_of(jobs, database) == 2 and len(effects(database)) >= 5)
    first.kill()
    first.wait()
    left = effects(database)
    assert left and set(left.values()) == {1}
    start()
    assert {ended(jobs, job_id).state for job_id in ids} == {"done"}
    assert set(effects(database).values()) == {1} and len(effects(database)) == 6 * 12
    # What the first one had done was not done again by the second: each effect carries the run that wrote it.
    with database.read() as connection:
        writers = dict(
            connection.execute(text("SELECT job_id, count(DISTINCT claim) FROM effect GROUP BY job_id")).all()
        )
    assert sorted(writers.values())[-1] == 2


@pytest.mark.slow
def test_a_worker_that_was_asleep_finds_its_jobs_with_another_and_writes_no_more(
    database: Database, start: Start
) -> None:
    make_effects(database)
    jobs = jobs_of(database)
    sleeper = start()
    job_id = jobs.enqueue("test.steps", {"steps": 40, "pause_s": 0.05}, actor=SYSTEM, source="script").id
    # Between two transactions: one that sleeps inside of a transaction keeps SQLite's write lock, and all wait for it.
    wait_until(lambda: len(effects(database)) >= 3)
    probe = Database(database.url.render_as_string(hide_password=False), busy_timeout_s=0.1)
    for _ in range(50):
        sleeper.send_signal(signal.SIGSTOP)
        try:
            with probe.write():
                break
        except DatabaseBusy:
            sleeper.send_signal(signal.SIGCONT)
            time.sleep(0.01)
    probe.dispose()
    start()
    wait_until(lambda: jobs.get(job_id, actor=SYSTEM).crashes == 1)
    sleeper.send_signal(signal.SIGCONT)
    assert ended(jobs, job_id).state == "done"
    assert len(effects(database)) == 40 and set(effects(database).values()) == {1}


def test_a_job_that_kills_its_worker_each_time_ends_as_failed(database: Database) -> None:
    jobs = jobs_of(database, JobKind("test.poison", "Poison", lambda run, payload: None, backoff_s=0.0))
    job_id = jobs.enqueue("test.poison", {}, actor=SYSTEM, source="script").id
    deaths = 0
    watcher = jobs_of(database).runner(pace=QUICK)  # knows no such kind: it frees it, and does not run it
    watcher.start()
    try:
        while jobs.get(job_id, actor=SYSTEM).is_open and deaths < 10:
            # A claim that nobody keeps alive is what a killed worker leaves.
            claimed = database.run(lambda uow: store.claim(uow, {"test.poison": None}, at=jobs._clock()))
            if claimed is not None:
                deaths += 1
            time.sleep(0.02)
    finally:
        watcher.stop()
    job = jobs.get(job_id, actor=SYSTEM)
    assert (job.state, deaths) == ("failed", 3)
    assert job.error and "ended 3 times" in job.error


@pytest.mark.parametrize(("wish", "state"), [("pause", "paused"), ("cancel", "cancelled")])
def test_what_was_wished_of_a_job_holds_when_its_worker_dies(database: Database, wish: str, state: str) -> None:
    jobs = jobs_of(database)
    job_id = jobs.enqueue("test.steps", {}, actor=SYSTEM, source="script").id
    database.run(lambda uow: store.claim(uow, {"test.steps": None}, at=jobs._clock()))
    getattr(jobs, wish)(job_id, actor=SYSTEM, source="script")
    other = jobs.runner(pace=QUICK)
    other.start()
    try:
        wait_until(lambda: jobs.get(job_id, actor=SYSTEM).state == state)
    finally:
        other.stop()
