"""Jobs for the page: filtered, counted and paged in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from shared_backend.database.tables import JobRow
from shared_backend.jobs.job import OPEN, STATES, Job
from shared_backend.jobs.store import job_of

_JOB: Any = JobRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class JobFilter:
    """What to look for; empty takes all."""

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobPage:
    """A page of jobs, how many match in all, and how many there are in each state."""

    items: list[Job]
    total: int
    by_state: dict[str, int]


def find(connection: Connection, wanted: JobFilter, *, limit: int, offset: int) -> JobPage:
    """Those that run first, then those that wait in the order in which they are due, then the newest that ended."""
    matching = _matching(select(_JOB), wanted)
    order = case({state: number for number, state in enumerate(STATES[:3])}, value=_JOB.c.state, else_=len(STATES))
    open_first = case((_JOB.c.state.in_(OPEN), _JOB.c.due_at), else_=None)
    page = matching.order_by(order, open_first, _JOB.c.ended_at.desc(), _JOB.c.created_at.desc(), _JOB.c.id)
    rows = connection.execute(page.limit(limit).offset(offset)) if limit else ()
    total = connection.execute(_matching(select(func.count()).select_from(_JOB), wanted)).scalar_one()
    return JobPage([job_of(row) for row in rows], int(total), counts(connection, wanted.kinds))


def counts(connection: Connection, kinds: Sequence[str] = ()) -> dict[str, int]:
    """How many jobs there are in each state, with zeros."""
    query = _matching(select(_JOB.c.state, func.count()), JobFilter(kinds=tuple(kinds))).group_by(_JOB.c.state)
    return dict.fromkeys(STATES, 0) | {state: count for state, count in connection.execute(query)}


def beginning_with(connection: Connection, part: str, *, limit: int) -> list[Job]:
    """Jobs whose id begins with `part`."""
    query = select(_JOB).where(_JOB.c.id.startswith(part, autoescape=True)).order_by(_JOB.c.id)
    return [job_of(row) for row in connection.execute(query.limit(limit))]


def kinds(connection: Connection) -> list[str]:
    """The kinds that there are jobs of, sorted."""
    return list(connection.execute(select(_JOB.c.kind).distinct().order_by(_JOB.c.kind)).scalars())


def _matching(query: Select[Any], wanted: JobFilter) -> Select[Any]:
    if wanted.states:
        query = query.where(_JOB.c.state.in_(wanted.states))
    if wanted.kinds:
        query = query.where(_JOB.c.kind.in_(wanted.kinds))
    return query
