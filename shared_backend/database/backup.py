"""Backup and restore of either database, while the product runs.

A restore is one transaction of the live database: running processes see all of the old state or all of the new, and
with the new state a new epoch, so that whoever read the old log is told to begin afresh.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table, delete, insert, select, update

from shared_backend.database import backup_postgres, backup_sqlite
from shared_backend.database.backup_file import (
    BackupRefused,
    BackupUnusable,
    Manifest,
    check,
    glance,
    new_file,
    seal,
    sqlite_at,
)
from shared_backend.database.engine import Database
from shared_backend.database.migrate import current_revision, is_known, migrate
from shared_backend.database.tables import (
    AccountRow,
    CloudIdentityRow,
    DocumentRow,
    JobRow,
    LogCounter,
    ProcessRow,
    SessionRow,
    SignInLinkRow,
)
from shared_backend.database.tables import Table as Tables
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import SchemaMismatch

_ACCOUNT: Table = AccountRow.__table__  # type: ignore[attr-defined]
_DOCUMENT: Table = DocumentRow.__table__  # type: ignore[attr-defined]
_JOB: Table = JobRow.__table__  # type: ignore[attr-defined]
_IDENTITY: Table = CloudIdentityRow.__table__  # type: ignore[attr-defined]
_IS_FOLDER = _IDENTITY.c.name == CloudIdentityRow.LOCAL_FOLDER


@dataclass(frozen=True)
class Backup:
    """A backup that was made: where, of what, and its size in bytes."""

    path: Path
    manifest: Manifest
    size: int


@dataclass(frozen=True)
class Restored:
    """What a restore did. `kept` is where the state before it is, None where there was none; `set_aside` says that
    this is the unusable database itself and no backup. `reopened` are the e-mail addresses of accounts that were locked
    and are open again, because the backup is older than the lock."""

    manifest: Manifest
    epoch: str
    kept: Path | None
    set_aside: bool
    reopened: tuple[str, ...]


def backup(database: Database, target: Path, *, force: bool = False, clock: Clock = utc_now) -> Backup:
    """Writes the database, as it is at one moment, to one file that only its owner can read.

    Raises BackupRefused where nothing can be written, and DatabaseUnavailable where nothing can be read; a file that
    was at `target` before is still there then.
    """
    _require_schema(database)
    target = target.absolute()
    with new_file(target, force=force, database=database) as part:
        copy_out = backup_sqlite.copy_out if database.dialect == "sqlite" else backup_postgres.copy_out
        copy_out(database, part)
        manifest = seal(part, dialect=database.dialect, created_at=clock())
        size = part.stat().st_size
    return Backup(target, manifest, size)


def restore(
    database: Database,
    source: Path,
    *,
    keep_in: Path,
    on_prepared: Callable[[Connection, Manifest], None] = lambda _connection, _manifest: None,
    clock: Clock = utc_now,
) -> Restored:
    """Puts a backup in place of what the database holds, under a new epoch, and keeps what was there in `keep_in`.

    All sign-ins and one-time links end. `on_prepared` may add to the new state before anybody sees it. Raises
    BackupUnusable, BackupRefused or a DatabaseUnavailable; nothing was changed then.
    """
    source = source.absolute()
    if database.path is not None and database.path.exists() and source.exists() and source.samefile(database.path):
        raise BackupUnusable(f"{source} is the database itself, not a backup of it. Nothing was changed.")
    glance(source)
    keep_in.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _workshop(database, keep_in) as folder:
        prepared = folder / "restored.db"
        shutil.copyfile(source, prepared)
        manifest = check(prepared, named=source)
        epoch = _prepare(prepared, manifest, source, on_prepared, clock)
        kept_as = _unused(keep_in, clock())
        if not _is_usable(database):
            assert database.path is not None
            backup_sqlite.take_place(prepared, database.path, kept_as)
            return Restored(manifest, epoch, kept_as, True, ())
        fresh = _is_fresh(database)
        migrate(database)
        reopened = database.run(lambda uow: _put_in_place(uow, database, prepared, None if fresh else kept_as, clock))
    return Restored(manifest, epoch, None if fresh else kept_as, False, reopened)


def _prepare(
    prepared: Path,
    manifest: Manifest,
    source: Path,
    on_prepared: Callable[[Connection, Manifest], None],
    clock: Clock,
) -> str:
    """Brings the copy to this release's schema and gives it a life of its own; answers its epoch."""
    epoch = str(uuid.uuid4())
    copy = sqlite_at(prepared)
    try:
        try:
            migrate(copy)
        except SchemaMismatch:
            raise BackupUnusable(
                f"{source} has schema {manifest.revision}, which this release does not know: a newer release of "
                "IntelliCV has made it. Restore it with that release. Nothing was changed."
            ) from None
        with copy.write() as uow:
            uow.connection.exec_driver_sql("DROP TABLE backup_manifest")
            uow.connection.execute(update(LogCounter).values(epoch=epoch))
            # Who was signed in then must sign in again: the backup does not know who was signed out since. And the
            # processes of then are not there any more.
            for table in (SessionRow, SignInLinkRow, ProcessRow):
                uow.connection.execute(delete(table))
            # What was being uploaded then has long ended, well or not: nobody is to tidy it up now.
            uow.connection.execute(delete(_DOCUMENT).where(_DOCUMENT.c.state == "storing"))
            # Nor may the folder of files be that of then.
            uow.connection.execute(delete(_IDENTITY).where(_IS_FOLDER))
            _end_open_jobs(uow.connection, clock())
            on_prepared(uow.connection, manifest)
    finally:
        copy.dispose()
    return epoch


