"""A watcher under test, and what it tells."""

from __future__ import annotations

from collections.abc import Iterator

from shared_backend.database.engine import Database
from shared_backend.lockstep.watcher import Batch, Watcher
from tests.support.lockstep import edit, shared_state


class Heard:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def __call__(self, batch: Batch) -> None:
        self.batches.append(batch)

    @property
    def seqs(self) -> list[int]:
        return [event.seq for batch in self.batches for event in batch.events]

    @property
    def resyncs(self) -> int:
        return sum(batch.resync for batch in self.batches)


Watched = tuple[Watcher, Heard]


def watching(database: Database) -> Iterator[Watched]:
    watcher, heard = Watcher(database), Heard()
    watcher.add_listener(heard)
    watcher.start()
    yield watcher, heard
    watcher.stop()
    database.dispose()


def save(database: Database, label: str) -> int:
    return shared_state(database).save(edit({"basics": {"label": label}})).seq


def saves_elsewhere(url: str, label: str) -> int:
    """By another engine, as another process would: the watcher gets no hint."""
    other = Database(url)
    try:
        return save(other, label)
    finally:
        other.dispose()
