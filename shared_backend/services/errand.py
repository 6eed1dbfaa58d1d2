"""Something that takes a while, done beside a page that goes on: how far it is, what came of it, what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from shared_backend.utils.exception_handler import IntelliCVError

T = TypeVar("T")


class Errand(Generic[T]):
    """One run on a thread of its own. The page keeps it for the person who began it, and reads it as often as it likes;
    a closed page forgets it, and the work still ends well."""

    def __init__(self, name: str, work: Callable[[Errand[T]], T], *, total: int = 0) -> None:
        self.name = name
        self.total = total
        self.done = 0
        self.result: T | None = None
        self.problem = ""
        self._wanted = True
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._work = work
        threading.Thread(target=self._run, name=f"errand-{name}", daemon=True).start()

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return not self._over.is_set()

    @property
    def share(self) -> float:
        """0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def wanted(self) -> bool:
        """Whether nobody has asked it to stop; the work looks at this between its steps."""
        return self._wanted

    def step(self) -> None:
        """One more is done. From any thread."""
        with self._lock:
            self.done += 1

    def stop(self) -> None:
        """Asks it to stop after the step that it is at."""
        self._wanted = False

    def wait(self, seconds: float) -> bool:
        """Waits for its end, for scripts and tests; whether it has come."""
        return self._over.wait(seconds)

    def _run(self) -> None:
        try:
            self.result = self._work(self)
        except IntelliCVError as error:
            self.problem = str(error)
        except Exception as error:
            structlog.get_logger(__name__).error("errand.failed", name=self.name, exc_info=error)
            self.problem = "Something went wrong on our side. The log says what."
        finally:
            self._over.set()
