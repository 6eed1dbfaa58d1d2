"""What is on the disk before anybody is told: as near to a power cut as a test without a plug can come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from shared_backend.cloud.blob_reader import held_at
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.cloud.local.blobs import LocalBlobs
from shared_backend.cloud.local.file_names import file_of
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.spool import spooled
from shared_backend.database.engine import Database
from tests.support.cloud_memory import MemoryProvider

ROUTE = ("primary", "fallback")
# How a commit of this database waits for the disk, and the answer that says that it does.
WAITS = {"sqlite": ("PRAGMA synchronous", 2), "postgresql": ("SHOW synchronous_commit", "on")}


class Folder:
    """The fallback: this machine's disk."""

    name = "fallback"

    def __init__(self, folder: Path) -> None:
        self.blobs = LocalBlobs(folder, base_url="http://127.0.0.1", secret_key="x" * 40)

    def offer(self, _capability: Capability) -> Any:
        return self.blobs


@pytest.fixture
def happened(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """What is done to the disk and to the database, in order: (sync, file), (name, file), (commit, how it waits)."""
    found: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def syncing(descriptor: int) -> None:
        fsync(descriptor)
        found.append(("sync", os.readlink(f"/proc/self/fd/{descriptor}")))

    def naming(source: Any, target: Any, **named: Any) -> None:
        replace(source, target, **named)
        found.append(("name", f"{source} -> {target}"))

    def committing(connection: Any) -> None:
        question, _ = WAITS[database.dialect]
        found.append(("commit", str(connection.exec_driver_sql(question).scalar())))

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", naming)
    event.listen(database.engine, "commit", committing)
    yield found
    event.remove(database.engine, "commit", committing)


def test_bytes_and_name_are_on_the_disk_before_the_journal_says_so(
    database: Database, happened: list[tuple[str, str]], tmp_path: Path
) -> None:
    primary, fallback = MemoryProvider("primary"), Folder(tmp_path / "fallback")
    register = ProviderRegister(factories={"primary": lambda: primary, "fallback": lambda: fallback})  # type: ignore[dict-item, return-value]
    blobs = BlobService(Caller(register, breaker=lambda: Breaker(threshold=10**9)), database)
    primary.away = CloudUnavailable("away")
    blobs.put(ROUTE, "first", b"x", deadline=Deadline(20))
    happened.clear()
    outcome = blobs.put(ROUTE, "a", b"bytes", deadline=Deadline(20))
    assert outcome.pending_sync
    target = file_of(tmp_path / "fallback" / "objects", held_at(outcome.value.metadata["icv_write_id"]))
    whats = [what for what, _ in happened]
    named = next(number for number, (what, which) in enumerate(happened) if what == "name" and str(target) in which)
    draft = happened[named][1].partition(" -> ")[0]
    assert ("sync", draft) in happened[:named], "the bytes are on the disk before their name is"
    assert ("sync", str(target.parent)) in happened[named:], "the name is on the disk"
    # The intent, and at the very end what makes it count.
    assert whats.count("commit") == 2 and whats.index("commit") < named and whats[-1] == "commit"
    assert all(how == str(WAITS[database.dialect][1]) for what, how in happened if what == "commit"), happened
    happened.clear()
    blobs.delete(ROUTE, "a", deadline=Deadline(20))
    assert happened and all(how == str(WAITS[database.dialect][1]) for what, how in happened if what == "commit")


def test_a_folder_that_is_made_on_the_way_is_there_afterwards(
    happened: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    mkdir = Path.mkdir

    def making(folder: Path, *arguments: Any, **named: Any) -> None:
        mkdir(folder, *arguments, **named)
        made.append(folder)

    monkeypatch.setattr(Path, "mkdir", making)
    with spooled(b"x", most=1) as body:
        Folder(tmp_path / "new").blobs.put(
            "deep/down/file",
            body.rewound(),
            size=1,
            sha256=body.sha256,
            content_type="text/plain",
            metadata={},
            condition=Condition(),
            deadline=Deadline(20),
        )
    synced = {which for what, which in happened if what == "sync"}
    assert made and all(str(folder.parent) in synced for folder in made)
