"""What the primary really holds, and everything that ever happened to it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared_backend.cloud.contract import BlobInfo, Condition
from shared_backend.cloud.errors import CloudAlreadyExists, CloudNotFound, CloudPrecondition

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Change:
    """One change of one object. `by` is `us` or `other`, `context` what we were doing; None: no object."""

    by: str
    context: str
    path: str
    before: bytes | None
    after: bytes | None


class Bucket:
    """A server like S3: atomic, conditional, strongly consistent. `before_call` lets somebody else go first."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[BlobInfo, bytes]] = {}
        self.flipped: set[str] = set()
        self.changes: list[Change] = []
        self.context = ""
        self.on_change: Callable[[Change], None] = lambda _change: None
        self._numbers = itertools.count(1)

    def objects(self) -> dict[str, bytes]:
        """What it holds, as it was stored."""
        return {path: content for path, (_info, content) in self.held.items()}

    def put(
        self,
        by: str,
        path: str,
        content: bytes,
        condition: Condition,
        metadata: Mapping[str, str],
        content_type: str = "",
    ) -> BlobInfo:
        """Stores, when the condition holds."""
        found = self.held.get(path)
        if condition.kind == "absent" and found:
            raise CloudAlreadyExists()
        self._require(path, condition)
        number = next(self._numbers)
        digest = hashlib.sha256(content).hexdigest()
        at = _EPOCH + timedelta(seconds=number)
        info = BlobInfo(path, len(content), digest, content_type, dict(metadata), f"e{number}", at)
        self.held[path] = (info, content)
        self.flipped.discard(path)
        self._changed(Change(by, self.context, path, found[1] if found else None, content))
        return info

    def delete(self, by: str, path: str, condition: Condition) -> None:
        """Removes, when the condition holds."""
        if path not in self.held:
            raise CloudNotFound()
        self._require(path, condition)
        _info, content = self.held.pop(path)
        self.flipped.discard(path)
        self._changed(Change(by, self.context, path, content, None))

    def read(self, path: str) -> tuple[BlobInfo, bytes]:
        """An object as it lies there, flipped bits and all."""
        if path not in self.held:
            raise CloudNotFound()
        info, content = self.held[path]
        return info, flipped(content, len(content) // 2) if path in self.flipped else content

    def _require(self, path: str, condition: Condition) -> None:
        found = self.held.get(path)
        if condition.kind == "etag" and (found is None or found[0].etag != condition.etag):
            raise CloudPrecondition()

    def _changed(self, change: Change) -> None:
        self.changes.append(change)
        self.on_change(change)


def flipped(content: bytes, at: int) -> bytes:
    """With one bit changed."""
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
