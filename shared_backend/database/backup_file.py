"""The form of a backup: one SQLite file, whichever database it is of, with a manifest that says what must be in it.

One form for both databases means one check, one way to bring an old backup to today's schema, and a way from SQLite
to PostgreSQL and back.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL

from shared_backend.database.engine import Database
from shared_backend.database.failures import meaning
from shared_backend.utils.exception_handler import DatabaseFull, IntelliCVError

FORMAT = 1
_PRODUCT = "intellicv"
_MAGIC = b"SQLite format 3\x00"


class BackupRefused(IntelliCVError):
    """The backup can't be written there. Nothing was changed."""

    status = 409
    code = "backup_refused"


class BackupUnusable(IntelliCVError):
    """That file is not a backup that can be restored. Nothing was changed."""

    status = 422
    code = "backup_unusable"


@dataclass(frozen=True)
class TableDigest:
    """How many rows a table has, and SHA-256 over all of them in order."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup is of. `epoch` and `seq` are those of the log at its moment, `dialect` of the database it is of."""

    created_at: str
    dialect: str
    revision: str
    epoch: str
    seq: int
    tables: dict[str, TableDigest]
    product: str = _PRODUCT
    format: int = FORMAT

    def rows(self, table: str) -> int:
        """How many rows the backup has of a table."""
        found = self.tables.get(table)
        return found.rows if found else 0

    @property
    def contents(self) -> str:
        """What it holds, for a person."""
        counted = (("account", "account"), ("entity_head", "entity"), ("entity_version", "version"))
        words = [_counted(self.rows(table), noun) for table, noun in counted]
        return f"{', '.join(words)}, log at {self.seq:,}"


def sqlite_at(path: Path) -> Database:
    """A file of ours to work on. Nothing in it is anybody's only copy, so it is synced once, when it is sealed."""
    return Database(URL.create("sqlite", database=str(path)), synchronous="OFF")  # type: ignore[arg-type]


@contextmanager
def new_file(target: Path, *, force: bool, database: Database) -> Iterator[Path]:
    """A file beside `target` to be written (mode 0600); it takes the target's place, whole, when the block ends well.

    Raises BackupRefused where there is something already, unless `force`, and always where the database itself is.
    """
    _check_target(target, force=force, database=database)
    part = target.parent / f".{target.name}.{secrets.token_hex(4)}.part"
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield part
        _publish(part, target, force=force)
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, sqlite3.Error) and not isinstance(meaning(error), DatabaseFull):
            raise
        raise BackupRefused(f"{target} could not be written: {error}. There is no backup there now.") from error
    except DatabaseFull as error:
        raise BackupRefused(f"There is no room for {target}. There is no backup there now.") from error
    finally:
        for left in (part, *(part.with_name(part.name + end) for end in ("-journal", "-wal", "-shm"))):
            left.unlink(missing_ok=True)


def seal(path: Path, *, dialect: str, created_at: datetime) -> Manifest:
    """Writes the manifest into a copy, checks the whole file, and syncs it to the disk."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # One file and nothing beside it.
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("DROP TABLE IF EXISTS backup_manifest")
        epoch, seq = connection.execute("SELECT epoch, seq FROM log_counter").fetchone()
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        tables = {name: _digest(connection, name) for name in _tables(connection)}
        manifest = Manifest(created_at.isoformat(timespec="seconds"), dialect, revision, epoch, seq, tables)
        body = json.dumps(asdict(manifest), sort_keys=True)
        connection.execute("CREATE TABLE backup_manifest (body TEXT NOT NULL, sha256 TEXT NOT NULL)")
        connection.execute("INSERT INTO backup_manifest VALUES (?, ?)", (body, _sha256(body)))
        if problem := _first_problem(connection):
            raise BackupRefused(f"The database is damaged, so it can't be backed up as it is: {problem}.")
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return manifest


def glance(path: Path) -> None:
    """Tells at little cost what is certainly no backup. Raises BackupUnusable, naming the file and what is wrong."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise BackupUnusable(f"{path} can't be read: {error.strerror or error}. Nothing was changed.") from None
    if not header:
        raise BackupUnusable(f"{path} is empty. Nothing was changed.")
    if not header.startswith(_MAGIC) or len(header) < 100:
        raise BackupUnusable(f"{path} is not a backup made by `intellicv backup`. Nothing was changed.")
    page_size = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65_536 if page_size == 1 else page_size)
    if size < expected:
        raise BackupUnusable(
            f"{path} is cut short: it has {size:,} of {expected:,} bytes. Copy it again; nothing was changed."
        )


