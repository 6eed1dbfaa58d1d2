"""A job as it is read: its state, and how it gets on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role

STATES = ("running", "waiting", "paused", "failed", "cancelled", "done")
OPEN = ("waiting", "running", "paused")
ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Job:
    """One job; see JobRow for the columns. `attempts` counts tries that ended in an error, `crashes` workers that died
    at it; both begin anew when a person retries."""

    id: str
    kind: str
    job_key: str | None
    payload: dict[str, Any]
    state: str
    wish: str | None
    actor_id: str
    actor_name: str
    actor_role: str
    source: str
    correlation_id: str
    due_at: datetime
    claim: str | None
    beats: int
    attempts: int
    crashes: int
    progress_done: int
    progress_total: int | None
    progress_unit: str
    progress_words: str
    progress_at: datetime | None
    run_at: datetime | None
    run_from: int
    ran_s: float
    result: dict[str, Any] | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def actor(self) -> Actor:
        """Who asked for it, with the role they had then."""
        return Actor(self.actor_id, Role(self.actor_role), self.actor_name)

    @property
    def is_open(self) -> bool:
        """Whether it has yet to end."""
        return self.state in OPEN

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None where the total is not known."""
        if not self.progress_total:
            return None
        return min(max(self.progress_done / self.progress_total, 0.0), 1.0)

    @property
    def rate(self) -> float | None:
        """Units a second in this run; None until something was done."""
        if self.run_at is None or self.progress_at is None:
            return None
        seconds = (self.progress_at - self.run_at).total_seconds()
        gained = self.progress_done - self.run_from
        return gained / seconds if seconds > 0 and gained > 0 else None

    @property
    def left_s(self) -> float | None:
        """Seconds left at that rate; None where nothing can be said."""
        rate = self.rate
        if self.state != "running" or rate is None or not self.progress_total:
            return None
        return max(self.progress_total - self.progress_done, 0) / rate


@dataclass(frozen=True)
class Step:
    """A step that is done for good, and the seconds that it took."""

    name: str
    number: int
    value: Any
    took_s: float
    at: datetime
