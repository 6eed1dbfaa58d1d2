"""The kinds of jobs that the product has. Adding one: a function here, or in a file of its own, and a line in
`job_register`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from shared_backend.jobs.errors import RetryLater
from shared_backend.jobs.kinds import Handler, JobKind, JobRegister, Recurring
from shared_backend.jobs.run import JobRun
from shared_backend.utils.clock import Clock, utc_now

RECONCILE = "cloud.reconcile"
_RECONCILE_EVERY_S = 15.0
# A cloud that is away for a week is asked for a week; a person can cancel it.
_UNTIL_IT_IS_BACK = 1_000_000
# Younger intents belong to writes that are under way.
_INTENT_S = 60.0


class Reconciling(Protocol):
    """What the job needs of the clouds' reconciler."""

    def run(self, *, on_progress: Callable[[Any], None], keep_going: Callable[[], bool]) -> Any:
        """Goes through the journal once; see shared_backend/cloud/reconcile.py."""


def job_register(reconciler: Callable[[], Reconciling], *, clock: Clock = utc_now) -> JobRegister:
    """All kinds, with what recurs. `reconciler` is asked for when it is first needed."""
    register = JobRegister()
    register.add(
        JobKind(
            RECONCILE,
            "Carry files to the primary cloud",
            _reconcile(reconciler),
            at_once=1,
            tries=_UNTIL_IT_IS_BACK,
            backoff_s=5.0,
            backoff_most_s=30.0,
        )
    )
    register.every(Recurring(RECONCILE, _RECONCILE_EVERY_S, when=lambda connection: has_entries(connection, clock())))
    return register


def has_entries(connection: Connection, now: datetime) -> bool:
    """Whether the journal holds what can be carried now."""
    # Only a worker looks; a portal that asks for no cloud need not import them.
    from shared_backend.cloud import journal

    settled_by_now = now - timedelta(seconds=_INTENT_S)
    return any(
        entry.state == "pending" or entry.updated_at < settled_by_now
        for entry in journal.open_entries(connection, limit=100)
    )


def _reconcile(reconciler: Callable[[], Reconciling]) -> Handler:
    def handler(run: JobRun, _payload: dict[str, Any]) -> dict[str, Any]:
        def told(progress: Any) -> None:
            words = f"{progress.conflicts:,} kept beside somebody else's" if progress.conflicts else ""
            run.progress(progress.done, progress.total, unit="files", words=words)

        # The journal is its own record of what is done, so the run as a whole is no step.
        progress = reconciler().run(on_progress=told, keep_going=run.keep_going)
        run.check()
        if getattr(progress, "busy", False):
            raise RetryLater("The files are being carried by somebody else just now.")
        if progress.failed:
            raise RetryLater(f"The primary cloud does not take the files yet. {progress.last_error}".strip())
        counted = ("total", "synced", "conflicts", "superseded", "voided")
        return {name: getattr(progress, name) for name in counted}

    return handler
