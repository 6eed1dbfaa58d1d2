"""The product over a primary that is not to be trusted: what one process of ours has, and what outlives it."""

from __future__ import annotations

import contextlib
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from benchmarks.cloud.torture.bucket import Bucket, Change
from benchmarks.cloud.torture.client import BucketClient
from benchmarks.cloud.torture.fallback import Fallback, FragileBlobs
from benchmarks.cloud.torture.model import CONFLICT
from benchmarks.cloud.torture.mortal import Mortal, MortalDatabase
from shared_backend.cloud import journal
from shared_backend.cloud.blob_reader import held_at
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.local.file_names import file_of
from shared_backend.cloud.reconcile import Progress, Reconciler
from shared_backend.cloud.registry import ProviderRegister

ROUTE = ("primary", "fallback")


class Primary(Protocol):
    """What a schedule does to a primary, whichever it is."""

    # Faults that the step has met, by name.
    met: list[str]

    def provider(self, life: Mortal) -> Any:
        """The provider that a process of ours uses."""

    def weather(self, chance: float) -> None:
        """How likely a fault is from now on: 0 calm, 1 away."""

    def begin(self, context: str) -> None:
        """A step of ours begins."""

    def end(self) -> list[Change]:
        """It is over; what has changed meanwhile."""

    def by_other(self, path: str, content: bytes | None) -> list[Change]:
        """Somebody else writes or deletes, straight at the primary."""

    def objects(self) -> dict[str, bytes]:
        """What it holds."""

    def flip(self, path: str) -> None:
        """Flips a bit of an object where it lies, or flips it back."""

    def mend(self) -> None:
        """Flips everything back."""


class MemoryPrimary:
    """The bucket, with somebody else who may write in between any two calls of ours."""

    def __init__(self, chance: random.Random, *, checks: bool = True) -> None:
        self.bucket = Bucket()
        self.met: list[str] = []
        # Given a path's turn, somebody else writes: (path, content) or nothing.
        self.intrude: Callable[[], tuple[str, bytes | None] | None] = lambda: None
        self._chance = chance
        self._checks = checks
        self._weather = 0.0
        self._client: BucketClient | None = None
        self._seen = 0

    def provider(self, life: Mortal) -> Any:
        self._client = BucketClient(self.bucket, self._chance, life, checks=self._checks)
        self._client.weather, self._client.met = self._weather, self.met
        self._client.before_call = self._between
        return self._client

    def weather(self, chance: float) -> None:
        self._weather = chance
        if self._client is not None:
            self._client.weather = chance

    def begin(self, context: str) -> None:
        self.bucket.context = context
        self.met.clear()

    def end(self) -> list[Change]:
        changes = self.bucket.changes[self._seen :]
        self._seen = len(self.bucket.changes)
        return changes

    def by_other(self, path: str, content: bytes | None) -> list[Change]:
        self._write_as_other(path, content)
        return self.end()

    def objects(self) -> dict[str, bytes]:
        return self.bucket.objects()

    def flip(self, path: str) -> None:
        self.bucket.flipped.symmetric_difference_update({path} & set(self.bucket.held))

    def mend(self) -> None:
        self.bucket.flipped.clear()

    def _between(self) -> None:
        turn = self.intrude()
        if turn is not None:
            self._write_as_other(*turn)

    def _write_as_other(self, path: str, content: bytes | None) -> None:
        if content is not None:
            self.bucket.put("other", path, content, Condition(), {})
        elif path in self.bucket.held:
            self.bucket.delete("other", path, Condition())


class PatientCaller(Caller):
    """The product's caller, whose pauses before a retry take no time."""

    def _pause(self, *given: Any) -> float | None:
        return None if super()._pause(*given) is None else 0.0


class World:
    """A database file and a folder that outlive the process, and the process, which may be killed and started again."""

    def __init__(
        self, folder: Path, template: Path, chance: random.Random, primary: Primary, deadline_s: float
    ) -> None:
        self._folder = folder
        self._chance = chance
        self.primary = primary
        self.disk_full = False
        self._now = datetime(2026, 6, 1, tzinfo=UTC)
        self._ticks = 0.0
        self._deadline_s = deadline_s
        shutil.copyfile(template, folder / "world.db")
        self._open()

    def _open(self) -> None:
        self.life = Mortal()
        self.database = MortalDatabase(f"sqlite:///{self._folder / 'world.db'}", self.life)
        local = FragileBlobs(self._folder / "fallback", self.life, lambda: self.disk_full)
        primary = self.primary.provider(self.life)
        register = ProviderRegister(factories={"primary": lambda: primary, "fallback": lambda: Fallback(local)})
        caller = PatientCaller(register, breaker=lambda: Breaker(clock=lambda: self._ticks))
        self.blobs = BlobService(caller, self.database, clock=lambda: self._now)
        self.reconciler = Reconciler(caller, self.database, clock=lambda: self._now)

    def restart(self) -> None:
        """A new process on what the old one left."""
        self.database.dispose()
        self.pass_time(3600)
        self._open()

    def pass_time(self, seconds: float) -> None:
        """Moves all clocks on."""
        self._now += timedelta(seconds=seconds)
        self._ticks += seconds

    def deadline(self) -> Deadline:
        return Deadline(self._deadline_s)

    def reconcile(self) -> Progress:
        """One run; all intents are those of calls that are over."""
        return self.reconciler.run(settle_intents_before=self._now + timedelta(hours=1))

    def journal(self) -> list[journal.Entry]:
        """All entries, newest first."""
        with self.database.read() as connection:
            return journal.entries(connection, limit=100_000)

    def held_files(self) -> list[Path]:
        """The fallback's copies."""
        return [
            file
            for entry in self.journal()
            if (file := file_of(self._folder / "fallback" / "objects", held_at(entry.write_id))).exists()
        ]

    def close(self) -> None:
        self.database.dispose()


@contextlib.contextmanager
def flipped_file(file: Path) -> Iterator[None]:
    """Flips a bit in the middle of a file's content, and flips it back."""
    content = file.read_bytes()
    at = len(content) - 3
    file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    try:
        yield
    finally:
        if file.exists():
            file.write_bytes(content)


def is_beside(path: str) -> bool:
    """Whether a path is one at which a conflict is kept."""
    return CONFLICT in path
