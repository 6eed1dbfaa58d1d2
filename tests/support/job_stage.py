"""A front door and a runner for tests of jobs."""

from __future__ import annotations

import threading
from typing import Any

from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.jobs.kinds import JobKind
from shared_backend.jobs.runner import JobRunner
from tests.support.jobs import QUICK, SYSTEM, jobs_of, make_effects

ADMIN = Actor("ada", Role.ADMIN, "Ada")


class Stage:
    """A front door and a runner on one database, with a kind whose handler the test gives."""

    def __init__(self, database: Database) -> None:
        self.database = database
        make_effects(database)
        self.handle: Any = lambda run, payload: {}
        self.entered = threading.Event()
        self.go_on = threading.Event()
        kinds = [
            JobKind("test.given", "Given", lambda run, payload: self.handle(run, payload), backoff_s=0.01, tries=3),
            JobKind("test.alone", "Alone", lambda run, payload: self.handle(run, payload), at_once=1),
        ]
        self.jobs = jobs_of(database, *kinds, threads=4)
        self.runner = self.jobs.runner(pace=QUICK)

    def ask(self, kind: str = "test.given", payload: dict[str, Any] | None = None, **given: Any) -> str:
        job = self.jobs.enqueue(kind, payload or {}, actor=SYSTEM, source="script", **given)
        self.runner.hint()
        return job.id

    def job(self, job_id: str) -> Any:
        return self.jobs.get(job_id, actor=SYSTEM)

    def begin(self) -> JobRunner:
        self.runner.start()
        return self.runner
