"""How a run ends: what its job is after success, a wish, an error, or the death of its worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared_backend.jobs.errors import RetryLater
from shared_backend.jobs.job import Job
from shared_backend.jobs.kinds import JobKind
from shared_backend.jobs.run import JobRun
from shared_backend.utils.exception_handler import IntelliCVError

_LONGEST = 1_000


@dataclass(frozen=True)
class Ending:
    """The state after a run; `lost` where the job is another run's by now. `pause_s` or `due_at` until the next."""

    state: str
    result: Any = None
    error: str | None = None
    due_at: datetime | None = None
    pause_s: float = 0.0
    is_error: bool = False
    unforeseen: bool = False

    def as_wished(self, wish: str | None) -> tuple[str, datetime | None]:
        """The state, and when the next run is due (None: at once), for what is wished of the job by now: it may go on
        all the same, or stop after all. Success and failure are what they are."""
        if self.state not in ("waiting", "paused", "cancelled"):
            return self.state, None
        if wish in ("pause", "cancel"):
            return after_stop(wish).state, None
        return "waiting", self.due_at


def after_stop(reason: str) -> Ending:
    """After somebody's wish, at which the handler stopped."""
    match reason:
        case "cancel":
            return Ending("cancelled")
        case "pause":
            return Ending("paused")
        case "shutdown":
            return Ending("waiting")
        case _:
            return Ending("lost")


def after_error(error: BaseException, run: JobRun, kind: JobKind, *, now: datetime, spread: float) -> Ending:
    """After an error: waiting again where another try makes sense and is left, else failed; where somebody wants it to
    end anyway, as they want it. `spread` keeps many that fail at once from coming back at once."""
    words = _words(error, run.job)
    unforeseen = not isinstance(error, IntelliCVError)
    if run.reason == "lost":
        return Ending("lost", unforeseen=unforeseen)
    if run.reason in ("cancel", "pause"):
        return Ending(after_stop(run.reason).state, error=words, is_error=True, unforeseen=unforeseen)
    tried = run.job.attempts + 1
    if isinstance(error, Exception) and kind.may_retry(error):
        if tried < kind.tries:
            after_s = error.after_s if isinstance(error, RetryLater) else None
            pause_s = after_s if after_s is not None else kind.pause_s(tried) * spread
            return Ending("waiting", error=words, due_at=now + timedelta(seconds=pause_s), is_error=True)
        words = f"Tried {tried:,} times. {words}"
    return Ending("failed", error=words, is_error=True, unforeseen=unforeseen)


def after_crash(job: Job, kind: JobKind | None) -> Ending:
    """After its worker has died."""
    if job.wish in ("cancel", "pause"):
        return after_stop(job.wish)
    crashed = job.crashes + 1
    most = kind.crashes if kind else 3
    if crashed >= most:
        words = (
            f"The process that ran it ended {crashed:,} times while it was at it, so it is not tried again by itself. "
            "See what the worker wrote last, then retry it."
        )
        return Ending("failed", error=words, is_error=True)
    pause_s = kind.pause_s(crashed - 1) if kind and crashed > 1 else 0.0
    return Ending("waiting", pause_s=pause_s, error="The process that ran it has ended. It goes on where it was.")


def _words(error: BaseException, job: Job) -> str:
    """What a person reads. What is not one of our errors may hold anything, so only its kind is named."""
    if isinstance(error, IntelliCVError):
        return str(error)[:_LONGEST]
    return (
        f"Something went wrong that was not foreseen ({type(error).__name__}). The worker's log has it under "
        f"{job.correlation_id}."
    )
