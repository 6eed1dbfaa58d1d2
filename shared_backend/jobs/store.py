"""The jobs' repository: what moves a job from one state to the next, each by one guarded statement.

A run writes only while the job is running under the run's own claim: a worker that was thought dead, and comes back,
finds that it has nothing to say any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from shared_backend.database.tables import JobRow, JobStepRow
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.jobs.job import ENDED, Job, Step

_JOB: Any = JobRow.__table__  # type: ignore[attr-defined]
_STEP: Any = JobStepRow.__table__  # type: ignore[attr-defined]

# A job that may run at once is due at the time at which it was asked for: whose clock that is then does not matter.
_AT_ONCE: Any = _JOB.c.due_at <= _JOB.c.created_at

# Claims take turns on PostgreSQL, so that the limits of kinds hold over the whole fleet; SQLite has one writer anyway.
_CLAIM_LOCK = 7_316_402_553


@dataclass(frozen=True)
class Ask:
    """What is asked for: see JobKind and JobRow."""

    kind: str
    payload: dict[str, Any]
    actor: Actor
    source: str
    correlation_id: str
    key: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Pulse:
    """What a run tells of itself now and then."""

    done: int
    total: int | None
    unit: str
    words: str


def ask(uow: UnitOfWork, asked: Ask, *, at: datetime) -> tuple[Job, bool]:
    """Writes a job in the caller's transaction; answers it, and whether it is new: with a key there is one open job at
    most, and that one is answered."""
    job_id = str(uuid.uuid4())
    values: dict[str, Any] = {
        "id": job_id,
        "kind": asked.kind,
        "open_key": _open_key(asked.kind, asked.key),
        "job_key": asked.key,
        "payload": asked.payload,
        "state": "waiting",
        "actor_id": asked.actor.id,
        "actor_name": asked.actor.name,
        "actor_role": str(asked.actor.role),
        "source": asked.source,
        "correlation_id": asked.correlation_id,
        "due_at": asked.due_at or at,
        "beats": 0,
        "attempts": 0,
        "crashes": 0,
        "progress_done": 0,
        "progress_unit": "",
        "progress_words": "",
        "run_from": 0,
        "ran_s": 0.0,
        "result": None,
        "created_at": at,
    }
    dialect = postgresql if uow.dialect == "postgresql" else sqlite
    statement = dialect.insert(_JOB).values(values).on_conflict_do_nothing(index_elements=["open_key"])
    # By what comes back, not by the count of rows: psycopg's is -1 here whether or not there was a conflict.
    while uow.connection.execute(statement.returning(_JOB.c.id)).first() is None:
        there = uow.connection.execute(select(_JOB).where(_JOB.c.open_key == values["open_key"])).first()
        if there is not None:
            return job_of(there), False
        # It ended between the two statements (PostgreSQL): the place is free now.
    made = get(uow.connection, job_id)
    assert made is not None
    return made, True


def get(connection: Connection, job_id: str, *, locked: bool = False) -> Job | None:
    """A job, or None; `locked` keeps others from changing it until the transaction ends."""
    query = select(_JOB).where(_JOB.c.id == job_id)
    row = connection.execute(query.with_for_update() if locked else query).first()
    return job_of(row) if row else None


def steps(connection: Connection, job_id: str, *, limit: int = 10_000, offset: int = 0) -> list[Step]:
    """A job's steps in their order."""
    query = select(_STEP.c.name, _STEP.c.number, _STEP.c.value, _STEP.c.took_s, _STEP.c.at)
    query = query.where(_STEP.c.job_id == job_id).order_by(_STEP.c.number).limit(limit).offset(offset)
    return [Step(**row._mapping) for row in connection.execute(query)]


def count_steps(connection: Connection, job_id: str) -> int:
    """How many steps of a job are done."""
    query = select(func.count()).select_from(_STEP).where(_STEP.c.job_id == job_id)
    return int(connection.execute(query).scalar_one())


def next_due(connection: Connection, kinds: Sequence[str]) -> datetime | None:
    """When the next waiting job of these kinds is due: the beginning of time for at once, None where none waits."""
    waiting = (_JOB.c.state == "waiting", _JOB.c.kind.in_(kinds))
    if connection.execute(select(_JOB.c.id).where(*waiting, _AT_ONCE).limit(1)).first():
        return datetime.min.replace(tzinfo=UTC)
    found: datetime | None = connection.execute(select(func.min(_JOB.c.due_at)).where(*waiting)).scalar()
    return found


