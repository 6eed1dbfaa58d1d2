"""A circuit breaker: keeps calls away from a provider that is failing, and lets exactly one through to see.

No lock around healthy calls: pybreaker's made 50 calls of 0.2 s take 10 s (measured); purgatory and circuitbreaker let
all 50 threads through at half-open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "half_open"]


@dataclass(frozen=True)
class BreakerInfo:
    """How a breaker stands. `retry_in_s`: until a probe is let through, 0 when it is now."""

    state: State
    failures: int
    retry_in_s: float
    last_error: str


class Breaker:
    """Opens after `threshold` failures in a row; `cool_s` later one call may probe; twice as long after a failed probe.

    Use: `allow()` before the call, then `succeeded()` or `failed()`. Who was allowed must report.
    """

    def __init__(
        self,
        *,
        threshold: int = 3,
        cool_s: float = 5.0,
        most_cool_s: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = threshold
        self._cool_s = cool_s
        self._most_cool_s = most_cool_s
        self._clock = clock
        self._lock = threading.Lock()
        self._state: State = "closed"
        self._failures = 0
        self._opened_for = cool_s
        self._opened_at = 0.0
        self._last_error = ""

    def allow(self) -> bool:
        """Whether a call may go out now. While closed this reads one attribute and takes no lock."""
        if self._state == "closed":
            return True
        with self._lock:
            state: State = self._state
            if state == "closed":
                return True
            if state == "half_open" or self._clock() - self._opened_at < self._opened_for:
                return False
            self._state = "half_open"
            return True

    def allow_retry(self) -> bool:
        """Whether it makes sense to try again: not once it has opened."""
        return self._state == "closed"

    def succeeded(self) -> None:
        """The call was answered, be it with an error that means that the provider is well."""
        if self._state == "closed" and not self._failures:
            return
        with self._lock:
            self._state, self._failures, self._opened_for, self._last_error = "closed", 0, self._cool_s, ""

    def failed(self, error: str, *, wait_s: float | None = None) -> None:
        """The call failed in a way that says that the provider is not well. `wait_s`: it asked for that long."""
        with self._lock:
            self._failures += 1
            self._last_error = error
            if self._state == "half_open":
                self._open(min(self._opened_for * 2, self._most_cool_s), wait_s)
            elif self._failures >= self._threshold or wait_s:
                self._open(self._cool_s, wait_s)

    def released(self) -> None:
        """The call was given up without an answer either way (the caller's own fault): the next may probe."""
        with self._lock:
            if self._state == "half_open":
                self._state = "open"

    def info(self) -> BreakerInfo:
        """How it stands."""
        with self._lock:
            left = 0.0
            if self._state == "open":
                left = max(0.0, self._opened_for - (self._clock() - self._opened_at))
            return BreakerInfo(self._state, self._failures, round(left, 1), self._last_error)

    def reset(self) -> None:
        """Closes it, by an operator's hand."""
        with self._lock:
            self._state, self._failures, self._opened_for, self._last_error = "closed", 0, self._cool_s, ""

    def _open(self, cool_s: float, wait_s: float | None) -> None:
        self._state, self._opened_at = "open", self._clock()
        # An hour's Retry-After is believed up to a limit: the provider may be well again long before.
        self._opened_for = max(cool_s, min(wait_s or 0.0, self._most_cool_s))
