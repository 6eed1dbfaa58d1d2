"""Azurite, Azure's own storage emulator, with the node that runs it, from npm at the versions of package.json.

Installed at first use into the user's cache folder, outside the repository; three minutes once, then nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.missing import missing

_PACKAGE = Path(__file__).with_name("package.json")
ACCOUNT = "devstoreaccount1"
# The emulator's own, published key: it opens nothing else.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True)
class Azurite:
    """A running emulator. `folder` has what it stores."""

    port: int
    folder: Path

    def connection_string(self, port: int | None = None) -> str:
        """How the SDK reaches it, or reaches it through another port that stands before it."""
        endpoint = f"http://127.0.0.1:{port or self.port}/{ACCOUNT}"
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"


def _cache() -> Path:
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "intellicv-tests"


def install() -> Path:
    """The folder with node_modules in it, made when it is missing. Fails or skips for want of npm or of a registry."""
    version = hashlib.sha256(_PACKAGE.read_bytes()).hexdigest()[:12]
    home = _cache() / f"azurite-{version}"
    if (home / ".complete").exists():
        return home
    npm = shutil.which("npm")
    if npm is None:
        missing("Azurite needs npm to be installed with: install npm (Debian: apt-get install npm)")
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / "install.lock").open("w") as lock:
        # Several test runs at once install it once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / ".complete").exists():
            _install(npm, home)
    return home


def _install(npm: str, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    shutil.copy(_PACKAGE, home / "package.json")
    command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    done = subprocess.run(command, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1200)
    if done.returncode or not node(home).exists():
        missing(f"Azurite could not be installed: {done.stderr[-2000:]}")
    (home / ".complete").touch()


def node(home: Path) -> Path:
    """The node of the package, never the machine's."""
    return home / "node_modules" / "node" / "bin" / "node"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_azurite(*, port: int = 0, folder: Path | None = None) -> Iterator[Azurite]:
    """An emulator of one's own, on that port and with what is in that folder; else on a free port, and empty."""
    home, port = install(), port or free_port()
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="azurite-", ignore_cleanup_errors=True))
            )
        command = [str(node(home)), str(home / "node_modules/azurite/dist/src/blob/main.js")]
        command += ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder)]
        # The SDK speaks a newer version of the protocol than any emulator knows.
        command += ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
        )
        try:
            _wait(process, port)
            yield Azurite(port, folder)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if process.poll() is not None:
            missing(f"Azurite ended at once with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    missing("Azurite did not listen within 90 s")
