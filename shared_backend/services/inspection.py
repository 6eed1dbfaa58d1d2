"""The process and its database from the inside, for operators: never a secret, never a person."""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, inspect, select, text

from shared_backend.config.backend_config import PREFIX, Settings
from shared_backend.database.engine import Database
from shared_backend.database.tables.base import Table
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission

_HIDDEN = "set (not shown)"


@dataclass(frozen=True)
class SettingFact:
    """One setting: its name in the environment, its value in words, where it comes from and what it does."""

    name: str
    value: str
    given: bool
    description: str


@dataclass(frozen=True)
class TableSize:
    """One table and how many rows it has."""

    name: str
    rows: int


@dataclass(frozen=True)
class DatabaseFacts:
    """The database: `address` without a password, sizes in bytes (the write-ahead log's on SQLite only)."""

    dialect: str
    version: str
    address: str
    bytes: int
    wal_bytes: int | None
    tables: tuple[TableSize, ...]


def process_facts(*, actor: Actor, portal: str) -> dict[str, str]:
    """What this process is, in words. Raises PermissionDenied."""
    _require(actor)
    return {
        "Process": portal,
        "Process id": str(os.getpid()),
        "Python": platform.python_version(),
        "System": f"{platform.system()} {platform.machine()}",
        "Threads": str(threading.active_count()),
        "CPU time": f"{time.process_time():,.1f} s",
        "Memory": _memory(),
    }


def settings_facts(settings: Settings, *, actor: Actor) -> list[SettingFact]:
    """Every setting, secrets as `set`, the database's password left out. Raises PermissionDenied."""
    _require(actor)
    return [
        SettingFact(
            f"{PREFIX}{name}".upper(),
            _shown(name, getattr(settings, name), settings),
            name in settings.model_fields_set,
            info.description or "",
        )
        for name, info in type(settings).model_fields.items()
    ]


def database_facts(database: Database, *, actor: Actor) -> DatabaseFacts:
    """The database's tables and sizes. Counts every row, so it takes a while on a large database. Raises
    PermissionDenied."""
    _require(actor)
    with database.read() as connection:
        names = sorted(set(inspect(connection).get_table_names()) & set(Table.metadata.tables))
        tables = tuple(
            TableSize(
                name, connection.execute(select(func.count()).select_from(Table.metadata.tables[name])).scalar_one()
            )
            for name in names
        )
        if database.dialect == "postgresql":
            size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
            version = connection.execute(text("SHOW server_version")).scalar_one()
        else:
            size = _file_size(database, "")
            version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
    return DatabaseFacts(
        dialect={"postgresql": "PostgreSQL", "sqlite": "SQLite"}[database.dialect],
        version=str(version),
        address=_address(database),
        bytes=int(size),
        wal_bytes=_file_size(database, "-wal") if database.path is not None else None,
        tables=tables,
    )


def _require(actor: Actor) -> None:
    actor.require(Permission.OPERATE, "look inside the process")


def _shown(name: str, value: Any, settings: Settings) -> str:
    if isinstance(value, SecretStr):
        return _HIDDEN if value.get_secret_value() else "not set"
    if name == "database_url":
        # Only what can't hold a password: the query of an address may carry one, too.
        return str(value).partition("://")[0] + "://…"
    return "yes" if value is True else "no" if value is False else str(value)


def _address(database: Database) -> str:
    if database.path is not None:
        return database.path.name
    url = database.url
    return f"{url.host or 'local'}:{url.port or 5432}/{url.database}"


def _file_size(database: Database, suffix: str) -> int:
    assert database.path is not None
    path = database.path.with_name(database.path.name + suffix)
    return path.stat().st_size if path.exists() else 0


def _memory() -> str:
    if sys.platform == "win32":
        return "not known"
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{peak * (1 if sys.platform == 'darwin' else 1024) / 2**20:,.0f} MiB at most"
