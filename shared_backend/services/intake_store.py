"""The intakes' repository: statements over a connection, no decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, text, update

from shared_backend.database.tables import DocumentRow, IntakeFileRow, IntakeRow, JobRow
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.jobs.job import Job
from shared_backend.jobs.store import job_of

_I: Any = IntakeRow.__table__  # type: ignore[attr-defined]
_F: Any = IntakeFileRow.__table__  # type: ignore[attr-defined]
_D: Any = DocumentRow.__table__  # type: ignore[attr-defined]
_J: Any = JobRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Intake:
    """One intake; see IntakeRow."""

    id: str
    title: str
    root: str
    parts: int
    jobs: tuple[str, ...]
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class IntakeFile:
    """One file of an intake. `owner_id` is whose its document is by now."""

    intake_id: str
    number: int
    name: str
    state: str
    outcome: str
    words: str
    document_id: str | None
    tries: int
    ended_at: datetime | None
    owner_id: str | None = None


@dataclass(frozen=True)
class IntakeFilter:
    """Which files: `states`, and `unassigned` for those whose document nobody has."""

    states: tuple[str, ...] = ()
    unassigned: bool = False


def add(connection: Connection, intake: Intake) -> None:
    """Writes an intake."""
    connection.execute(insert(_I), {**asdict(intake), "jobs": list(intake.jobs)})


def add_files(connection: Connection, files: Sequence[IntakeFile]) -> None:
    """Writes files."""
    rows = [{name: value for name, value in asdict(each).items() if name != "owner_id"} for each in files]
    if rows:
        connection.execute(insert(_F), rows)


def lock(uow: UnitOfWork, intake_id: str) -> None:
    """Makes writers of one intake queue; on SQLite all writers do anyway."""
    if uow.dialect == "postgresql":
        query = text("SELECT id FROM intake WHERE id = :id FOR UPDATE")
        uow.connection.execute(query, {"id": intake_id}).first()


def get(connection: Connection, intake_id: str) -> Intake | None:
    """One intake, or None."""
    if not intake_id.isascii() or not intake_id.isprintable():
        return None
    row = connection.execute(select(_I).where(_I.c.id == intake_id)).first()
    return _intake(row) if row else None


def newest(connection: Connection, *, limit: int) -> list[Intake]:
    """The newest intakes."""
    query = select(_I).order_by(_I.c.created_at.desc(), _I.c.id).limit(limit)
    return [_intake(row) for row in connection.execute(query)]


def begun(connection: Connection, intake_id: str, *, parts: int, jobs: Sequence[str]) -> None:
    """Notes the jobs that read it now."""
    connection.execute(update(_I).where(_I.c.id == intake_id).values(parts=parts, jobs=list(jobs)))


def count(connection: Connection, intake_id: str) -> int:
    """How many files it has."""
    query = select(func.count()).select_from(_F).where(_F.c.intake_id == intake_id)
    return int(connection.execute(query).scalar_one())


def counts(connection: Connection, intake_id: str) -> dict[str, int]:
    """How many files are in each state."""
    query = select(_F.c.state, func.count()).where(_F.c.intake_id == intake_id).group_by(_F.c.state)
    return {state: int(number) for state, number in connection.execute(query)}


def jobs_of(connection: Connection, ids: Sequence[str]) -> list[Job]:
    """The jobs of these ids; those that were forgotten are left out."""
    query = select(_J).where(_J.c.id.in_(list(ids))).order_by(_J.c.created_at, _J.c.id)
    return [job_of(row) for row in connection.execute(query)]


def waiting(connection: Connection, intake_id: str, part: int, parts: int) -> list[int]:
    """The numbers of the files that wait, of one part."""
    query = select(_F.c.number).where(_F.c.intake_id == intake_id, _F.c.state == "waiting").order_by(_F.c.number)
    return [number for number in connection.execute(query).scalars() if number % parts == part]


def file(connection: Connection, intake_id: str, number: int) -> IntakeFile | None:
    """One file, or None."""
    row = connection.execute(select(_F).where(_F.c.intake_id == intake_id, _F.c.number == number)).first()
    return IntakeFile(**row._mapping) if row else None


def end_file(connection: Connection, intake_id: str, number: int, **values: Any) -> bool:
    """Notes how a file ended, once: False where that is noted already."""
    here = (_F.c.intake_id == intake_id, _F.c.number == number, _F.c.state == "waiting")
    return bool(connection.execute(update(_F).where(*here).values(tries=_F.c.tries + 1, **values)).rowcount)


def bind(connection: Connection, intake_id: str, number: int, document_id: str) -> None:
    """Notes the document of a file of the server, before it is read."""
    here = (_F.c.intake_id == intake_id, _F.c.number == number, _F.c.state == "waiting")
    connection.execute(update(_F).where(*here).values(document_id=document_id))


def again(connection: Connection, intake_id: str) -> int:
    """Puts failed files back, with their documents; answers how many."""
    failed = (_F.c.intake_id == intake_id, _F.c.state == "failed")
    documents = select(_F.c.document_id).where(*failed, _F.c.document_id.is_not(None))
    unread = {"state": "stored", "outcome": "", "words": ""}
    connection.execute(update(_D).where(_D.c.id.in_(documents), _D.c.state == "failed").values(**unread))
    values = {"state": "waiting", "outcome": "", "words": "", "ended_at": None}
    return connection.execute(update(_F).where(*failed).values(**values)).rowcount


def files(
    connection: Connection, intake_id: str, wanted: IntakeFilter, *, limit: int, offset: int
) -> tuple[list[IntakeFile], int]:
    """A page of files and how many there are, with whose their documents are."""
    joined = _F.outerjoin(_D, _D.c.id == _F.c.document_id)
    query = _matching(select(*_F.c, _D.c.owner_id).select_from(joined), intake_id, wanted)
    total = connection.execute(_matching(select(func.count()).select_from(joined), intake_id, wanted)).scalar_one()
    rows = connection.execute(query.order_by(_F.c.number).limit(limit).offset(offset))
    return [IntakeFile(**row._mapping) for row in rows], int(total)


def unassigned(connection: Connection, intake_id: str) -> list[str]:
    """Documents of an intake that were read and that nobody has."""
    query = (
        select(_D.c.id)
        .select_from(_F.join(_D, _D.c.id == _F.c.document_id))
        .where(_F.c.intake_id == intake_id, _F.c.state == "read", _D.c.owner_id.is_(None))
        .order_by(_F.c.number)
    )
    return list(connection.execute(query).scalars())


def _matching(query: Select[Any], intake_id: str, wanted: IntakeFilter) -> Select[Any]:
    query = query.where(_F.c.intake_id == intake_id)
    if wanted.states:
        query = query.where(_F.c.state.in_(wanted.states))
    if wanted.unassigned:
        query = query.where(_F.c.state == "read", _D.c.owner_id.is_(None))
    return query


def _intake(row: Any) -> Intake:
    values = dict(row._mapping)
    return Intake(**{**values, "jobs": tuple(values["jobs"] or ())})
