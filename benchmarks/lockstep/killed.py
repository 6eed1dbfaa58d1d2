"""Writers killed with SIGKILL at a random moment: what they had acknowledged must be there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

from benchmarks.figures import Figure, Report
from benchmarks.lockstep.setup import sqlite_backend
from shared_backend.config.backend_config import child_environment
from shared_backend.services.backend import Backend

_WRITER = """
import sys
from shared_backend.services import portal_bridge
number = 0
while True:
    number += 1
    answer = portal_bridge.sync_user_data(sys.argv[1], {"basics": {"label": f"{number}"}})
    if answer["success"]:
        print(answer["seq"], answer["version"], number, flush=True)
"""
_CONTROL = """
import sys
from shared_backend.services import portal_bridge
number = 0
while True:
    number += 1
    print(0, number, number, flush=True)
    portal_bridge.sync_user_data(sys.argv[1], {"basics": {"label": f"{number}"}})
"""


def run(report: Report, *, quick: bool) -> None:
    """writes_lost_of_killed: acknowledged writes that are not in the database afterwards."""
    kills = 20 if quick else 200
    with sqlite_backend() as backend:
        lost, acknowledged = _kill(backend, _WRITER, "ours", kills)
        control, _ = _kill(backend, _CONTROL, "control", max(5, kills // 10))
        with backend.database.read() as connection:
            seq = connection.exec_driver_sql("SELECT seq FROM log_counter").scalar_one()
            events = connection.exec_driver_sql("SELECT count(*), max(seq) FROM event").one()
            intact = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
    assert tuple(events) == (seq, seq), f"the log has gaps: counter {seq}, events {events}"
    assert intact == "ok", intact
    beside = f"{kills} kills, {acknowledged:,} acknowledged; one that acknowledges before the commit lost {control}"
    report.add(Figure("writes_lost_of_killed", lost, "writes", 0, "lower", beside))


def _kill(backend: Backend, script: str, who: str, kills: int) -> tuple[int, int]:
    chance = random.Random(11)
    environment = child_environment(backend.settings)
    lost = acknowledged = 0
    for number in range(kills):
        user = f"{who}-{number}"
        writer = subprocess.Popen(
            [sys.executable, "-c", script, user], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.15))
        writer.send_signal(signal.SIGKILL)
        lines = [first, *writer.stdout.readlines()]
        writer.wait()
        writer.stdout.close()
        said = [int(line.split()[1]) for line in lines if len(line.split()) == 3 and line.endswith("\n")]
        with backend.database.read() as connection:
            kept = connection.exec_driver_sql("SELECT version FROM entity_version WHERE entity_id = ?", (user,))
            there = {row.version for row in kept}
        acknowledged += len(said)
        lost += sum(1 for version in said if version not in there)
    return lost, acknowledged
