"""What an operation on a provider answers, with where it landed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """A value and how it came about.

    `provider` answered. `degraded`: not the primary. `durable_at`: the providers that hold what was written.
    `pending_sync`: it has yet to be carried to the primary. `attempts` counts calls over all providers.
    `notes` says in words what went otherwise than planned (which check failed, a stale copy, …).
    """

    value: T
    provider: str
    degraded: bool = False
    durable_at: tuple[str, ...] = ()
    pending_sync: bool = False
    attempts: int = 1
    elapsed_ms: float = 0.0
    notes: tuple[str, ...] = ()

    def with_value(self, value: U) -> Outcome[U]:
        """The same story about another value."""
        return replace(self, value=value)  # type: ignore[return-value, arg-type]
