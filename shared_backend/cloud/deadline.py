"""One total deadline over SDK, retry and failover.

The SDKs' timeouts are per read, never total: a server that drips four bytes a second holds a call with a one-second
timeout for as long as it likes. So every provider asks the deadline between chunks, and sets what is left on each call.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from shared_backend.cloud.errors import CloudTimeout

# Below this there is no sense in beginning a network call.
_LEAST_S = 0.02


class Deadline:
    """A moment by which the whole operation has answered. Monotonic; threads may share it."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.started = clock()
        self.seconds = seconds
        self._end = self.started + seconds

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - self._clock())

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since it began."""
        return round((self._clock() - self.started) * 1000, 1)

    def check(self, provider: str = "") -> None:
        """Raises CloudTimeout when it has passed."""
        if self.left <= _LEAST_S:
            raise CloudTimeout(f"No answer within {self.seconds:g} s.", provider=provider)

    def slice(self, share: float) -> Deadline:
        """A deadline of its own for one attempt, with that share of what is left."""
        return Deadline(self.left * share, clock=self._clock)
