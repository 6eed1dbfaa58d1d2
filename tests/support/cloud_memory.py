"""A provider in memory that can be made to fail: the fake that comes with the seam."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO

from shared_backend.cloud.contract import BlobInfo, BlobPage, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudAlreadyExists, CloudError, CloudInvalid, CloudNotFound, CloudPrecondition


class MemoryProvider:
    """Blobs in a dictionary. `fail_next` raises before the write, `lose_answer` after it; `away` fails everything."""

    def __init__(self, name: str) -> None:
        self.name = self.provider = name
        self.objects: dict[str, tuple[BlobInfo, bytes]] = {}
        self.away: CloudError | None = None
        self.fail_next: list[CloudError] = []
        self.lose_answer: list[CloudError] = []
        self.calls = 0
        self._lock = threading.Lock()

    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.BLOBS})

    def offer(self, capability: Capability) -> Any:
        if capability is not Capability.BLOBS:
            raise CloudInvalid(f"{self.name} has no {capability}.")
        return self

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        self._maybe_fail()
        return "in memory"

    def put(
        self,
        path: str,
        data: BinaryIO,
        *,
        size: int,
        sha256: str,
        content_type: str,
        metadata: Mapping[str, str],
        condition: Condition,
        deadline: Deadline,
    ) -> BlobInfo:
        self._maybe_fail()
        content = data.read()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, sha256)
        with self._lock:
            self._require(path, condition)
            info = BlobInfo(path, size, sha256, content_type, dict(metadata), uuid.uuid4().hex, datetime.now(UTC))
            self.objects[path] = (info, content)
        if self.lose_answer:
            raise self.lose_answer.pop(0)
        return info

    @contextmanager
    def open(self, path: str, *, deadline: Deadline) -> Iterator[tuple[BlobInfo, Iterator[bytes]]]:
        info = self.stat(path, deadline=deadline)
        yield info, iter([self.objects[path][1]])

    def stat(self, path: str, *, deadline: Deadline) -> BlobInfo:
        self._maybe_fail()
        if path not in self.objects:
            raise CloudNotFound()
        return self.objects[path][0]

    def list(self, prefix: str, *, after: str | None, limit: int, deadline: Deadline) -> BlobPage:
        self._maybe_fail()
        paths = [path for path in sorted(self.objects) if path.startswith(prefix) and (after is None or path > after)]
        items = [self.objects[path][0] for path in paths[:limit]]
        return BlobPage(items, items[-1].path if len(paths) > limit else None)

    def delete(self, path: str, *, condition: Condition, deadline: Deadline) -> None:
        self._maybe_fail()
        with self._lock:
            if path not in self.objects:
                raise CloudNotFound()
            self._require(path, condition)
            del self.objects[path]

    def link(self, path: str, *, seconds: int, deadline: Deadline) -> str:
        return f"memory://{self.name}/{path}"

    def clean_leftovers(self, *, older_than: datetime, deadline: Deadline) -> int:
        return 0

    def _require(self, path: str, condition: Condition) -> None:
        found = self.objects.get(path)
        if condition.kind == "absent" and found:
            raise CloudAlreadyExists()
        if condition.kind == "etag" and (not found or found[0].etag != condition.etag):
            raise CloudPrecondition()

    def _maybe_fail(self) -> None:
        self.calls += 1
        if self.away is not None:
            raise self.away
        if self.fail_next:
            raise self.fail_next.pop(0)
