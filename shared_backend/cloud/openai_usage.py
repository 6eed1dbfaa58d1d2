"""Tokens as OpenAI's protocol tells them: with a whole answer, and at the end of one in pieces when asked for."""

from __future__ import annotations

from typing import Any

from shared_backend.cloud.contract import Usage


def with_usage() -> dict[str, Any]:
    """What asks a stream to say at its end what it took. Servers that do not know it pass it over."""
    return {"stream_options": {"include_usage": True}}


def usage_of(answer: Any, before: Usage = Usage()) -> Usage:  # noqa: B008  (frozen)
    """The tokens that an answer or a piece of one tells; `before` where it tells none."""
    found = getattr(answer, "usage", None)
    told = Usage(_count(found, "prompt_tokens"), _count(found, "completion_tokens"))
    return before if told == Usage() else told


def _count(usage: Any, name: str) -> int | None:
    found = getattr(usage, name, None)
    # Some servers tell 0 of what they do not count.
    return found if isinstance(found, int) and found > 0 else None
