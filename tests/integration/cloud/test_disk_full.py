"""A disk that is full, for real: files may not grow beyond a limit, and a file system of its own that is small."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.deadline import Deadline
from shared_backend.database.engine import Database
from tests.integration.cloud import killed_script as script
from tests.support.missing import missing

ROOT = Path(__file__).resolve().parents[3]
MODULE = "tests.integration.cloud.killed_script"


def held_against(said: list[str], database: Database, folder: Path) -> None:
    """Everything acknowledged is readable, byte for byte; what was refused left nothing behind."""
    numbers = [int(line) for line in said if line.isdigit()]
    refused = [line for line in said if not line.isdigit()]
    assert len(numbers) > 5 and refused, said[-5:]
    assert all("disk" in line for line in refused), refused[:3]
    blobs = BlobService(script.caller(folder), database)
    for number in numbers:
        content = blobs.get(script.ROUTE, f"s{number}", deadline=Deadline(20)).value
        assert content == f"it {number} ".encode() + bytes([number % 251]) * (number * 4000)
    assert not list(folder.rglob("*.part"))


def test_files_that_may_not_grow(database_url: str, tmp_path: Path) -> None:
    """Neither the fallback's nor SQLite's own; PostgreSQL's server has no limit."""
    (tmp_path / "away").touch()
    command = [sys.executable, "-m", MODULE, "limited", database_url, str(tmp_path), "it", "400000"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=dict(os.environ), timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    database = Database(database_url)
    held_against(done.stdout.splitlines(), database, tmp_path)
    database.dispose()


def test_a_file_system_that_is_full(sqlite_url: str, tmp_path: Path) -> None:
    """The fallback on a tmpfs of 2 MiB in a namespace of its own, copied out before it goes."""
    small, kept = tmp_path / "small", tmp_path / "kept"
    small.mkdir()
    steps = (
        f"mount -t tmpfs -o size=2m tmpfs {small} && touch {small}/away && "
        f"{sys.executable} -m {MODULE} starve '{sqlite_url}' {small} it; code=$?; cp -a {small} {kept}; exit $code"
    )
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        missing("no namespace to mount a small file system in: unshare -rm")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", steps],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    database = Database(sqlite_url)
    held_against(done.stdout.splitlines(), database, kept)
    database.dispose()
