"""The whole product started as a person starts it, from a folder that is not its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared_backend.cli.probe import answers

ROOT = Path(__file__).resolve().parents[2]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.mark.slow
def test_it_comes_up_says_where_and_goes_down_without_a_trace(tmp_path: Path) -> None:
    admin, user, gateway = free_ports(3)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "INTELLICV_VAR_DIR": str(tmp_path / "var"),
        "INTELLICV_ADMIN_PORT": str(admin),
        "INTELLICV_USER_PORT": str(user),
        "INTELLICV_GATEWAY_PORT": str(gateway),
    }
    said = tmp_path / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "shared_backend.cli.main", "up"],
            cwd=tmp_path,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 60
        while "IntelliCV is up" not in said.read_text():
            assert process.poll() is None and time.monotonic() < deadline, said.read_text()
            time.sleep(0.1)
        for port in (admin, user):
            assert answers("127.0.0.1", port, "/_stcore/health", body="ok")
        assert answers("127.0.0.1", gateway, "/readyz")
        # The last lines are written after the first of them could be read.
        time.sleep(0.2)
        assert re.search(rf"http://127\.0\.0\.1:{admin}/#link=[\w-]{{40,}}$", said.read_text(), re.M)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=15)
    assert code == 0
    assert "did not stop by itself" not in said.read_text()
    assert "Traceback" not in said.read_text()
    for port in (admin, user, gateway):
        with socket.socket() as probe:
            probe.settimeout(1)
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    connection = sqlite3.connect(tmp_path / "var" / "intellicv.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
