"""Where the newest state of each object is: what we know of a path on every provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from shared_backend.cloud import journal
from shared_backend.cloud.contract import BlobInfo, Capability
from shared_backend.cloud.journal import SHA256, WRITE_ID, Entry
from shared_backend.config.cloud_config import Route
from shared_backend.database.quick import Quick
from shared_backend.database.tables import CloudObjectRow

_OBJECT = CloudObjectRow.__table__  # type: ignore[attr-defined]
_QUICK_LOOK = """
SELECT etag, write_id, sha256, size, provider, generation, deleted FROM cloud_object WHERE path = ?
UNION ALL SELECT '', '', '', 0, '', -1, FALSE FROM cloud_journal WHERE path = ? AND state = 'pending'
"""
_QUICK_BEFORE_WRITING = f"""{_QUICK_LOOK}
UNION ALL SELECT '', '', '', 0, provider, id, NULL FROM
(SELECT provider, id FROM cloud_serving WHERE capability = ? ORDER BY id DESC LIMIT 1) AS newest
UNION ALL SELECT primary_name, fallback_name, '', -1, '', 0, NULL FROM
(SELECT primary_name, fallback_name FROM cloud_switch WHERE capability = ? ORDER BY id DESC LIMIT 1) AS switched
"""
_QUICK_NOTE = """
INSERT INTO cloud_object (provider, path, etag, write_id, sha256, size, generation, deleted, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (provider, path) DO UPDATE SET etag = excluded.etag, write_id = excluded.write_id,
sha256 = excluded.sha256, size = excluded.size, generation = excluded.generation, deleted = excluded.deleted,
seen_at = excluded.seen_at WHERE excluded.generation >= cloud_object.generation
"""
_QUICK_DEMOTE = "UPDATE cloud_object SET generation = ? WHERE path = ? AND provider <> ? AND generation = ?"
# Of an object that is there, but that we have not seen.
UNSEEN = "*"
# Of an object that we deleted, and that was seen to be gone.
GONE = "-"


@dataclass(frozen=True)
class KnownObject:
    """What we last wrote or saw of a blob on a provider. `deleted`: that we deleted it."""

    etag: str
    write_id: str
    sha256: str
    size: int
    provider: str = ""
    generation: int = 0
    deleted: bool = False
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Look:
    """What we know of a path. `pending`: the newest write that has yet to reach its primary."""

    waiting: Entry | None
    rows: Mapping[str, KnownObject] = field(default_factory=dict)

    def newest(self, primary: str) -> KnownObject | None:
        """The newest state that some provider took; of copies the primary's."""
        rows = self.rows.values()
        return max(rows, key=lambda row: (row.generation, row.provider == primary), default=None)

    @property
    def pending(self) -> Entry | None:
        """The newest write while it is newer than what any provider took as a primary since."""
        newest = max((row.generation for row in self.rows.values()), default=0)
        return self.waiting if self.waiting is not None and self.waiting.generation >= newest else None

    def is_elsewhere(self, primary: str) -> KnownObject | None:
        """What is newest, where that is not what the primary has."""
        newest = self.newest(primary)
        return newest if newest is not None and newest.provider != primary else None


@dataclass(frozen=True)
class BeforeWriting:
    """What is known of a path before it is written: `look` (None: something waits for a primary, and `look` tells
    what), who served last with its generation, and the route of the newest switch, if there was one."""

    look: Look | None
    generation: int
    provider: str
    switched: Route | None


def look(connection: Connection, path: str) -> Look:
    """What we know of a path."""
    rows = connection.execute(_columns().where(_OBJECT.c.path == path))
    return Look(journal.pending_of(connection, path), {row.provider: KnownObject(**row._mapping) for row in rows})


def one_at_a_time(connection: Connection, path: str) -> None:
    """Waits until no other transaction judges this path by a look. On SQLite a transaction that writes has all others
    wait from its beginning."""
    if connection.dialect.name == "postgresql":
        name = {"name": f"cloud {path}"}
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)


def quick_look(quick: Quick, path: str) -> Look | None:
    """What we know of a path, where nothing waits for a primary; None: something does, and `look` tells what."""
    return _looked(quick.rows(_QUICK_LOOK, (path, path)))


