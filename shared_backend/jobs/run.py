"""One run of a job, as its handler sees it: steps that are done once, progress, and the wish that it end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError

from shared_backend.database.engine import Database
from shared_backend.database.types import to_json
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.jobs import store
from shared_backend.jobs.errors import JobStopped
from shared_backend.jobs.job import Job, Step
from shared_backend.jobs.store import Pulse
from shared_backend.utils.clock import Clock
from shared_backend.utils.exception_handler import InvalidInput

T = TypeVar("T")
_LONGEST_NAME = 120
_MOST_BYTES = 1_000_000


class JobRun:
    """What a handler works with. Its handler runs from the beginning after a crash, a pause or an error; each step that
    was done answers what it answered then and is not done again.

    `step` is for what is written in this database: exactly once. `call` is for everything else: at least once, so what
    is called must bear being called again when a crash falls between it and its note.
    """

    def __init__(self, database: Database, job: Job, *, clock: Clock) -> None:
        assert job.claim is not None
        self.job = job
        self._database = database
        self._claim: str = job.claim
        self._clock = clock
        self._lock = threading.Lock()
        self._reason: str | None = None
        self._pulse = Pulse(job.progress_done, job.progress_total, job.progress_unit, job.progress_words)
        self._told = True
        self._used: set[str] = set()
        self._done: dict[str, Step] = {}
        self._number = 0

    @property
    def actor(self) -> Actor:
        """Who asked for the job, with the role they had then."""
        return self.job.actor

    def step(self, name: str, work: Callable[[UnitOfWork], T]) -> T:
        """Runs `work` in a transaction that notes the step too: neither is there without the other. Answers what it
        answered, as JSON gives it back. Names are the job's own and each is used once a run.

        Raises JobStopped where the run is to end, and what `work` raises.
        """
        found, value = self._before(name)
        if found:
            return value
        return self._do(name, work, time.monotonic())

    def call(self, name: str, work: Callable[[], T]) -> T:
        """Runs `work` outside of any transaction, then notes the step: for networks, files and long calculations."""
        found, value = self._before(name)
        if found:
            return value
        started = time.monotonic()
        answer = work()
        return self._do(name, lambda _uow: answer, started)

    def progress(self, done: int, total: int | None = None, *, unit: str = "", words: str = "") -> None:
        """Says how far the work is. Costs nothing: it is written about once a second. Raises JobStopped where the run
        is to end."""
        self.check()
        with self._lock:
            self._pulse = Pulse(int(done), None if total is None else int(total), unit[:40], words[:300])
            self._told = False

    def check(self) -> None:
        """Raises JobStopped where the run is to end: call it in long loops, at a place where it can begin again."""
        if self._reason is not None:
            raise JobStopped(self._reason)

    def keep_going(self) -> bool:
        """Whether to go on, for work that stops by being told so; call `check` when it has stopped."""
        return self._reason is None

    # What follows is for the runner.

    @property
    def reason(self) -> str | None:
        """Why the run is to end; None where it is not."""
        return self._reason

    def prepare(self) -> None:
        """Reads what earlier runs have done."""
        with self._database.read() as connection:
            done = store.steps(connection, self.job.id, limit=1_000_000)
        self._done = {step.name: step for step in done}
        self._number = max((step.number for step in done), default=0)

    def stop(self, reason: str) -> None:
        """Asks the run to end; what it was asked before stands, but that the job is lost goes before all."""
        with self._lock:
            if self._reason is None or reason == "lost":
                self._reason = reason

    def untold(self) -> Pulse | None:
        """The progress where it has not been written yet."""
        with self._lock:
            if self._told:
                return None
            self._told = True
            return self._pulse

    def latest(self) -> Pulse | None:
        """The progress; None where the handler told none."""
        with self._lock:
            self._told = True
            return self._pulse if self._pulse.unit or self._pulse.words or self._pulse.done else None

    def _before(self, name: str) -> tuple[bool, Any]:
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
            raise InvalidInput(f"A step's name is 1 to {_LONGEST_NAME} characters.")
        if name in self._used:
            raise InvalidInput(f"The step {name!r} was used before in this run: give each its own name.")
        self.check()
        self._used.add(name)
        done = self._done.get(name)
        return done is not None, done.value if done else None

    def _do(self, name: str, work: Callable[[UnitOfWork], T], started: float) -> T:
        def within(uow: UnitOfWork) -> T:
            if not store.holds(uow.connection, self.job.id, self._claim):
                raise self._stopped("lost")
            answer = work(uow)
            self._note(uow, name, answer, time.monotonic() - started)
            return answer

        try:
            answer = self._database.run(within)
        except IntegrityError:
            # A run that was thought dead has done this very step after all, since we read what is done.
            with self._database.read() as connection:
                theirs = store.step_of(connection, self.job.id, name)
            if theirs is None:
                raise
            answer = theirs.value
        self._number += 1
        return answer

    def _note(self, uow: UnitOfWork, name: str, value: Any, took_s: float) -> None:
        if len(to_json(value)) > _MOST_BYTES:
            raise InvalidInput(f"The step {name!r} answers more than {_MOST_BYTES:,} characters: store it elsewhere.")
        step = Step(name, self._number + 1, value, round(took_s, 3), self._clock())
        store.add_step(uow.connection, self.job.id, step)

    def _stopped(self, reason: str) -> JobStopped:
        self.stop(reason)
        return JobStopped(reason)
