"""Calls to providers under one deadline: breaker, retry within a budget, and failover for errors that may."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from shared_backend.cloud.breaker import Breaker, BreakerInfo
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudCorrupted,
    CloudError,
    CloudOtherFolder,
    CloudSpoolFull,
    CloudTooMuch,
    CloudUnavailable,
)
from shared_backend.cloud.outcome import Outcome
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.retry_budget import RetryBudget
from shared_backend.cloud.use import UseRecorder

T = TypeVar("T")
# What the primary may take of a deadline while a fallback waits behind it.
_PRIMARY_SHARE = 0.7
_MOST_RETRIES = 2
# What the next moment does not mend.
_LASTING = frozenset({"cloud_not_configured", "cloud_other_folder", "cloud_spool_full"})
# What says nothing of the provider: it is our disk, our folder, or our patience.
_OURS = (CloudSpoolFull, CloudOtherFolder, CloudTooMuch)


@dataclass
class Tally:
    """What a provider's capability has done in this process."""

    calls: int = 0
    failures: int = 0
    total_ms: float = 0.0
    slowest_ms: float = 0.0
    recent_ms: list[float] = field(default_factory=list)

    def add(self, elapsed_ms: float, *, failed: bool) -> None:
        """Counts one call."""
        self.calls += 1
        self.failures += failed
        self.total_ms += elapsed_ms
        self.slowest_ms = max(self.slowest_ms, elapsed_ms)
        self.recent_ms = [*self.recent_ms[-199:], elapsed_ms]


class Caller:
    """Makes the calls of all capabilities, and remembers how the providers do."""

    def __init__(
        self,
        providers: ProviderRegister,
        *,
        breaker: Callable[[], Breaker] = Breaker,
        recorder: UseRecorder | None = None,
    ) -> None:
        self.providers = providers
        self._new_breaker = breaker
        self._recorder = recorder
        self._lock = threading.Lock()
        self._breakers: dict[tuple[str, Capability], Breaker] = {}
        self._budgets: dict[str, RetryBudget] = {}
        self._tallies: dict[tuple[str, Capability], Tally] = {}
        self._log = structlog.get_logger(__name__)

    def on_one(
        self,
        name: str,
        capability: Capability,
        call: Callable[[Any, Deadline], T],
        deadline: Deadline,
        *,
        retry: bool = True,
    ) -> tuple[T, int]:
        """Calls one provider, again after a pause where that may help; answers the value and the number of attempts.

        Raises the last CloudError; CloudUnavailable at once while its breaker is open. `retry=False`: for what must not
        be done twice.
        """
        breaker, budget = self.breaker(name, capability), self._budget(name)
        budget.earn()
        attempts = 0
        while True:
            attempts += 1
            try:
                return self._attempt(name, capability, call, deadline, breaker), attempts
            except CloudError as error:
                pause = self._pause(error, attempts, deadline)
                ambiguous = error.ambiguous or not retry
                if pause is None or ambiguous or not breaker.allow_retry() or not budget.spend():
                    error.attempts = attempts
                    raise
                time.sleep(pause)

    def either(
        self,
        primary: str,
        fallback: str | None,
        capability: Capability,
        call: Callable[[Any, Deadline], T],
        deadline: Deadline,
    ) -> Outcome[T]:
        """Calls the primary, and the fallback for errors that may fail over. For reads and for what keeps no state."""
        attempts = 0
        try:
            first = deadline.slice(_PRIMARY_SHARE) if fallback else deadline
            value, attempts = self.on_one(primary, capability, call, first)
            return Outcome(value, primary, attempts=attempts, elapsed_ms=deadline.elapsed_ms)
        except CloudError as error:
            attempts += error.attempts
            if fallback is None or not error.may_fail_over:
                raise
            reason = f"{primary}: {error}"
        self._log.warning("cloud.failover", capability=str(capability), provider=primary, to=fallback)
        value, more = self.on_one(fallback, capability, call, deadline)
        return Outcome(
            value,
            fallback,
            degraded=True,
            attempts=attempts + more,
            elapsed_ms=deadline.elapsed_ms,
            notes=(reason,),
        )

    def breaker(self, name: str, capability: Capability) -> Breaker:
        """The breaker of a provider's capability."""
        found = self._breakers.get((name, capability))
        if found is None:
            with self._lock:
                found = self._breakers.setdefault((name, capability), self._new_breaker())
        return found

    def breakers(self) -> dict[tuple[str, Capability], BreakerInfo]:
        """How all breakers stand."""
        return {key: breaker.info() for key, breaker in list(self._breakers.items())}

    def tally(self, name: str, capability: Capability) -> Tally:
        """What a provider's capability has done in this process."""
        with self._lock:
            return self._tallies.setdefault((name, capability), Tally())

    def _attempt(
        self,
        name: str,
        capability: Capability,
        call: Callable[[Any, Deadline], T],
        deadline: Deadline,
        breaker: Breaker,
    ) -> T:
        if not breaker.allow():
            info = breaker.info()
            raise CloudUnavailable(
                f"{name} has failed {info.failures} times and is left alone for {info.retry_in_s:.0f} s: "
                f"{info.last_error}",
                provider=name,
            )
        begin = time.monotonic()
        try:
            deadline.check(name)
            value = call(self.providers.get(name).offer(capability), deadline)
        except CloudError as error:
            ours = isinstance(error, _OURS)
            self._note(name, capability, begin, failed=error.may_fail_over and not ours)
            error.provider = error.provider or name
            if ours or isinstance(error, CloudCorrupted):
                # One damaged object says nothing of the others, and what is ours nothing of any provider: neither must
                # shut it out.
                breaker.released()
            elif error.may_fail_over:
                breaker.failed(str(error), wait_s=error.retry_after_s)
            else:
                breaker.succeeded()
            raise
        except BaseException:
            breaker.released()
            raise
        self._note(name, capability, begin, failed=False)
        breaker.succeeded()
        return value

    def _note(self, name: str, capability: Capability, begin: float, *, failed: bool) -> None:
        elapsed_ms = (time.monotonic() - begin) * 1000
        self.tally(name, capability).add(elapsed_ms, failed=failed)
        if self._recorder is not None:
            self._recorder.call(name, capability, elapsed_ms, failed=failed)

    def failed_in_the_middle(self, name: str, capability: Capability, error: CloudError) -> None:
        """Counts a failure of what had begun well: a stream that broke off."""
        if error.may_fail_over:
            self._note(name, capability, time.monotonic(), failed=True)
            self.breaker(name, capability).failed(str(error), wait_s=error.retry_after_s)

    def _pause(self, error: CloudError, attempts: int, deadline: Deadline) -> float | None:
        """Seconds until it makes sense to try again; None: it does not, or not within the deadline."""
        if not error.may_fail_over or attempts > _MOST_RETRIES or type(error).code in _LASTING:
            return None
        pause = error.retry_after_s if error.retry_after_s is not None else random.uniform(0, 0.1 * 2**attempts)
        return pause if pause < deadline.left * 0.5 else None

    def _budget(self, name: str) -> RetryBudget:
        found = self._budgets.get(name)
        if found is None:
            with self._lock:
                found = self._budgets.setdefault(name, RetryBudget())
        return found
