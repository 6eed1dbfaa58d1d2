"""The time of day, as something that can be handed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Now, aware and in UTC. For people to read and for expiry: no order or outcome may depend on it."""
    return datetime.now(UTC)
