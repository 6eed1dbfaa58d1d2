"""kill -9 in the middle of writing and in the middle of reconciling: real processes, both databases."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from tests.integration.cloud import killed_script as script

ROOT = Path(__file__).resolve().parents[3]
KILLS = 4


def started(what: str, url: str, folder: Path, tag: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.integration.cloud.killed_script", what, url, str(folder), tag]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ))


def killed(process: subprocess.Popen[str], after_s: float) -> list[str]:
    """Kills it that long after its first word; answers what it had said."""
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    lines = [first, *process.stdout.readlines()]
    process.wait()
    process.stdout.close()
    return [line.strip() for line in lines if line.endswith("\n")]


def test_kill_9_loses_nothing_that_was_acknowledged(database_url: str, tmp_path: Path) -> None:
    chance = random.Random(20261123)
    away = tmp_path / "away"
    allowed: dict[str, set[bytes | None]] = {script.path_of(number): {None} for number in range(script.PATHS)}
    acknowledged = 0
    for round_ in range(KILLS):
        tag = f"writer{round_}"
        # The last but one finds the primary well: what was held before must not come in between.
        away.unlink(missing_ok=True) if round_ == KILLS - 2 else away.touch()
        said = killed(started("write", database_url, tmp_path, tag), chance.uniform(0.05, 0.5))
        assert said, "the writer wrote nothing"
        for number in range(1, len(said) + 2):
            effect = None if number % script.DELETES == 0 else script.content_of(tag, number)
            if number <= len(said):
                allowed[script.path_of(number)] = {effect}
            else:  # Under way when it was killed: either is right.
                allowed[script.path_of(number)].add(effect)
        acknowledged += len(said)
    away.unlink(missing_ok=True)
    for round_ in range(KILLS):
        killed(started("reconcile", database_url, tmp_path, f"reconciler{round_}"), chance.uniform(0.0, 0.15))
    last = started("reconcile", database_url, tmp_path, "last")
    assert last.wait(120) == 0
    assert last.stdout is not None
    last.stdout.close()

    primary = script.Place("primary", tmp_path / "primary").offer(Capability.BLOBS)
    fallback = script.Place("fallback", tmp_path / "fallback").offer(Capability.BLOBS)
    listed = {info.path for info in primary.list("", after=None, limit=1000, deadline=Deadline(30)).items}
    assert listed <= set(allowed), f"conflicts although nobody else writes: {listed - set(allowed)}"
    for path, contents in allowed.items():
        found = None
        if path in listed:
            with primary.open(path, deadline=Deadline(30)) as (_info, chunks):
                found = b"".join(chunks)
        assert found in contents, f"{path}: {(found or b'nothing')[:20]!r} after {acknowledged} acknowledgements"
    assert fallback.list("", after=None, limit=1000, deadline=Deadline(30)).items == []