def _looked(rows: list[tuple[Any, ...]]) -> Look | None:
    if any(row[5] < 0 for row in rows):
        return None
    known = (KnownObject(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6])) for row in rows)
    return Look(None, {row.provider: row for row in known})


def quick_before_writing(quick: Quick, path: str, capability: Capability) -> BeforeWriting:
    """As `quick_look`, with what `serving.newest` and `routes.newest` tell: one statement instead of three."""
    generation, provider, switched, known = 0, "", None, []
    for row in quick.rows(_QUICK_BEFORE_WRITING, (path, path, str(capability), str(capability))):
        if row[6] is not None:
            known.append(row)
        elif row[3] < 0:
            switched = Route(row[0], row[1])
        else:
            generation, provider = int(row[5]), str(row[4])
    return BeforeWriting(_looked(known), generation, provider, switched)


def quick_remember(quick: Quick, provider: str, info: BlobInfo, *, at: datetime, generation: int) -> None:
    """As `remember`, without waiting for the disk. Only where no other provider has a state of the path: then what is
    lost with the machine's power would be asked of this provider all the same."""
    sha256, write_id = info.sha256 or info.metadata.get(SHA256, ""), info.metadata.get(WRITE_ID, "")
    values = (provider, info.path, info.etag, write_id, sha256, info.size, generation, False, quick.time(at))
    quick.note((_QUICK_NOTE, values), (_QUICK_DEMOTE, (generation - 1, info.path, provider, generation)))


def known(connection: Connection, provider: str, path: str) -> KnownObject | None:
    """What we know of a blob on one provider; None also after we deleted it."""
    row = connection.execute(_columns().where(_OBJECT.c.provider == provider, _OBJECT.c.path == path)).first()
    found = KnownObject(**row._mapping) if row else None
    return None if found is None or found.deleted else found


def remember(
    connection: Connection, provider: str, info: BlobInfo, *, at: datetime, generation: int = 0, copy: bool = False
) -> None:
    """Notes what a provider holds now. What was noted of a later generation stays. Unless it is a copy, what others
    hold of the same generation is an earlier state from now on."""
    values = {
        "etag": info.etag,
        "write_id": info.metadata.get(WRITE_ID, ""),
        "sha256": info.sha256 or info.metadata.get(SHA256, ""),
        "size": info.size,
    }
    _note(connection, provider, info.path, values, generation, at)
    if not copy:
        _demote(connection, provider, info.path, generation)


def forget(connection: Connection, provider: str, path: str, *, at: datetime, generation: int = 0) -> None:
    """Notes that we deleted a blob. It is forgotten unless others may still hold an earlier state of it."""
    others = (_OBJECT.c.path == path) & (_OBJECT.c.provider != provider)
    if connection.execute(select(_OBJECT.c.provider).where(others).limit(1)).first() is None:
        connection.execute(delete(_OBJECT).where(_at(provider, path), _OBJECT.c.generation <= generation))
    else:
        bury(connection, provider, path, at=at, generation=generation)


def bury(connection: Connection, provider: str, path: str, *, at: datetime, generation: int) -> None:
    """Notes that we deleted a blob, and keeps that note."""
    values = {"etag": "", "write_id": "", "sha256": "", "size": 0, "deleted": True}
    _note(connection, provider, path, values, generation, at)
    _demote(connection, provider, path, generation)


def expect(connection: Connection, provider: str, path: str, *, at: datetime, generation: int = 0) -> None:
    """Notes that something may be, or may come to be, on a provider that we have not seen; what is known stays."""
    row = {"etag": UNSEEN, "write_id": "", "sha256": "", "size": 0, "generation": generation, "seen_at": at}
    statement = _insert(connection).values(provider=provider, path=path, deleted=False, **row)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["provider", "path"]))


def drop(connection: Connection, provider: str, path: str) -> None:
    """Forgets what we know of a blob on a provider: it is gone from there."""
    connection.execute(delete(_OBJECT).where(_at(provider, path)))


def below(connection: Connection, prefix: str, *, after: str | None, limit: int) -> dict[str, dict[str, KnownObject]]:
    """What we know of the first `limit` paths behind `after`, by path and provider."""
    # PostgreSQL would order by its language's rules; paths are in the order of their code points everywhere.
    path = _OBJECT.c.path.collate("C") if connection.dialect.name == "postgresql" else _OBJECT.c.path
    query = select(path.label("path")).where(_OBJECT.c.path.startswith(prefix, autoescape=True)).distinct()
    if after is not None:
        query = query.where(path > after)
    return of_paths(connection, list(connection.execute(query.order_by(path).limit(limit)).scalars()))


