"""What is measured must not fail for its being measured."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import structlog


@contextlib.contextmanager
def never_raising(what: str) -> Iterator[None]:
    """Logs an error instead of passing it on: its kind alone, as its text may hold anything."""
    try:
        yield
    except Exception as error:
        structlog.get_logger(__name__).warning("monitoring failed", what=what, error=type(error).__name__)
