"""What the parts share: databases, and the servers of this machine that stand for the clouds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.cloud.torture.wire import Server, azurite_server, moto_server
from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate

SERVERS: dict[str, Callable[[Path], contextlib.AbstractContextManager[Server]]] = {
    "aws": moto_server,
    "azure": azurite_server,
}


def template(folder: Path) -> Path:
    """A migrated SQLite file to copy."""
    path = folder / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.dispose()
    return path


@contextmanager
def server(name: str, folder: Path) -> Iterator[Server | None]:
    """The real SDK before moto or Azurite; None, and said, where that can't be had (with CI=true: an error)."""
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(SERVERS[name](folder))
        except pytest.skip.Exception as error:
            Console().print(f"  without {name}: {error}")
            yield None
            return
        yield running