def check(path: Path, *, named: Path) -> Manifest:
    """The manifest of a backup that is whole and what it says it is. Raises BackupUnusable; `named` is the file as the
    person knows it."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            manifest = _manifest(connection, named)
            problem = _first_problem(connection) or _first_difference(connection, manifest)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise BackupUnusable(f"{named} is damaged ({error}). Nothing was changed; take another backup.") from None
    if problem:
        raise BackupUnusable(f"{named} is damaged: {problem}. Nothing was changed; take another backup.")
    return manifest


def _manifest(connection: sqlite3.Connection, named: Path) -> Manifest:
    if "backup_manifest" not in _tables(connection, manifest_too=True):
        raise BackupUnusable(
            f"{named} is a database, but not a backup made by `intellicv backup`. Nothing was changed. If it is "
            "IntelliCV's own file, set INTELLICV_DATABASE_URL to it and make a backup of it first."
        )
    found = connection.execute("SELECT body, sha256 FROM backup_manifest").fetchall()
    if len(found) != 1 or _sha256(found[0][0]) != found[0][1]:
        raise BackupUnusable(f"{named} is damaged: its manifest was changed. Nothing was changed; take another backup.")
    body = json.loads(found[0][0])
    if body.get("product") != _PRODUCT:
        raise BackupUnusable(f"{named} is a backup of something else. Nothing was changed.")
    if body["format"] > FORMAT:
        raise BackupUnusable(
            f"{named} was made by a newer release of IntelliCV. Nothing was changed; restore it with that release."
        )
    return Manifest(**{**body, "tables": {name: TableDigest(**digest) for name, digest in body["tables"].items()}})


def _first_problem(connection: sqlite3.Connection) -> str | None:
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        return " ".join(str(answer).split())
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    return f"a row of {broken[0]} refers to one that is missing" if broken else None


def _first_difference(connection: sqlite3.Connection, manifest: Manifest) -> str | None:
    tables = _tables(connection)
    if sorted(tables) != sorted(manifest.tables):
        return "it has other tables than its manifest says"
    for name in tables:
        if _digest(connection, name) != manifest.tables[name]:
            return f"the table {name} is not what its manifest says"
    return None


def _tables(connection: sqlite3.Connection, *, manifest_too: bool = False) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    names = [name for (name,) in rows if not name.startswith("sqlite_")]
    return names if manifest_too else [name for name in names if name != "backup_manifest"]


def _digest(connection: sqlite3.Connection, table: str) -> TableDigest:
    cursor = connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid')
    digest = hashlib.sha256(json.dumps([column[0] for column in cursor.description]).encode())
    rows = 0
    for rows, row in enumerate(cursor, start=1):  # noqa: B007 (the last number is the count)
        # ASCII JSON, not repr: what Python prints unescaped changes with its Unicode tables.
        digest.update(json.dumps(row, default=bytes.hex).encode())
    return TableDigest(rows, digest.hexdigest())


def _counted(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check_target(target: Path, *, force: bool, database: Database) -> None:
    if not target.parent.is_dir():
        raise BackupRefused(f"There is no folder {target.parent}. Make it first; no backup was made.")
    if target.is_dir():
        raise BackupRefused(f"{target} is a folder. Name a file in it; no backup was made.")
    if database.path is not None:
        own = [database.path.with_name(database.path.name + end) for end in ("", "-wal", "-shm", "-journal")]
        if target.resolve() in [path.resolve() for path in own]:
            raise BackupRefused(f"{target} is the database itself. Name another file; no backup was made.")
    if not force and (target.exists() or target.is_symlink()):
        raise BackupRefused(f"{target} is there already. Name another file, or replace it with --force.")


def _publish(part: Path, target: Path, *, force: bool) -> None:
    if force:
        part.replace(target)
    else:
        try:
            # A link is refused where there is something by now; a rename would replace it.
            os.link(part, target)
        except FileExistsError:
            raise BackupRefused(f"{target} was made by somebody else meanwhile; no backup was made.") from None
        except OSError:
            # A file system without links.
            part.rename(target)
    with suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
