"""The documents' repository: statements over a connection, no decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, case, delete, func, insert, select, text, update

from shared_backend.database.tables import (
    DocumentCorrectionRow,
    DocumentRow,
    EntityHead,
    IntakeFileRow,
    ProfileSourceRow,
)
from shared_backend.database.unit_of_work import UnitOfWork

_D: Any = DocumentRow.__table__  # type: ignore[attr-defined]
_C: Any = DocumentCorrectionRow.__table__  # type: ignore[attr-defined]
_S: Any = ProfileSourceRow.__table__  # type: ignore[attr-defined]
_F: Any = IntakeFileRow.__table__  # type: ignore[attr-defined]
_HEAD: Any = EntityHead.__table__  # type: ignore[attr-defined]

# The draft and the edits are the candidate's whole CV: lists do without them.
_HEAVY: Final = ("draft", "edits")
_LIGHT = [column for column in _D.c if column.name not in _HEAVY]
READABLE: Final = ("stored", "parsing")


@dataclass(frozen=True)
class Document:
    """One document; see DocumentRow. `owner_id` is None until somebody has said whose it is."""

    id: str
    owner_id: str | None
    number: int
    sha256: str
    size: int
    format: str
    name: str
    state: str
    outcome: str
    words: str
    pages: int
    parser_version: str
    parses: int
    took_ms: float
    profile_version: int | None
    created_by: str
    source: str
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None

    @property
    def path(self) -> str:
        """Where its bytes are. Made of its id alone: a file's name may be a person's."""
        return path_of(self.id)

    @property
    def is_open(self) -> bool:
        """Whether reading it has yet to end."""
        return self.state in READABLE


@dataclass(frozen=True)
class Source:
    """Where a value of a profile came from; `confirmed_at` and `number` are those of the document."""

    path: str
    document_id: str
    document_name: str
    number: int
    uploaded_at: datetime
    value_hash: str
    spans: tuple[tuple[int, int, int], ...]
    corrected: bool

    @property
    def page(self) -> int | None:
        """The first page that it stands on."""
        return self.spans[0][0] if self.spans else None


def path_of(document_id: str) -> str:
    """Where the bytes of a document are."""
    return f"documents/{document_id}"


def get(connection: Connection, document_id: str, *, lock: bool = False) -> Document | None:
    """One document, or None; `lock` keeps others from changing it until the transaction ends."""
    if not _is_id(document_id):
        return None
    query = select(*_LIGHT).where(_D.c.id == document_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return Document(**row._mapping) if row else None


def contents(connection: Connection, document_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The draft and the edits of a document; empty where there are none."""
    row = connection.execute(select(_D.c.draft, _D.c.edits).where(_D.c.id == document_id)).first()
    return (row.draft or {}, row.edits or {}) if row else ({}, {})


def of_owner(connection: Connection, owner_id: str) -> list[Document]:
    """A candidate's documents, newest first."""
    query = select(*_LIGHT).where(_D.c.owner_id == owner_id).order_by(_D.c.number.desc(), _D.c.id)
    return [Document(**row._mapping) for row in connection.execute(query)]


def with_bytes(connection: Connection, sha256: str, owner_id: str | None = None) -> Document | None:
    """A document of the very same bytes: of one candidate, or of anybody."""
    # Of anybody's broken-off upload nobody knows whether its bytes are there.
    whose = _D.c.owner_id == owner_id if owner_id is not None else _D.c.state != "storing"
    query = select(*_LIGHT).where(_D.c.sha256 == sha256, whose)
    # Whoever has it comes before those that nobody has yet.
    row = connection.execute(query.order_by(case((_D.c.owner_id.is_(None), 1), else_=0), _D.c.created_at)).first()
    return Document(**row._mapping) if row else None


def lock_bytes(uow: UnitOfWork, sha256: str) -> None:
    """Makes those queue who make the very same bytes known; on SQLite all writers do anyway."""
    if uow.dialect == "postgresql":
        name = {"name": f"document:{sha256}"}
        uow.connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)


def next_number(connection: Connection, owner_id: str) -> int:
    """The number of a candidate's next document."""
    found = connection.execute(select(func.max(_D.c.number)).where(_D.c.owner_id == owner_id)).scalar()
    return int(found or 0) + 1


def add(connection: Connection, **values: Any) -> None:
    """Writes a new document. Raises IntegrityError where the owner has these bytes already."""
    empty = {
        "state": "storing",
        "outcome": "",
        "words": "",
        "draft": {},
        "edits": {},
        "pages": 0,
        "parser_version": "",
        "parses": 0,
        "took_ms": 0.0,
        "profile_version": None,
        "confirmed_at": None,
    }
    connection.execute(insert(_D), {**empty, **values})


