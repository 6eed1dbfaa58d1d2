"""`intellicv worker`: background jobs, and the housekeeping that belongs to no portal."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType

import structlog
import typer

from shared_backend.jobs.runner import JobRunner
from shared_backend.lockstep.watcher import Batch
from shared_backend.utils.logging_config import configure_logging, correlation_scope

app = typer.Typer(help="Run background jobs and the housekeeping.")


@dataclass
class Task:
    """Something to do now and then. A failure is logged and tried again after its interval, at most a minute."""

    name: str
    interval_s: float
    work: Callable[[], object]
    due_at: float = 0.0
    failures: int = 0

    def run(self, now: float) -> None:
        log = structlog.get_logger(__name__)
        with correlation_scope():
            try:
                self.work()
            except Exception as error:
                self.failures += 1
                # The whole story once; a database that is away for an hour need not fill the disk with it.
                log.warning(
                    "a task failed",
                    task=self.name,
                    failures=self.failures,
                    error=type(error).__name__,
                    exc_info=self.failures == 1,
                )
            else:
                if self.failures:
                    log.info("a task works again", task=self.name, failures=self.failures)
                self.failures = 0
        self.due_at = now + (min(self.interval_s, 60.0) if self.failures else self.interval_s)


class Worker:
    """Runs its tasks one after the other, each when it is due, until it is stopped."""

    def __init__(self, tasks: Sequence[tuple[str, float, Callable[[], object]]]) -> None:
        self.tasks = [Task(name, interval_s, work) for name, interval_s, work in tasks]
        self._stopped = threading.Event()

    def run(self) -> None:
        """Blocks until `stop()`; a task that is under way is let finish."""
        while not self._stopped.is_set():
            now = time.monotonic()
            for task in self.tasks:
                if task.due_at <= now and not self._stopped.is_set():
                    task.run(time.monotonic())
            nearest = min((task.due_at for task in self.tasks), default=now + 60.0)
            self._stopped.wait(max(0.05, nearest - time.monotonic()))

    def stop(self) -> None:
        """Asks for the end, from any thread or signal handler."""
        self._stopped.set()


@app.command()
def run() -> None:
    """Run background jobs and the housekeeping: trimming, canaries, expired sessions, checkpoints."""
    from shared_backend.config.backend_config import load_settings
    from shared_backend.services.backend import Backend

    settings = load_settings()
    configure_logging(settings)
    backend = Backend.open(settings, portal="worker")
    backend.start()
    runner = backend.jobs.runner()
    backend.watcher.add_listener(partial(_hint, runner))
    try:
        runner.start()
        worker = Worker(backend.housekeeping())

        def on_signal(number: int, frame: FrameType | None) -> None:
            worker.stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, on_signal)
        worker.run()
    finally:
        # Within the six seconds that the supervisor gives, with time left to sign off.
        runner.stop(within_s=3.0)
        backend.close()


def _hint(runner: JobRunner, batch: Batch) -> None:
    """The log tells of a job that was asked for, or of a wish, some milliseconds after the commit."""
    if batch.resync or any(event.kind == "job" for event in batch.events):
        runner.hint()
