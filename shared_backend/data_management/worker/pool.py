"""Some worker processes, warm and used again. Threads of portals and of jobs share a pool."""

from __future__ import annotations

import contextlib
import threading

from shared_backend.data_management.documents.errors import Outcome
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.parse_result import ParseResult
from shared_backend.data_management.worker.process import WorkerDied, WorkerProcess, WorkerTooSlow


class WorkerPool:
    """At most `size` processes, each started when it is first needed; further callers wait their turn."""

    def __init__(self, size: int = 1, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.peak_rss_mb = 0.0
        self._free = threading.BoundedSemaphore(max(1, size))
        self._idle: list[WorkerProcess] = []
        self._lock = threading.Lock()
        self._closed = False

    def parse(self, content: bytes, name: str, as_of: str | None = None) -> ParseResult:
        """Parses in a worker. What a document does to its worker is its own outcome, and no one else's."""
        if len(content) > self.limits.file_bytes:
            detail = f"{len(content) / 1e6:,.1f} MB; {self.limits.file_bytes / 1e6:,.0f} MB are read"
            return ParseResult.failed(Outcome.TOO_LARGE, detail, name=name, size=len(content))
        with self._free:
            worker = self._take()
            if worker is None:
                return ParseResult.failed(
                    Outcome.CRASHED, "the reader could not be started", name=name, size=len(content)
                )
            try:
                return worker.parse(content, name, as_of)
            finally:
                self._give_back(worker)

    def warm(self) -> None:
        """Starts one worker ahead of the first document."""
        with self._free:
            if (worker := self._take()) is not None:
                self._give_back(worker)

    def _take(self) -> WorkerProcess | None:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is not None and not worker.worn:
            return worker
        if worker is not None:
            worker.close()
        with contextlib.suppress(WorkerDied, WorkerTooSlow):
            return WorkerProcess(self.limits)
        return None

    def _give_back(self, worker: WorkerProcess) -> None:
        self.peak_rss_mb = max(self.peak_rss_mb, worker.rss_mb)
        with self._lock:
            keep = not worker.worn and not self._closed
            if keep:
                self._idle.append(worker)
        if not keep:
            worker.close()

    def close(self) -> None:
        """Ends the idle ones now, and busy ones when they are done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()
