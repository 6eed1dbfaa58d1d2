"""One worker process, from the parent's side: started, given a document, waited for, killed where it must be."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shared_backend.data_management.documents.errors import Outcome
from shared_backend.data_management.documents.helpers import SEARCH
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.parse_result import ParseResult
from shared_backend.data_management.worker.frames import HEAD, packed

_ENVIRONMENT = {
    "PATH": SEARCH, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip
_ROOT = Path(__file__).resolve().parents[3]
# A cold disk, a loaded machine: how long a worker may take to be ready.
_START_S = 90.0
# A draft of a document at its limits is far below.
_LONGEST_ANSWER = 64 * 2**20
# Python's and pdfium's heaps grow slowly; a fresh process is cheap.
RECYCLE_AFTER = 400
_RECYCLE_RSS_MB = 600.0


class WorkerDied(Exception):
    """The process ended without an answer."""


class WorkerTooSlow(Exception):
    """No answer in time."""


class WorkerProcess:
    """A process that parses one document after the other. Not for two threads at once; see the pool."""

    module = "shared_backend.data_management.worker.child"

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._begun = 0
        self.rss_mb = 0.0
        # A new session, so that Ctrl+C in a terminal ends the parent, which then ends this. The environment is bare: no
        # secret of ours is in a process that reads strangers' files.
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=_ROOT, close_fds=True,
            start_new_session=True, env=_ENVIRONMENT,
        )  # fmt: skip
        try:
            self.exchange(packed({"limits": asdict(limits)}), _START_S)
        except (WorkerDied, WorkerTooSlow):
            self.close()
            raise

    @property
    def worn(self) -> bool:
        """Whether a new one should take its place."""
        return self._begun >= RECYCLE_AFTER or self.rss_mb > _RECYCLE_RSS_MB or self._process.poll() is not None

    def parse(self, content: bytes, name: str, as_of: str | None = None) -> ParseResult:
        """The result. After a death or a delay the result says so, and the process is gone."""
        self._begun += 1
        try:
            answer = self.exchange(packed({"name": name, "as_of": as_of}, content), self._limits.seconds)
            self.rss_mb = float(answer["rss_mb"])
            result = ParseResult.from_dict(answer["result"])
        except WorkerTooSlow:
            self.close()
            return ParseResult.failed(Outcome.TOO_SLOW, name=name, size=len(content))
        except (WorkerDied, KeyError, TypeError, ValueError, AttributeError):
            self.close()
            return ParseResult.failed(Outcome.CRASHED, name=name, size=len(content))
        if result.outcome in (Outcome.TOO_MUCH_MEMORY, Outcome.CRASHED):
            self.close()
        return result

    def close(self) -> None:
        """Ends it at once, and with it the programs that it has started: it leads a group of its own."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)

    def exchange(self, request: bytes, seconds: float) -> dict[str, Any]:
        import json

        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        os.set_blocking(stdin.fileno(), False)
        os.set_blocking(stdout.fileno(), False)
        until = time.monotonic() + seconds
        received = bytearray()
        left = memoryview(request)
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            selector.register(stdin, selectors.EVENT_WRITE)
            while True:
                ready = selector.select(max(0.0, until - time.monotonic()))
                if not ready:
                    raise WorkerTooSlow
                for key, _ in ready:
                    if key.fileobj is stdin:
                        left = self._write(stdin.fileno(), left)
                        if not left:
                            selector.unregister(stdin)
                    else:
                        received += self._read(stdout.fileno())
                if (answer := _complete(received)) is not None:
                    found: dict[str, Any] = json.loads(answer)
                    return found
                if time.monotonic() > until:
                    raise WorkerTooSlow

    @staticmethod
    def _write(handle: int, left: memoryview) -> memoryview:
        try:
            return left[os.write(handle, left[:65_536]) :]
        except BlockingIOError:
            return left
        except OSError as error:
            raise WorkerDied from error

    @staticmethod
    def _read(handle: int) -> bytes:
        try:
            part = os.read(handle, 1 << 18)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise WorkerDied from error
        if not part:
            raise WorkerDied
        return part


def _complete(received: bytearray) -> bytes | None:
    if len(received) < HEAD.size:
        return None
    length, _ = HEAD.unpack_from(received)
    if length > _LONGEST_ANSWER:
        raise WorkerDied
    return bytes(received[HEAD.size : HEAD.size + length]) if len(received) >= HEAD.size + length else None