def of_paths(connection: Connection, paths: list[str]) -> dict[str, dict[str, KnownObject]]:
    """What we know of these paths, by path and provider."""
    found: dict[str, dict[str, KnownObject]] = {path: {} for path in paths}
    for start in range(0, len(paths), 500):
        query = _columns().add_columns(_OBJECT.c.path).where(_OBJECT.c.path.in_(paths[start : start + 500]))
        for row in connection.execute(query):
            values = dict(row._mapping)
            path = values.pop("path")
            found[path][row.provider] = KnownObject(**values)
    return found


def superseded(connection: Connection, *, after: tuple[str, str], limit: int) -> list[tuple[str, KnownObject]]:
    """(path, row) of earlier states that a provider still holds though another has a newer one; `after`: (path,
    provider) to go on behind."""
    newer = _OBJECT.alias()
    query = (
        _columns()
        .add_columns(_OBJECT.c.path)
        .join(newer, and_(newer.c.path == _OBJECT.c.path, newer.c.generation > _OBJECT.c.generation))
        .where(_OBJECT.c.deleted.is_(False), _OBJECT.c.etag != UNSEEN)
        .where((_OBJECT.c.path > after[0]) | ((_OBJECT.c.path == after[0]) & (_OBJECT.c.provider > after[1])))
        .order_by(_OBJECT.c.path, _OBJECT.c.provider)
        .distinct()
        .limit(limit)
    )
    return _with_paths(connection, query)


def buried(connection: Connection, *, after: tuple[str, str], limit: int) -> list[tuple[str, KnownObject]]:
    """(path, row) of what we deleted on a provider and have not seen to be gone from there; `after`: (path, provider)
    to go on behind."""
    query = (
        _columns()
        .add_columns(_OBJECT.c.path)
        .where(_OBJECT.c.deleted.is_(True), _OBJECT.c.etag != GONE)
        .where((_OBJECT.c.path > after[0]) | ((_OBJECT.c.path == after[0]) & (_OBJECT.c.provider > after[1])))
        .order_by(_OBJECT.c.path, _OBJECT.c.provider)
        .limit(limit)
    )
    return _with_paths(connection, query)


def seen_gone(connection: Connection, path: str, row: KnownObject) -> None:
    """Notes that what we deleted is gone from there, unless it was written again since."""
    same = _at(row.provider, path) & _OBJECT.c.deleted.is_(True) & (_OBJECT.c.generation == row.generation)
    connection.execute(update(_OBJECT).where(same).values(etag=GONE))


def _with_paths(connection: Connection, query: Any) -> list[tuple[str, KnownObject]]:
    found = []
    for row in connection.execute(query):
        values = dict(row._mapping)
        path = values.pop("path")
        found.append((path, KnownObject(**values)))
    return found


def _columns():  # type: ignore[no-untyped-def]
    return select(
        _OBJECT.c.etag,
        _OBJECT.c.write_id,
        _OBJECT.c.sha256,
        _OBJECT.c.size,
        _OBJECT.c.provider,
        _OBJECT.c.generation,
        _OBJECT.c.deleted,
        _OBJECT.c.seen_at,
    )


def _at(provider: str, path: str):  # type: ignore[no-untyped-def]
    return (_OBJECT.c.provider == provider) & (_OBJECT.c.path == path)


def _note(
    connection: Connection, provider: str, path: str, values: dict[str, object], generation: int, at: datetime
) -> None:
    row = {"deleted": False, **values, "generation": generation, "seen_at": at}
    statement = _insert(connection).values(provider=provider, path=path, **row)
    earlier = statement.excluded.generation >= _OBJECT.c.generation
    connection.execute(statement.on_conflict_do_update(index_elements=["provider", "path"], set_=row, where=earlier))


def _demote(connection: Connection, provider: str, path: str, generation: int) -> None:
    others = (_OBJECT.c.path == path) & (_OBJECT.c.provider != provider) & (_OBJECT.c.generation == generation)
    connection.execute(update(_OBJECT).where(others).values(generation=generation - 1))


def _insert(connection: Connection):  # type: ignore[no-untyped-def]
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(_OBJECT)
