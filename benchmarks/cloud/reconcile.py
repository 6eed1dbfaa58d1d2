"""Ten thousand journaled writes carried to the primary, by a process that is killed in the middle and begins again."""

from __future__ import annotations

import contextlib
import hashlib
import io
import random
import shutil
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks.cloud.setup import template
from benchmarks.cloud.torture.client import BucketClient
from benchmarks.cloud.torture.fallback import Fallback
from benchmarks.cloud.torture.mortal import Killed, Mortal
from benchmarks.cloud.torture.world import MemoryPrimary
from benchmarks.figures import Figure, Report
from benchmarks.lockstep.setup import folder
from shared_backend.cloud.blob_reader import held_at
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.journal import SHA256, WRITE_ID
from shared_backend.cloud.local.blobs import LocalBlobs
from shared_backend.cloud.reconcile import Reconciler
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.write_ids import WriteIds
from shared_backend.database.engine import Database
from shared_backend.database.tables import CloudJournalRow
from shared_backend.utils.clock import utc_now

_JOURNAL = CloudJournalRow.__table__  # type: ignore[attr-defined]
_DELETED = 20  # One path of so many was deleted afterwards.


def run(report: Report, *, quick: bool) -> None:
    """reconcile_10k_s and reconcile_resurrected."""
    count = 1_000 if quick else 10_000
    with folder() as path:
        database_file = path / "world.db"
        shutil.copyfile(template(path), database_file)
        # Durable as in production: each entry's settlement is a commit that waits for the disk.
        database = Database(f"sqlite:///{database_file}")
        primary = MemoryPrimary(random.Random(1))
        bare = _bare(count // 10, path) * 10
        deleted = _fill(database, path, primary, count)
        begin = time.monotonic()
        killed_at = _until_killed(database, path, primary, count)
        # The dead one's lease lapses by its own time; here a new process need not wait for that.
        progress = _reconciler(database, path, primary, Mortal(), lease_s=0.0).run(settle_intents_before=utc_now())
        elapsed = time.monotonic() - begin
        objects = primary.objects()
        lost = sum(1 for number in range(count) if number % _DELETED and objects.get(_path(number)) != _content(number))
        back = sum(1 for path_ in deleted if path_ in objects)
        left = len(list((path / "fallback" / "objects").rglob("*=o")))
        database.dispose()
    scaled = elapsed * 10_000 / count
    words = (
        f"{count:,} writes and {len(deleted):,} deletions, {count / elapsed:,.0f}/s, killed after {killed_at:,}; "
        f"copying as many files bare, synced: {bare * 10_000 / count:.0f} s"
    )
    assert not lost and not progress.failed, f"{lost} of {count} are not on the primary: {progress}"
    report.add(Figure("reconcile_10k_s", round(scaled, 1), "s", None, "lower", words))
    kept = f"{len(deleted):,} deleted paths looked at; {left} copies left on the fallback"
    report.add(Figure("reconcile_resurrected", back, "objects", 0, "lower", kept))


def _path(number: int) -> str:
    return f"cv/{number % 100:02d}/{number}.bin"


def _content(number: int) -> bytes:
    return f"us {number} ".encode() + bytes([number % 251]) * 200


def _reconciler(
    database: Database, path: Path, primary: MemoryPrimary, life: Mortal, *, lease_s: float = 30.0
) -> Reconciler:
    local = LocalBlobs(path / "fallback", base_url="http://127.0.0.1", secret_key="x" * 40)
    client: BucketClient = primary.provider(life)
    register = ProviderRegister(factories={"primary": lambda: client, "fallback": lambda: Fallback(local)})
    return Reconciler(Caller(register), database, lease_s=max(lease_s, 0.001))


def _until_killed(database: Database, path: Path, primary: MemoryPrimary, count: int) -> int:
    life = Mortal()
    # Each entry asks the primary, and then stores: the middle, in the middle of an entry.
    life.doom(count * 3 // 2)
    with contextlib.suppress(Killed):
        _reconciler(database, path, primary, life, lease_s=0.001).run(settle_intents_before=utc_now())
    return len(primary.objects())


def _fill(database: Database, path: Path, primary: MemoryPrimary, count: int) -> list[str]:
    """The journal and the fallback as an outage would leave them; quicker than by so many calls."""
    ids, now = WriteIds(database), utc_now()
    local = LocalBlobs(path / "fallback", base_url="http://127.0.0.1", secret_key="x" * 40, durable=False)
    rows: list[dict[str, Any]] = []
    deleted = []
    for number in range(count):
        content, write_id = _content(number), ids.new()
        digest = hashlib.sha256(content).hexdigest()
        tags = {WRITE_ID: write_id, SHA256: digest}
        local.put(
            held_at(write_id),
            io.BytesIO(content),
            size=len(content),
            sha256=digest,
            content_type="application/octet-stream",
            metadata=tags,
            condition=Condition(),
            deadline=Deadline(60),
        )
        rows.append(_row(write_id, "put", _path(number), now, digest, len(content), tags))
        if number % _DELETED == 0:
            deleted.append(_path(number))
            if number % (2 * _DELETED) == 0:
                # The primary has an earlier state of it, which the deletion is about, too.
                primary.bucket.put("us", _path(number), b"earlier", Condition(), {WRITE_ID: ids.new()})
            rows.append(_row(ids.new(), "delete", _path(number), now))
    database.run(lambda uow: uow.connection.execute(insert(_JOURNAL), rows))
    return deleted


def _row(
    write_id: str,
    operation: str,
    path: str,
    now: Any,
    digest: str = "",
    size: int = 0,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "write_id": write_id,
        "operation": operation,
        "path": path,
        "primary_name": "primary",
        "fallback_name": "fallback",
        "sha256": digest,
        "size": size,
        "content_type": "application/octet-stream" if size else "",
        "metadata": tags or {},
        "state": "pending",
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
    }


def _bare(count: int, path: Path) -> float:
    """Seconds to write and remove as many files, each synced: what a journal of files would cost at least."""
    import os

    target = path / "bare"
    target.mkdir()
    begin = time.monotonic()
    for number in range(count):
        file = target / str(number)
        with file.open("wb") as opened:
            opened.write(_content(number))
            opened.flush()
            os.fsync(opened.fileno())
        file.unlink()
    return time.monotonic() - begin
