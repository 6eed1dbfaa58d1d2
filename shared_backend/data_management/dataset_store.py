"""The datasets' repository: imported versions, their tables, and which version of a source is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shared_backend.data_management.dataset import Dataset, DatasetDamaged, Manifest
from shared_backend.database.engine import Database
from shared_backend.database.tables import DatasetTableRow, DatasetUseRow, DatasetVersionRow
from shared_backend.database.unit_of_work import UnitOfWork

_VERSION: Any = DatasetVersionRow.__table__  # type: ignore[attr-defined]
_TABLE: Any = DatasetTableRow.__table__  # type: ignore[attr-defined]
_USE: Any = DatasetUseRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Imported:
    """One version in the database. `size` is in bytes, packed; `report` that of its import."""

    manifest: Manifest
    report: Mapping[str, Any]
    size: int
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True)
class Use:
    """Which version of a source is in use (None: what the product ships), and since when by whose choice."""

    version: str | None
    switches: int
    changed_at: datetime
    changed_by: str


def has(connection: Connection, version: str) -> bool:
    """Whether a version is there."""
    return connection.execute(select(_VERSION.c.id).where(_VERSION.c.id == version)).first() is not None


def add(uow: UnitOfWork, dataset: Dataset, report: Mapping[str, Any], *, at: datetime, by: str) -> bool:
    """Writes a version with its tables; False where it is there already, as equal contents are the same version."""
    manifest = dataset.manifest
    bodies = {name: dataset.packed(name) for name in dataset.names}
    dialect = postgresql if uow.dialect == "postgresql" else sqlite
    row = {
        "id": manifest.version,
        "source": manifest.source,
        "vintage": manifest.vintage,
        "sha256": manifest.sha256,
        "manifest": manifest.as_dict(),
        "report": dict(report),
        "size": sum(map(len, bodies.values())),
        "imported_at": at,
        "imported_by": by,
    }
    # Two imports of the same release at the same time: the second finds what the first wrote.
    statement = dialect.insert(_VERSION).values(row).on_conflict_do_nothing().returning(_VERSION.c.id)
    if uow.connection.execute(statement).first() is None:
        return False
    rows = [{"version_id": manifest.version, "name": name, "body": body} for name, body in bodies.items()]
    uow.connection.execute(insert(_TABLE), rows)
    return True


def remove(uow: UnitOfWork, version: str) -> None:
    """Takes a version and its tables out. The caller holds the source's lock and knows that it is not in use."""
    uow.connection.execute(delete(_TABLE).where(_TABLE.c.version_id == version))
    uow.connection.execute(delete(_VERSION).where(_VERSION.c.id == version))


def lock(uow: UnitOfWork, source: str, *, at: datetime, by: str) -> str | None:
    """The version of a source that is in use (None: the shipped one). Until the transaction ends nobody else imports,
    switches or removes versions of that source."""
    dialect = postgresql if uow.dialect == "postgresql" else sqlite
    first = {"source": source, "version_id": None, "switches": 0, "changed_at": at, "changed_by": by}
    uow.connection.execute(dialect.insert(_USE).values(first).on_conflict_do_nothing())
    locked = select(_USE.c.version_id).where(_USE.c.source == source).with_for_update()
    version: str | None = uow.connection.execute(locked).scalar_one()
    return version


def put_in_use(uow: UnitOfWork, source: str, version: str | None, *, at: datetime, by: str) -> str | None:
    """Makes a version the one in use and answers the one that was; the row is locked until the transaction ends."""
    before = lock(uow, source, at=at, by=by)
    changed = {"version_id": version, "switches": _USE.c.switches + 1, "changed_at": at, "changed_by": by}
    uow.connection.execute(update(_USE).where(_USE.c.source == source).values(changed))
    return before


def uses(connection: Connection) -> dict[str, Use]:
    """What is in use, by source; a source without a row was never switched."""
    rows = connection.execute(select(_USE))
    return {row.source: Use(row.version_id, row.switches, row.changed_at, row.changed_by) for row in rows}


def versions(connection: Connection, source: str | None = None) -> list[Imported]:
    """Imported versions, newest first."""
    statement = select(_VERSION).order_by(_VERSION.c.source, _VERSION.c.imported_at.desc(), _VERSION.c.id)
    if source is not None:
        statement = statement.where(_VERSION.c.source == source)
    return [
        Imported(Manifest.from_dict(row.manifest), row.report, row.size, row.imported_at, row.imported_by)
        for row in connection.execute(statement)
    ]


def open_version(database: Database, version: str) -> Dataset:
    """A version, whose tables are read when they are asked for. Raises DatasetDamaged where it is not there."""
    with database.read() as connection:
        manifest = connection.execute(select(_VERSION.c.manifest).where(_VERSION.c.id == version)).scalar()
        names = connection.execute(select(_TABLE.c.name).where(_TABLE.c.version_id == version)).scalars().all()
    if manifest is None:
        raise DatasetDamaged(f"The version {version} is in use and is not there. Switch to another one.")

    def read(name: str) -> bytes:
        with database.read() as connection:
            wanted = select(_TABLE.c.body).where(_TABLE.c.version_id == version, _TABLE.c.name == name)
            body = connection.execute(wanted).scalar()
        if body is None:
            raise DatasetDamaged(f"The version {version} lacks its table {name}. Switch to another one.")
        return bytes(body)

    return Dataset(Manifest.from_dict(manifest), read, tuple(sorted(names)))
