"""The test portal as a process of its own, and Chromium to look at it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = "/usr/bin/chromium"


class Portal:
    """What a test does to the portal from outside: change things, and ask what happened."""

    def __init__(self, address: str) -> None:
        self.address = address

    def change(self, kind: str, entity_id: str, by: str = "Ada", **data: str) -> int:
        """Save a change as somebody else would; answers the new version."""
        return json.loads(self._post("/test/change", {"kind": kind, "id": entity_id, "data": data, "by": by}))[
            "version"
        ]

    def do(self, what: str, **more: Any) -> None:
        self._post("/test/control", {"do": what, **more})

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(self.address + "/test/state", timeout=10) as answer:
            return json.load(answer)

    def runs(self, what: str) -> int:
        return self.state()["runs"].get(what, 0)

    def shown(self, kind: str, entity_id: str) -> list[int]:
        return [each["version"] for each in self.state()["shown"] if (each["kind"], each["id"]) == (kind, entity_id)]

    def _post(self, path: str, body: dict[str, Any]) -> bytes:
        request = urllib.request.Request(
            self.address + path, data=json.dumps(body).encode(), headers={"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()


def until(condition: Any, what: str, seconds: float = 20.0, page: Page | None = None) -> None:
    """Wait until `condition()` holds; the limit is only there to end a test that has failed.

    With a `page`, its events and routes are served meanwhile: Playwright does nothing while Python sleeps.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        if page is None:
            time.sleep(0.02)
        else:
            page.wait_for_timeout(20)


@contextmanager
def running_portal() -> Iterator[Portal]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", str(Path(__file__).with_name("app.py"))),
            *("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"),
            *("--browser.gatherUsageStats", "false", "--runner.postScriptGC", "false"),
            *("--server.fileWatcherType", "none", "--client.showErrorDetails", "full"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    portal = Portal(f"http://127.0.0.1:{port}")

    def answers() -> bool:
        assert server.poll() is None, "the test portal did not start"
        try:
            portal.state()
        except OSError:
            return False
        return True

    try:
        until(answers, "the test portal does not answer", 60)
        yield portal
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()
