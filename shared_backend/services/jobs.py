"""Background work by its front door: asking for it, looking at it, and stopping or repeating it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from shared_backend.database.engine import Database
from shared_backend.database.types import to_json
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import audit
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.jobs import reads, store
from shared_backend.jobs.job import OPEN, Job, Step
from shared_backend.jobs.kinds import JobRegister
from shared_backend.jobs.reads import JobFilter, JobPage
from shared_backend.jobs.runner import JobRunner, OnChange, Pace
from shared_backend.jobs.store import Ask
from shared_backend.lockstep.presence import STALE_S, processes
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import InvalidInput, NotFound, PayloadTooLarge, StateConflict
from shared_backend.utils.logging_config import correlation_id, new_correlation_id

_MOST_BYTES = 65_536
_LONGEST_KEY = 200
MAX_PAGE = 5_000

Change = Callable[[Connection, Job, datetime], str]


class Jobs:
    """What every process has of the jobs. The worker's `runner` runs them; all others only ask and look."""

    def __init__(
        self,
        database: Database,
        register: JobRegister,
        on_change: OnChange,
        *,
        keep: int = 2_000,
        threads: int = 2,
        clock: Clock = utc_now,
    ) -> None:
        self.register = register
        self._database = database
        self._on_change = on_change
        self._keep = keep
        self._threads = threads
        self._clock = clock

    def enqueue(self, kind: str, payload: dict[str, Any], *, actor: Actor, source: str, key: str | None = None) -> Job:
        """Asks for a job in a transaction of its own; see `enqueue_in`."""
        return self._database.run(lambda uow: self.enqueue_in(uow, kind, payload, actor=actor, source=source, key=key))

    def enqueue_in(
        self,
        uow: UnitOfWork,
        kind: str,
        payload: dict[str, Any],
        *,
        actor: Actor,
        source: str = "worker",
        key: str | None = None,
        due_at: datetime | None = None,
    ) -> Job:
        """Asks for a job in the caller's transaction: it is there when, and only when, that is committed. Call it last:
        the log's counter is held from here on.

        `key`: where a job of this kind and key has yet to end, that one is answered and none is added. The caller has
        decided that `actor` may ask for it. Raises InvalidInput for an unknown kind, or a payload that is no JSON
        object of at most 64 KiB: pass ids, not contents.
        """
        self.register.get(kind)
        _check(payload, key)
        asked = Ask(kind, payload, actor, source, correlation_id() or new_correlation_id(), key, due_at)
        job, new = store.ask(uow, asked, at=self._clock())
        if new:
            self._on_change(uow, job, actor)
        return job

    def find(self, wanted: JobFilter | None = None, *, actor: Actor, limit: int = 25, offset: int = 0) -> JobPage:
        """A page of jobs. Raises PermissionDenied."""
        _may_look(actor)
        if not 0 <= limit <= MAX_PAGE or offset < 0:
            raise InvalidInput(f"A page holds up to {MAX_PAGE:,} jobs.")
        with self._database.snapshot() as connection:
            return reads.find(connection, wanted or JobFilter(), limit=limit, offset=offset)

    def counts(self, *, actor: Actor) -> dict[str, int]:
        """How many jobs there are in each state. Raises PermissionDenied."""
        _may_look(actor)
        with self._database.read() as connection:
            return reads.counts(connection)

    def kinds(self, *, actor: Actor) -> list[str]:
        """The kinds that there are jobs of, and those that there may be. Raises PermissionDenied."""
        _may_look(actor)
        with self._database.read() as connection:
            return sorted({*reads.kinds(connection), *self.register.names()})

    def has_worker(self, *, actor: Actor) -> bool:
        """Whether a worker process has reported lately. Raises PermissionDenied."""
        _may_look(actor)
        since = self._clock() - timedelta(seconds=STALE_S)
        with self._database.read() as connection:
            return any(each.portal == "worker" and each.beat_at >= since for each in processes(connection))

    def get(self, job_id: str, *, actor: Actor) -> Job:
        """One job. Raises PermissionDenied and NotFound."""
        _may_look(actor)
        with self._database.read() as connection:
            return _there(store.get(connection, job_id), job_id)

    def beginning_with(self, part: str, *, actor: Actor) -> list[Job]:
        """At most two jobs whose id begins so: enough to tell whether it is one. Raises PermissionDenied."""
        _may_look(actor)
        with self._database.read() as connection:
            return reads.beginning_with(connection, part.strip(), limit=2) if part.strip() else []

    def steps(self, job_id: str, *, actor: Actor, limit: int = 200, offset: int = 0) -> tuple[list[Step], int]:
        """A page of the steps that are done, and how many there are. Raises PermissionDenied."""
        _may_look(actor)
        with self._database.snapshot() as connection:
            return store.steps(connection, job_id, limit=limit, offset=offset), store.count_steps(connection, job_id)

    def pause(self, job_id: str, *, actor: Actor, source: str) -> Job:
        """Keeps a job from running until it is resumed; one that runs ends at its next step. Raises PermissionDenied,
        NotFound, and StateConflict for one that has ended."""
        return self._change("pause", job_id, _pause, actor, source)

    def resume(self, job_id: str, *, actor: Actor, source: str) -> Job:
        """Lets a paused job go on where it was. Raises as `pause`."""
        return self._change("resume", job_id, _resume, actor, source)

    def cancel(self, job_id: str, *, actor: Actor, source: str) -> Job:
        """Ends a job for good, at its next step where it runs; `retry` is the way back. Raises as `pause`."""
        return self._change("cancel", job_id, _cancel, actor, source)

    def retry(self, job_id: str, *, actor: Actor, source: str) -> Job:
        """Runs a job again that failed or was cancelled, without what it has done already; one that waits for another
        try is tried now. Raises as `pause`, and StateConflict where it is done or another has taken its place."""
        return self._change("retry", job_id, _retry, actor, source)

    def prune(self) -> int:
        """Forgets all but the newest jobs that have ended; answers how many."""
        return self._database.run(lambda uow: store.prune(uow, keep=self._keep))

    def runner(self, *, pace: Pace | None = None) -> JobRunner:
        """What runs the jobs, for a worker process to start and stop."""
        return JobRunner(
            self._database,
            self.register,
            on_change=self._on_change,
            threads=self._threads,
            pace=pace,
            clock=self._clock,
        )

    def _change(self, action: str, job_id: str, change: Change, actor: Actor, source: str) -> Job:
        actor.require(Permission.OPERATE, f"{action} background jobs")

        def work(uow: UnitOfWork) -> Job:
            before = _there(store.get(uow.connection, job_id, locked=True), job_id)
            now = self._clock()
            if change(uow.connection, before, now) == "same":
                return before
            after = _there(store.get(uow.connection, job_id), job_id)
            audit.record(
                uow.connection,
                actor=actor,
                source=source,
                action=f"job_{action}",
                subject=("job", job_id),
                before={"state": before.state, "wish": before.wish},
                after={"state": after.state, "wish": after.wish, "kind": after.kind},
                at=now,
                correlation_id=correlation_id() or new_correlation_id(),
            )
            self._on_change(uow, after, actor)
            return after

        return self._database.run(work)