def change(connection: Connection, document_id: str, *, states: Sequence[str] = (), **values: Any) -> bool:
    """Sets columns of a document that is in one of `states`; False where it is not, or not there."""
    query = update(_D).where(_D.c.id == document_id).values(**values)
    if states:
        query = query.where(_D.c.state.in_(states))
    return bool(connection.execute(query).rowcount)


def remove(connection: Connection, document_id: str, *, at: datetime) -> None:
    """Removes a document with everything that was said of it. A file of an intake stays as a number without a name."""
    connection.execute(delete(_C).where(_C.c.document_id == document_id))
    connection.execute(delete(_S).where(_S.c.document_id == document_id))
    gone = {"name": "", "state": "deleted", "outcome": "deleted", "words": "", "document_id": None, "ended_at": at}
    connection.execute(update(_F).where(_F.c.document_id == document_id).values(**gone))
    connection.execute(delete(_D).where(_D.c.id == document_id))


def waiting(connection: Connection, *, limit: int) -> list[str]:
    """Documents that a candidate waits for, oldest first; those of an intake are read by its jobs."""
    query = select(_D.c.id).where(_D.c.state == "stored", _D.c.source == "user_portal").order_by(_D.c.created_at)
    return list(connection.execute(query.limit(limit)).scalars())


def unfinished(connection: Connection, before: datetime) -> list[str]:
    """Documents whose upload was broken off: their process has died."""
    query = select(_D.c.id).where(_D.c.state == "storing", _D.c.updated_at < before)
    return list(connection.execute(query.limit(100)).scalars())


def known(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of the ids that are of documents."""
    return set(connection.execute(select(_D.c.id).where(_D.c.id.in_(list(ids)))).scalars())


def corrections(connection: Connection, document_id: str) -> list[dict[str, Any]]:
    """The labels of a document, in their order."""
    query = select(*_C.c).where(_C.c.document_id == document_id).order_by(_C.c.path, _C.c.version)
    return [dict(row._mapping) for row in connection.execute(query)]


def add_correction(connection: Connection, **values: Any) -> None:
    """Adds a label; one that says what the newest of its place says already is left out."""
    here = (_C.c.document_id == values["document_id"], _C.c.path == values["path"])
    newest = connection.execute(select(_C.c.version, _C.c.right).where(*here).order_by(_C.c.version.desc())).first()
    if newest is not None and newest.right == values["right"]:
        return
    connection.execute(insert(_C), {**values, "version": newest.version + 1 if newest else 1})


def put_sources(connection: Connection, owner_id: str, sources: Sequence[dict[str, Any]]) -> None:
    """Says where values of a profile came from, in the place of what was said of them before."""
    for start in range(0, len(sources), 200):
        paths = [each["path"] for each in sources[start : start + 200]]
        connection.execute(delete(_S).where(_S.c.owner_id == owner_id, _S.c.path.in_(paths)))
    if sources:
        connection.execute(insert(_S), [{"owner_id": owner_id, **each} for each in sources])


def sources(connection: Connection, owner_id: str) -> dict[str, Source]:
    """Where a profile's values came from, by their path."""
    joined = _S.join(_D, _D.c.id == _S.c.document_id)
    query = select(
        _S.c.path,
        _S.c.document_id,
        _D.c.name.label("document_name"),
        _D.c.number,
        _D.c.created_at.label("uploaded_at"),
        _S.c.value_hash,
        _S.c.spans,
        _S.c.corrected,
    ).select_from(joined)
    found: dict[str, Source] = {}
    for row in connection.execute(query.where(_S.c.owner_id == owner_id)):
        values = dict(row._mapping)
        values["spans"] = tuple((int(page), int(start), int(end)) for page, start, end in values["spans"])
        found[row.path] = Source(**values)
    return found


def forget_owner(connection: Connection, owner_id: str) -> None:
    """What is left of a person beside their documents."""
    connection.execute(delete(_S).where(_S.c.owner_id == owner_id))


def is_candidate(connection: Connection, owner_id: str) -> bool:
    """Whether there is a profile that a document can belong to."""
    query = select(_HEAD.c.entity_id).where(
        _HEAD.c.kind == "user_profile", _HEAD.c.entity_id == owner_id, _HEAD.c.deleted.is_(False)
    )
    return connection.execute(query).first() is not None


def _is_id(document_id: object) -> bool:
    # Ids come from addresses too, and PostgreSQL refuses to compare with a NUL.
    if not isinstance(document_id, str) or not 0 < len(document_id) <= 36:
        return False
    return document_id.isascii() and document_id.isprintable()
