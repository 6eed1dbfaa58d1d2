"""What runs jobs in a worker process: claims them, keeps them alive, ends them, and takes over those of the dead."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from shared_backend.database.engine import Database
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.jobs import store
from shared_backend.jobs.endings import Ending, after_crash, after_error, after_stop
from shared_backend.jobs.errors import JobStopped
from shared_backend.jobs.job import Job
from shared_backend.jobs.kinds import JobKind, JobRegister, Recurring
from shared_backend.jobs.run import JobRun
from shared_backend.jobs.store import Ask
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable
from shared_backend.utils.logging_config import correlation_scope, new_correlation_id
from shared_backend.utils.performance_monitor import performance_monitor

# Tells the log of a job's new state, and of who brought it about, in the transaction that sets it.
OnChange = Callable[[UnitOfWork, Job, Actor], None]

_WORKER = Actor.system("worker")


@dataclass(frozen=True)
class Pace:
    """Seconds. `look`: between looks for work that no hint told of, and for the dead; `tell`: between writings of a
    run's progress; `beat`: between signs of life; `dead`: without one of these, a run is over."""

    look: float = 5.0
    tell: float = 1.0
    beat: float = 3.0
    dead: float = 15.0


@dataclass
class _Running:
    run: JobRun
    kind: JobKind
    thread: threading.Thread
    told_at: float = 0.0
    beat_at: float = 0.0

    @property
    def job(self) -> Job:
        return self.run.job


