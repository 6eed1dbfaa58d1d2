"""Jobs for tests: kinds whose durable effects can be counted, and a worker process that runs them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, text

from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.jobs.job import Job
from shared_backend.jobs.kinds import JobKind, JobRegister
from shared_backend.jobs.run import JobRun
from shared_backend.jobs.runner import JobRunner, Pace
from shared_backend.services.jobs import Jobs

SYSTEM = Actor.system()
# Quick enough for a test; what must hold, holds at any pace.
QUICK = Pace(look=0.1, tell=0.05, beat=0.05, dead=1.0)


def make_effects(database: Database) -> None:
    """A table that counts every time a step's effect became durable."""
    with database.write() as uow:
        uow.connection.execute(text("CREATE TABLE effect (job_id VARCHAR(36), step VARCHAR(40), claim VARCHAR(36))"))


def note(connection: Connection, run: JobRun, step: str) -> None:
    """One durable effect."""
    values = {"job": run.job.id, "step": step, "claim": run.job.claim}
    connection.execute(text("INSERT INTO effect VALUES (:job, :step, :claim)"), values)


def effects(database: Database) -> dict[tuple[str, str], int]:
    """How often each step of each job took effect."""
    with database.read() as connection:
        rows = connection.execute(text("SELECT job_id, step, count(*) FROM effect GROUP BY job_id, step"))
        return {(job, step): count for job, step, count in rows}


def stepping(run: JobRun, payload: dict[str, Any]) -> dict[str, Any]:
    """Some steps, with some time between them."""
    steps = payload.get("steps", 3)
    for number in range(steps):
        run.step(f"step {number}", lambda uow, number=number: note(uow.connection, run, f"step {number}"))
        time.sleep(payload.get("pause_s", 0.0))
        run.progress(number + 1, steps, unit="steps")
    return {"steps": steps}


def register_of(*kinds: JobKind) -> JobRegister:
    """These kinds, and `test.steps`."""
    register = JobRegister()
    for kind in (*kinds, JobKind("test.steps", "Some steps", stepping)):
        register.add(kind)
    return register


def jobs_of(database: Database, *kinds: JobKind, **given: Any) -> Jobs:
    """The front door with these kinds, telling nobody of changes."""
    return Jobs(database, register_of(*kinds), lambda _uow, _job, _actor: None, **given)


def wait_until(ready: Callable[[], object], *, within_s: float = 60.0) -> None:
    """Waits for what must come; a test that waits in vain fails here."""
    deadline = time.monotonic() + within_s
    while not ready():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def ended(jobs: Jobs, job_id: str, *, within_s: float = 60.0) -> Job:
    """The job once it has ended."""
    wait_until(lambda: not jobs.get(job_id, actor=SYSTEM).is_open, within_s=within_s)
    return jobs.get(job_id, actor=SYSTEM)


if __name__ == "__main__":
    address, threads = sys.argv[1], int(sys.argv[2])
    worker = JobRunner(Database(address), register_of(), threads=threads, pace=QUICK)
    worker.start()
    print("up", flush=True)
    sys.stdin.read()
    worker.stop()
