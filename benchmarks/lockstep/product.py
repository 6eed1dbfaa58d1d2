"""The whole product, started as a person starts it, on free ports and a database of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.lockstep.setup import folder, settings_in
from shared_backend.config.backend_config import Settings, child_environment, project_root
from shared_backend.identity.actor import Actor
from shared_backend.services.backend import Backend

PASSWORD = "bench-" + os.urandom(12).hex()
ADMIN, CANDIDATE = "admin@example.org", "candidate@example.org"


@dataclass(frozen=True)
class Product:
    """What is running. `backend` is a script's, on the same database; `candidate_id` has a profile."""

    settings: Settings
    backend: Backend
    candidate_id: str
    process: subprocess.Popen[bytes]


@contextmanager
def running_product(**environment: str) -> Iterator[Product]:
    """Both portals, gateway and worker, with one admin and one candidate; `environment` goes to all processes."""
    with folder() as path:
        admin, user, gateway = free_ports(3)
        settings = settings_in(path, admin_port=admin, user_port=user, gateway_port=gateway)
        backend = Backend.open(settings)
        system = Actor.system("bench")
        backend.people.create_account(ADMIN, "owner", "Ada Admin", PASSWORD, actor=system)
        candidate = backend.people.create_account(CANDIDATE, "candidate", "Carl Candidate", PASSWORD, actor=system)
        log = (path / "product.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "shared_backend.cli.main", "up"],
            env=child_environment(settings, **environment),
            cwd=project_root(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            for port in (admin, user):
                _wait_for(f"http://127.0.0.1:{port}/_stcore/health", path / "product.log")
            yield Product(settings, backend, candidate.id, process)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            log.close()
            backend.close()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [opened.getsockname()[1] for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()


def _wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{address} did not come up:\n{log.read_text(errors='replace')[-3000:]}")