class JobRunner:
    """Runs jobs on threads of its own, at most `threads` at a time, until it is stopped. Any number of them, in any
    number of processes and machines, may work on one database."""

    def __init__(
        self,
        database: Database,
        register: JobRegister,
        *,
        on_change: OnChange = lambda _uow, _job, _actor: None,
        threads: int = 2,
        pace: Pace | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._register = register
        self._on_change = on_change
        self._threads = threads
        self._pace = pace or Pace()
        self._clock = clock
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        # Runs of others as first seen with that many beats: by our own clock, so that no other machine's matters.
        self._seen: dict[tuple[str, int], float] = {}
        self._looked_at = 0.0
        self._look_at = 0.0
        self._recur_at: dict[str, float] = {}
        self._log = structlog.get_logger(__name__)

    def start(self) -> None:
        """Begins to run jobs. Idempotent."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)
            self._thread.start()

    def hint(self) -> None:
        """Something about a job was probably committed: look now. Never blocks."""
        self._woken.set()

    def stop(self, *, within_s: float = 3.0) -> None:
        """Takes no more jobs, asks those that run to end at their next step, and gives back what has not ended in time:
        all of it goes on where it was, here or elsewhere."""
        self._stopping.set()
        self._woken.set()
        deadline = time.monotonic() + within_s
        for each in self._now_running():
            each.run.stop("shutdown")
        if self._thread is not None:
            self._thread.join(timeout=within_s)
            self._thread = None
        # Once more, for what was begun meanwhile.
        for each in self._now_running():
            each.run.stop("shutdown")
        for each in self._now_running():
            each.thread.join(timeout=max(0.0, deadline - time.monotonic()))
        for each in self._now_running():
            self._log.info("job.given_back", job=each.job.id, kind=each.job.kind)
            with suppress(DatabaseUnavailable):
                self._end(each.run, Ending("waiting"))

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                wait_s = self._turn(time.monotonic())
            except DatabaseUnavailable as error:
                self._log.warning("jobs.database_away", reason=error.code)
                # Nobody could give a sign of life either: what was seen before says nothing of who lives.
                self._seen = {}
                wait_s = 1.0
            except Exception:
                self._log.exception("jobs.turn_failed")
                wait_s = self._pace.look
            self._woken.wait(wait_s)

    def _turn(self, now: float) -> float:
        """One look at everything; answers the seconds until the next one at the latest."""
        self._keep_alive(now)
        if now >= self._look_at:
            self._look_at = now + self._pace.look
            self._take_over(now)
        wait_s = min(self._recur(now), self._look_at - now)
        if self._running:
            wait_s = min(wait_s, self._pace.tell)
        return max(0.01, min(wait_s, self._claim_all()))

    def _keep_alive(self, now: float) -> None:
        """Writes beats and progress, and brings people's wishes to the runs."""
        runs = self._now_running()
        if not runs:
            return
        with self._database.read() as connection:
            wanted = store.wishes(connection, [each.job.claim or "" for each in runs])
        for each in runs:
            claim = each.job.claim or ""
            if claim not in wanted:
                each.run.stop("lost")
                continue
            if wish := wanted[claim]:
                each.run.stop(wish)
            if now - each.told_at < self._pace.tell:
                continue
            each.told_at = now
            pulse = each.run.untold()
            if pulse is None and now - each.beat_at < self._pace.beat:
                continue
            each.beat_at = now
            if not self._database.run(
                lambda uow, each=each, claim=claim, pulse=pulse: store.beat(  # type: ignore[misc]
                    uow, each.job.id, claim, pulse, at=self._clock()
                )
            ):
                each.run.stop("lost")

    def _take_over(self, now: float) -> None:
        """Frees the jobs of workers that have given no sign of life for a while."""
        ours = {each.job.claim for each in self._now_running()}
        with self._database.read() as connection:
            others = [job for job in store.running(connection) if job.claim not in ours]
        if now - self._looked_at > max(2 * self._pace.look, self._pace.dead / 2):
            # Silence that nobody listened to is no sign either: this process, or the database, may have stood still.
            self._seen = {}
        self._looked_at = now
        seen: dict[tuple[str, int], float] = {}
        for job in others:
            mark = (job.claim or "", job.beats)
            seen[mark] = self._seen.get(mark, now)
            if now - seen[mark] >= self._pace.dead:
                self._free(job)
        self._seen = seen

    def _free(self, job: Job) -> None:
        ending = after_crash(job, self._register.find(job.kind))

        def free(uow: UnitOfWork) -> bool:
            freed = store.orphaned(uow, job, ending.state, at=self._clock(), pause_s=ending.pause_s, error=ending.error)
            self._tell(uow, job.id, freed)
            return freed

        if self._database.run(free):
            self._log.warning("job.taken_over", job=job.id, kind=job.kind, crashes=job.crashes + 1, state=ending.state)

    def _recur(self, now: float) -> float:
        """Asks for what recurs where its time has come; answers the seconds until the next."""
        wait_s = self._pace.look
        for recurring in self._register.recurring:
            due = self._recur_at.get(recurring.kind, now)
            if due <= now:
                due = self._recur_at[recurring.kind] = now + recurring.every_s
                if self._is_due(recurring):
                    self._database.run(lambda uow, recurring=recurring: self._ask(uow, recurring))  # type: ignore[misc]
            wait_s = min(wait_s, due - now)
        return wait_s

    def _is_due(self, recurring: Recurring) -> bool:
        with self._database.read() as connection:
            if store.is_open(connection, recurring.kind, recurring.key):
                return False
            return recurring.when is None or recurring.when(connection)

    def _ask(self, uow: UnitOfWork, recurring: Recurring) -> None:
        now = self._clock()
        last = store.newest_of(uow.connection, recurring.kind, recurring.key)
        # Not quite the whole time, or two clocks that differ by a blink would make every second turn fall out.
        if last is not None and last <= now < last + timedelta(seconds=recurring.every_s * 0.9):
            return
        asked = Ask(recurring.kind, {}, _WORKER, "worker", new_correlation_id(), recurring.key)
        job, new = store.ask(uow, asked, at=now)
        if new:
            self._on_change(uow, job, _WORKER)

    def _claim_all(self) -> float:
        """Starts what is due while there are threads for it; answers the seconds until the next is due."""
        while not self._stopping.is_set() and len(self._running) < self._threads:
            kinds = self._startable()
            with self._database.read() as connection:
                due = store.next_due(connection, [kind.name for kind in kinds])
            if due is None:
                return self._pace.look
            wait_s = (due - self._clock()).total_seconds()
            if wait_s > 0:
                return wait_s
            job = self._database.run(lambda uow, kinds=kinds: self._claim(uow, kinds))  # type: ignore[misc]
            if job is None:
                # Its kind is at its limit, or somebody else was quicker.
                return self._pace.tell
            self._begin(job)
        return self._pace.look

    def _startable(self) -> list[JobKind]:
        """The kinds of which a thread may begin another job: those that leave threads to others stop short of all."""
        long = sum(1 for each in self._now_running() if each.kind.leaves)
        return [kind for kind in self._register if not kind.leaves or long < max(1, self._threads - kind.leaves)]

    def _claim(self, uow: UnitOfWork, kinds: Sequence[JobKind]) -> Job | None:
        job = store.claim(uow, {kind.name: kind.at_once for kind in kinds}, at=self._clock())
        if job is not None:
            self._on_change(uow, job, _WORKER)
        return job

    def _begin(self, job: Job) -> None:
        kind = self._register.get(job.kind)
        run = JobRun(self._database, job, clock=self._clock)
        thread = threading.Thread(target=self._run, args=(run, kind), name=f"job-{job.kind}", daemon=True)
        now = time.monotonic()
        with self._lock:
            self._running[job.id] = _Running(run, kind, thread, told_at=now, beat_at=now)
        thread.start()

    def _run(self, run: JobRun, kind: JobKind) -> None:
        job, started = run.job, time.monotonic()
        with correlation_scope(job.correlation_id):
            ending = self._work(run, kind)
            performance_monitor().observe("job", kind.name, time.monotonic() - started, failed=ending.is_error)
            try:
                self._insist(run, ending)
            except Exception:
                # It is taken over as if this process had died.
                self._log.exception("job.not_ended", job=job.id, kind=job.kind)
            finally:
                with self._lock:
                    self._running.pop(job.id, None)
                self.hint()

    def _work(self, run: JobRun, kind: JobKind) -> Ending:
        try:
            run.prepare()
            return Ending("done", result=kind.handler(run, run.job.payload) or {})
        except JobStopped as stopped:
            return after_stop(stopped.reason)
        except (Exception, SystemExit) as error:
            ending = after_error(error, run, kind, now=self._clock(), spread=random.uniform(0.8, 1.2))
            log = self._log.exception if ending.unforeseen else self._log.warning
            log("job.error", job=run.job.id, kind=kind.name, error=type(error).__name__, state=ending.state)
            return ending

    def _insist(self, run: JobRun, ending: Ending) -> None:
        """Writes the ending, again while the database is away; what can't be written is taken over in time."""
        pause_s = 0.2
        while True:
            try:
                self._end(run, ending)
                return
            except DatabaseUnavailable:
                if self._stopping.wait(pause_s):
                    raise
                pause_s = min(pause_s * 2, 5.0)

    def _end(self, run: JobRun, ending: Ending) -> None:
        if ending.state == "lost":
            return

        def end(uow: UnitOfWork) -> None:
            now = self._clock()
            there = store.get(uow.connection, run.job.id, locked=True)
            if there is None or there.claim != run.job.claim:
                return
            # What people wish may have changed since the run was told.
            state, due_at = ending.as_wished(there.wish)
            ended = store.finish(
                uow,
                run.job,
                state,
                at=now,
                pulse=run.latest(),
                result=ending.result,
                error=ending.error,
                due_at=due_at,
                failed_try=ending.is_error,
            )
            self._tell(uow, run.job.id, ended)

        self._database.run(end)

    def _tell(self, uow: UnitOfWork, job_id: str, changed: bool) -> None:
        job = store.get(uow.connection, job_id) if changed else None
        if job is not None:
            self._on_change(uow, job, _WORKER)

    def _now_running(self) -> list[_Running]:
        with self._lock:
            return list(self._running.values())