def claim(uow: UnitOfWork, limits: Mapping[str, int | None], *, at: datetime) -> Job | None:
    """Takes the job that has been due longest, of the kinds in `limits` (how many may run at once in the whole fleet),
    under a new claim; None where there is none to take."""
    connection = uow.connection
    if uow.dialect == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CLAIM_LOCK})
    counted = select(_JOB.c.kind, func.count()).where(_JOB.c.state == "running").group_by(_JOB.c.kind)
    at_it: dict[str, int] = {kind: count for kind, count in connection.execute(counted)}
    free = [kind for kind, most in limits.items() if most is None or at_it.get(kind, 0) < most]
    due = select(_JOB).where(_JOB.c.state == "waiting", or_(_AT_ONCE, _JOB.c.due_at <= at), _JOB.c.kind.in_(free))
    due = due.order_by(_JOB.c.due_at, _JOB.c.created_at).limit(1).with_for_update(skip_locked=True)
    found = connection.execute(due).first()
    if found is None:
        return None
    values = {
        "state": "running",
        "claim": str(uuid.uuid4()),
        "wish": None,
        "error": None,
        "beats": _JOB.c.beats + 1,
        "run_at": at,
        "run_from": _JOB.c.progress_done,
        "progress_at": None,
        "started_at": func.coalesce(_JOB.c.started_at, at),
    }
    connection.execute(update(_JOB).where(_JOB.c.id == found.id).values(**values))
    return get(connection, found.id)


def holds(connection: Connection, job_id: str, claim: str) -> bool:
    """Whether a run still has its job. Its row stays until the transaction ends; its beats go on meanwhile."""
    query = select(_JOB.c.id).where(*_held(job_id, claim)).with_for_update(read=True, key_share=True)
    return connection.execute(query).first() is not None


def step_of(connection: Connection, job_id: str, name: str) -> Step | None:
    """A step that is done, or None."""
    query = select(_STEP.c.name, _STEP.c.number, _STEP.c.value, _STEP.c.took_s, _STEP.c.at)
    row = connection.execute(query.where(_STEP.c.job_id == job_id, _STEP.c.name == name)).first()
    return Step(**row._mapping) if row else None


def add_step(connection: Connection, job_id: str, step: Step) -> None:
    """Notes a step as done, in the transaction of what it did."""
    values = {"job_id": job_id, "name": step.name, "number": step.number, "value": step.value}
    connection.execute(insert(_STEP), {**values, "took_s": step.took_s, "at": step.at})


def beat(uow: UnitOfWork, job_id: str, claim: str, pulse: Pulse | None, *, at: datetime) -> bool:
    """Says that the run is alive, with its progress where that has changed; False when the job is not its any more."""
    values: dict[str, Any] = {"beats": _JOB.c.beats + 1, **_progress(pulse, at)}
    return bool(uow.connection.execute(update(_JOB).where(*_held(job_id, claim)).values(**values)).rowcount)


def wishes(connection: Connection, claims: Sequence[str]) -> dict[str, str | None]:
    """What people want of the runs with these claims; a claim that is missing from the answer is over."""
    query = select(_JOB.c.claim, _JOB.c.wish).where(_JOB.c.claim.in_(claims), _JOB.c.state == "running")
    return {row.claim: row.wish for row in connection.execute(query)}


def finish(
    uow: UnitOfWork,
    job: Job,
    state: str,
    *,
    at: datetime,
    pulse: Pulse | None = None,
    result: Any = None,
    error: str | None = None,
    due_at: datetime | None = None,
    failed_try: bool = False,
) -> bool:
    """Ends a run: the job is `state` from now on. False when it is not this run's any more; nothing is changed then."""
    ran_s = (at - job.run_at).total_seconds() if job.run_at else 0.0
    values: dict[str, Any] = {
        "state": state,
        "claim": None,
        "wish": None,
        "error": error,
        "ran_s": _JOB.c.ran_s + max(ran_s, 0.0),
        **_progress(pulse, at),
    }
    if failed_try:
        values["attempts"] = _JOB.c.attempts + 1
    if state == "waiting":
        values["due_at"] = due_at or job.created_at
    if state == "done":
        values["result"] = result
    if state in ENDED:
        values |= {"ended_at": at, "open_key": None}
    assert job.claim is not None
    return bool(uow.connection.execute(update(_JOB).where(*_held(job.id, job.claim)).values(**values)).rowcount)