def _pause(connection: Connection, job: Job, now: datetime) -> str:
    return _wish(connection, job, "pause", "paused", now)


def _cancel(connection: Connection, job: Job, now: datetime) -> str:
    return _wish(connection, job, "cancel", "cancelled", now)


def _wish(connection: Connection, job: Job, wish: str, state: str, now: datetime) -> str:
    if job.state == state or job.wish == wish:
        return "same"
    if not job.is_open:
        raise StateConflict(f"The job has ended already: it is {job.state}.")
    if job.state == "running":
        store.change(connection, job.id, wish=wish)
    elif state == "cancelled":
        store.change(connection, job.id, state=state, ended_at=now, open_key=None)
    else:
        store.change(connection, job.id, state=state)
    return "changed"


def _resume(connection: Connection, job: Job, now: datetime) -> str:
    if job.state == "running" and job.wish == "pause":
        # It has not come to its next step yet: it need not stop at all.
        store.change(connection, job.id, wish=None)
    elif job.state == "paused":
        store.change(connection, job.id, state="waiting", due_at=job.created_at)
    elif job.state in OPEN:
        return "same"
    else:
        raise StateConflict(f"The job has ended: it is {job.state}. Retry it where it is still needed.")
    return "changed"


def _retry(connection: Connection, job: Job, now: datetime) -> str:
    if job.state in ("running", "done"):
        words = "It runs already." if job.state == "running" else "It is done: there is nothing left to retry."
        raise StateConflict(words)
    if job.state == "paused":
        raise StateConflict("It is paused. Resume it instead.")
    if job.state == "waiting":
        store.change(connection, job.id, due_at=job.created_at)
    elif not store.open_again(connection, job):
        raise StateConflict("A newer job for the same work has yet to end. Look at that one instead.")
    return "changed"


def _there(job: Job | None, job_id: str) -> Job:
    if job is None:
        raise NotFound(f"There is no job {job_id!r}. Jobs that ended long ago are forgotten.")
    return job


def _may_look(actor: Actor) -> None:
    actor.require(Permission.READ_ALL, "look at background jobs")


def _check(payload: Any, key: Any) -> None:
    if not isinstance(payload, dict):
        raise InvalidInput(f"A job's payload is a dictionary, not {type(payload).__name__}.")
    try:
        size = len(to_json(payload).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"The job's payload can't be written as JSON: {error}.") from None
    if size > _MOST_BYTES:
        raise PayloadTooLarge(f"A job's payload may have {_MOST_BYTES:,} bytes; this one has {size:,}. Pass ids.")
    if key is not None and (not isinstance(key, str) or not 0 < len(key) <= _LONGEST_KEY or not key.isprintable()):
        raise InvalidInput(f"A job's key is 1 to {_LONGEST_KEY} printable characters.")
