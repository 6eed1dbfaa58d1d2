"""A database that is away for a while: nobody can give a sign of life then, and nobody is taken for dead for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from shared_backend.database.engine import Database
from shared_backend.jobs import store
from shared_backend.jobs.runner import JobRunner
from shared_backend.utils.clock import utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable
from tests.support.jobs import QUICK, SYSTEM, jobs_of, register_of, wait_until


class Shaken:
    """A database that does `trouble` before each look at it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.trouble: Callable[[], None] = lambda: None
        self.looks = 0

    def __getattr__(self, name: str) -> Any:
        if name in ("read", "run", "write", "snapshot"):
            self.trouble()
            self.looks += 1
        return getattr(self._database, name)


def away() -> None:
    raise DatabaseUnavailable("away")


@pytest.mark.parametrize("stands_still", [False, True], ids=["away", "stands still"])
def test_who_could_not_give_a_sign_while_the_database_was_away_is_not_taken_for_dead(
    database: Database, stands_still: bool
) -> None:
    jobs = jobs_of(database)
    job_id = jobs.enqueue("test.steps", {}, actor=SYSTEM, source="script").id
    # The living other: it beats whenever the database is there.
    job = database.run(lambda uow: store.claim(uow, {"test.steps": None}, at=utc_now()))
    assert job is not None
    there, over = threading.Event(), threading.Event()
    there.set()

    def beating() -> None:
        while not over.is_set():
            if there.is_set():
                database.run(lambda uow: store.beat(uow, job.id, job.claim or "", None, at=utc_now()))
            time.sleep(QUICK.beat)

    other = threading.Thread(target=beating)
    other.start()
    shaken = Shaken(database)
    watcher = JobRunner(shaken, register_of(), threads=0, pace=QUICK)  # type: ignore[arg-type]
    watcher.start()
    try:
        wait_until(lambda: watcher._seen)
        for _ in range(2):
            there.clear()
            time.sleep(2 * QUICK.beat)
            shaken.trouble = there.wait if stands_still else away  # type: ignore[assignment]
            time.sleep(1.3 * QUICK.dead)
            # The watcher is back first.
            looks = shaken.looks
            shaken.trouble = lambda: None
            if stands_still:
                watcher.hint()
                there.set()
                other_beats = jobs.get(job_id, actor=SYSTEM).beats
                wait_until(lambda beats=other_beats: jobs.get(job_id, actor=SYSTEM).beats > beats)  # type: ignore[misc]
            wait_until(lambda looks=looks: shaken.looks > looks + 1)  # type: ignore[misc]
            there.set()
            time.sleep(3 * QUICK.look)
            assert jobs.get(job_id, actor=SYSTEM).crashes == 0
        over.set()
        other.join()
        # Who is silent while the database answers is taken over as ever.
        wait_until(lambda: jobs.get(job_id, actor=SYSTEM).crashes == 1)
    finally:
        over.set()
        there.set()
        other.join()
        watcher.stop()