def running(connection: Connection) -> list[Job]:
    """All jobs that run, anywhere."""
    return [job_of(row) for row in connection.execute(select(_JOB).where(_JOB.c.state == "running"))]


def orphaned(uow: UnitOfWork, job: Job, state: str, *, at: datetime, pause_s: float, error: str | None) -> bool:
    """Takes a job from a run that has not been heard of since `job.beats`. False when it has, meanwhile."""
    values: dict[str, Any] = {
        "state": state,
        "claim": None,
        "wish": None,
        "crashes": _JOB.c.crashes + 1,
        "due_at": at + timedelta(seconds=pause_s) if pause_s else job.created_at,
        "error": error,
    }
    if state in ENDED:
        values |= {"ended_at": at, "open_key": None}
    assert job.claim is not None
    statement = update(_JOB).where(*_held(job.id, job.claim), _JOB.c.beats == job.beats).values(**values)
    return bool(uow.connection.execute(statement).rowcount)


def change(connection: Connection, job_id: str, **values: Any) -> None:
    """Sets columns of a job that the caller has locked by `get(…, locked=True)`."""
    connection.execute(update(_JOB).where(_JOB.c.id == job_id).values(**values))


def open_again(connection: Connection, job: Job) -> bool:
    """Puts an ended job back into the queue, its steps kept. False where another of its key is open meanwhile."""
    key = _open_key(job.kind, job.job_key)
    if key is not None and connection.execute(select(_JOB.c.id).where(_JOB.c.open_key == key)).first():
        return False
    values = {"state": "waiting", "open_key": key, "attempts": 0, "crashes": 0, "ended_at": None}
    change(connection, job.id, **values, due_at=job.created_at, error=None)
    return True


def newest_of(connection: Connection, kind: str, key: str) -> datetime | None:
    """When the newest job of this kind and key was asked for."""
    query = select(func.max(_JOB.c.created_at)).where(_JOB.c.kind == kind, _JOB.c.job_key == key)
    found: datetime | None = connection.execute(query).scalar()
    return found


def is_open(connection: Connection, kind: str, key: str) -> bool:
    """Whether a job of this kind and key has yet to end."""
    query = select(_JOB.c.id).where(_JOB.c.open_key == _open_key(kind, key))
    return connection.execute(query).first() is not None


def prune(uow: UnitOfWork, *, keep: int) -> int:
    """Forgets ended jobs but the newest `keep`, with their steps; answers how many."""
    ended = select(_JOB.c.ended_at).where(_JOB.c.ended_at.is_not(None))
    newest_to_go = uow.connection.execute(ended.order_by(_JOB.c.ended_at.desc()).offset(keep).limit(1)).scalar()
    if newest_to_go is None:
        return 0
    old = _JOB.c.ended_at <= newest_to_go
    uow.connection.execute(delete(_STEP).where(_STEP.c.job_id.in_(select(_JOB.c.id).where(old))))
    return uow.connection.execute(delete(_JOB).where(old)).rowcount


def _held(job_id: str, claim: str) -> tuple[Any, ...]:
    return (_JOB.c.id == job_id, _JOB.c.claim == claim, _JOB.c.state == "running")


def _open_key(kind: str, key: str | None) -> str | None:
    return None if key is None else f"{kind}:{key}"


def _progress(pulse: Pulse | None, at: datetime) -> dict[str, Any]:
    if pulse is None:
        return {}
    return {
        "progress_done": pulse.done,
        "progress_total": pulse.total,
        "progress_unit": pulse.unit,
        "progress_words": pulse.words,
        "progress_at": at,
    }


def job_of(row: Any) -> Job:
    """A row as a job."""
    values = dict(row._mapping)
    values.pop("open_key")
    return Job(**values)
