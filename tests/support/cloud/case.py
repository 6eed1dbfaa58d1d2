"""What a provider brings to the contract suite.

A module `tests/support/cloud/<provider>.py` has `CASES: tuple[Case, ...]`. It is imported when tests are collected, so
it imports SDKs and servers inside functions only. A case opens once a session; tests keep apart by their own names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared_backend.cloud.contract import Capability, Provider


def _not_offered(*_given: object) -> Any:
    raise NotImplementedError("this case does not offer the capability that needs this")


@dataclass(frozen=True)
class Opened:
    """A provider that is ready, and what the suite does to it from outside."""

    provider: Provider
    # Changes one byte of a stored blob's content behind the provider's back; everything about it stays as it was.
    flip_byte: Callable[[str], object] = _not_offered
    # What somebody without credentials gets from a link; raises PermissionError where it is refused.
    follow: Callable[[str], bytes] = _not_offered
    # The names of metrics, events and traces that have arrived and begin so; waits for those under way.
    monitored: Callable[[str], set[str]] = _not_offered


@dataclass(frozen=True)
class Case:
    """One way in which a provider can be set up; `capabilities` are those that the suite tries on it."""

    name: str
    capabilities: frozenset[Capability]
    # Gets a folder of its own; raises `pytest.skip` or fails through tests.support.missing for want of a tool.
    open: Callable[[Path], AbstractContextManager[Opened]]


ALL = frozenset(Capability)
