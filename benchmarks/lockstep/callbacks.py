"""From the commit to a subscriber's callback in another process, at the default tick of 10 ms."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time

from benchmarks.figures import Figure, Report, p50_p99
from benchmarks.lockstep.setup import sqlite_backend
from shared_backend.config.backend_config import child_environment
from shared_backend.services.backend import Backend

# CLOCK_MONOTONIC is one clock for all processes of a machine.
_READER = """
import sys, time, json
from shared_backend.services import portal_bridge
def seen(event):
    print(json.dumps([event["seq"], time.monotonic()]), flush=True)
portal_bridge.subscribe_to_events(["user_update"], seen)
print("ready", flush=True)
sys.stdin.read()
"""
# The control: the plainest reader there could be, which asks the table for its newest number each 10 ms.
_CONTROL = """
import sys, time, json, sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
last = connection.execute("SELECT seq FROM log_counter").fetchone()[0]
print("ready", flush=True)
while True:
    time.sleep(0.01)
    now = connection.execute("SELECT seq FROM log_counter").fetchone()[0]
    for seq in range(last + 1, now + 1):
        print(json.dumps([seq, time.monotonic()]), flush=True)
    last = now
"""


def run(report: Report, *, quick: bool) -> None:
    """callback_p50_ms and callback_p99_ms."""
    with sqlite_backend() as backend:
        ours = _latencies(backend, [sys.executable, "-c", _READER], 60 if quick else 400)
        control = _latencies(
            backend, [sys.executable, "-c", _CONTROL, str(backend.database.path)], 60 if quick else 400
        )
    p50, p99 = p50_p99(ours)
    beside = "bare poll of the counter each 10 ms: {} / {} ms".format(*p50_p99(control))
    report.add(Figure("callback_p50_ms", p50, "ms", None, "lower", beside))
    report.add(Figure("callback_p99_ms", p99, "ms", 15, "lower", beside))


def _latencies(backend: Backend, command: list[str], writes: int) -> list[float]:
    environment = child_environment(backend.settings)
    reader = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert reader.stdout is not None and reader.stdin is not None
    try:
        assert reader.stdout.readline().strip() == "ready"
        committed: dict[int, float] = {}
        pause = random.Random(7)
        for number in range(writes):
            time.sleep(pause.uniform(0.005, 0.03))
            answer = backend.bridge.sync_user_data("candidate", {"basics": {"label": f"{command[2][:9]!r} {number}"}})
            committed[answer["seq"]] = time.monotonic()
        seen: dict[int, float] = {}
        while len(seen) < writes:
            seq, at = json.loads(reader.stdout.readline())
            if seq in committed:
                seen[seq] = at
    finally:
        reader.kill()
        reader.wait()
        reader.stdout.close()
        reader.stdin.close()
    # A reader may see the commit before the writer's call has returned.
    return [max(0.0, seen[seq] - committed[seq]) * 1000 for seq in committed]