def _end_open_jobs(connection: Connection, now: datetime) -> None:
    """The backup does not know whether a job that was open then was done since, so none is run again unasked."""
    words = (
        "A backup was restored, in which it had yet to end. Whether it was done since is not known: retry it if it is "
        "still needed."
    )
    values = {"state": "cancelled", "claim": None, "wish": None, "open_key": None, "ended_at": now, "error": words}
    connection.execute(update(JobRow).where(_JOB.c.state.in_(("waiting", "running", "paused"))).values(**values))


def _put_in_place(
    uow: UnitOfWork, database: Database, prepared: Path, kept_as: Path | None, clock: Clock
) -> tuple[str, ...]:
    """The restore itself: nobody else writes from before the safety backup to the commit, so no save falls between."""
    tables = Tables.metadata.sorted_tables
    fill = backup_sqlite.fill
    if uow.dialect == "postgresql":
        backup_postgres.lock_writers_out(uow.connection, tables)
        fill = backup_postgres.fill
    if kept_as is not None:
        backup(database, kept_as, force=True, clock=clock)
    locked = _accounts(uow.connection, "locked")
    folder = uow.connection.execute(select(_IDENTITY.c.value).where(_IS_FOLDER)).scalar()
    # DELETE, not TRUNCATE: whoever reads by a snapshot of before would find the tables empty.
    for table in reversed(tables):
        uow.connection.execute(delete(table))
    for table in tables:
        fill(uow.connection, table, backup_sqlite.rows_of(prepared, table))
    if folder is not None:
        # The files are in the folder of now, whatever the database held.
        uow.connection.execute(insert(_IDENTITY), {"name": CloudIdentityRow.LOCAL_FOLDER, "value": folder})
    return tuple(sorted(locked & _accounts(uow.connection, "active")))


def _accounts(connection: Connection, status: str) -> set[str]:
    return set(connection.execute(select(_ACCOUNT.c.email).where(_ACCOUNT.c.status == status)).scalars())


def _is_usable(database: Database) -> bool:
    """Whether the live database can be refilled; where it can't, a SQLite file is set aside. A PostgreSQL database of
    a newer release is not ours to empty: raises SchemaMismatch."""
    if database.dialect == "sqlite" and not backup_sqlite.is_readable(database):
        return False
    if database.path is not None and not database.path.exists():
        return True
    with database.read() as connection:
        known = is_known(connection)
    if not known and database.dialect == "postgresql":
        raise SchemaMismatch(
            "The database was written by a newer release of IntelliCV. Nothing was changed. Make an empty database, "
            "set INTELLICV_DATABASE_URL to it, and restore there."
        )
    return known


def _is_fresh(database: Database) -> bool:
    if database.path is not None and not database.path.exists():
        return True
    with database.read() as connection:
        return current_revision(connection) is None


def _require_schema(database: Database) -> None:
    where = str(database.path) if database.path is not None else "the database's address"
    if _is_fresh(database):
        raise BackupRefused(f"There is no IntelliCV database at {where} yet, so there is nothing to back up.")


@contextmanager
def _workshop(database: Database, keep_in: Path) -> Iterator[Path]:
    """A folder of our own, on the file system of the database where that is a file."""
    if database.path is not None:
        database.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=database.path.parent if database.path else keep_in) as at:
        yield Path(at)


def _unused(folder: Path, now: datetime) -> Path:
    stem = f"before-restore-{now:%Y%m%d-%H%M%S}"
    names = (f"{stem}{f'-{number}' if number > 1 else ''}.db" for number in range(1, 1_000))
    return next(path for path in map(folder.joinpath, names) if not path.exists())
