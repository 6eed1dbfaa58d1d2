"""What keeps a running product tidy, and how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

# Seconds between runs.
INTERVALS: Mapping[str, float] = {
    "canary": 30.0,
    "trim_log": 60.0,
    "prune_acknowledgements": 600.0,
    "forget_processes": 600.0,
    "prune_sessions": 3_600.0,
    "prune_idempotency": 3_600.0,
    "prune_jobs": 600.0,
    "prune_clouds": 3_600.0,
    "checkpoint": 300.0,
}


class Task(NamedTuple):
    """One recurring piece of work; `run` is idempotent and short."""

    name: str
    interval_s: float
    run: Callable[[], Any]


def tasks(actions: Mapping[str, Callable[[], Any]]) -> list[Task]:
    """The actions with their intervals."""
    return [Task(name, INTERVALS[name], action) for name, action in actions.items()]
