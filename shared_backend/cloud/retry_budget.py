"""A budget of retries: when everything fails, trying everything again would only double the load on what is down."""

from __future__ import annotations

import threading


class RetryBudget:
    """Each call earns a part of a retry; a retry costs one: retries stay below `share` of the calls, plus a reserve."""

    def __init__(self, *, share: float = 0.2, reserve: float = 5.0) -> None:
        self._share = share
        self._most = reserve
        self._tokens = reserve
        self._lock = threading.Lock()

    def earn(self) -> None:
        """A call is made."""
        if self._tokens < self._most:
            with self._lock:
                self._tokens = min(self._most, self._tokens + self._share)

    def spend(self) -> bool:
        """Takes one retry; False when there is none left."""
        with self._lock:
            if self._tokens < 1.0:
                return False
            self._tokens -= 1.0
            return True
