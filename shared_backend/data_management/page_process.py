"""The process that draws pages, from the parent's side: started when a page is first looked at, ended when idle."""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from typing import Any

from shared_backend.data_management.documents.errors import MESSAGES, Outcome
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.reading import PageLook, Place
from shared_backend.data_management.worker.frames import packed
from shared_backend.data_management.worker.process import WorkerDied, WorkerProcess, WorkerTooSlow
from shared_backend.utils.exception_handler import InvalidInput

_SECONDS = 20.0
_IDLE_S = 120.0


class PageProcess(WorkerProcess):
    """One process. Not for two threads at once."""

    module = "shared_backend.data_management.page_child"

    def look(self, content: bytes, name: str, page: int, places: Sequence[Place]) -> dict[str, Any]:
        """Its answer. Raises WorkerDied and WorkerTooSlow."""
        self._begun += 1
        header = {"name": name, "page": page, "places": [list(place) for place in places]}
        return self.exchange(packed(header, content), _SECONDS)


class Pages:
    """Draws pages for the threads of this process, one after the other."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._process: PageProcess | None = None
        self._timer: threading.Timer | None = None

    def look(self, content: bytes, name: str, page: int, places: Sequence[Place]) -> PageLook:
        """A page. Raises InvalidInput where it can't be drawn."""
        with self._lock:
            try:
                answer = self._started().look(content, name, page, places)
            except WorkerTooSlow as error:
                self._end()
                raise InvalidInput(MESSAGES[Outcome.TOO_SLOW]) from error
            except (WorkerDied, ValueError) as error:
                self._end()
                raise InvalidInput("This page can't be drawn.") from error
            self._end_when_idle()
        if "problem" in answer:
            raise InvalidInput(str(answer["problem"]))
        png = base64.b64decode(answer["png"]) if answer["png"] else None
        marks = tuple((int(start), int(end)) for start, end in answer["marks"])
        return PageLook(int(answer["page"]), int(answer["pages"]), png, str(answer["text"]), marks)

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._end()

    def _started(self) -> PageProcess:
        if self._process is not None and self._process.worn:
            self._end()
        if self._process is None:
            self._process = PageProcess(self._limits)
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if self._timer is not None:
            self._timer.cancel()
        if process is not None:
            process.close()

    def _end_when_idle(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(_IDLE_S, self.close)
        self._timer.daemon = True
        self._timer.start()
