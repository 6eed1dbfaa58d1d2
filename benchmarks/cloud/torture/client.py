"""The way to the bucket, as a provider's SDK is: it checks what arrives, and it meets every fault."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO, TypeVar

from benchmarks.cloud.torture.bucket import Bucket, flipped
from benchmarks.cloud.torture.mortal import Mortal
from shared_backend.cloud.contract import BlobInfo, BlobPage, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudCorrupted,
    CloudDenied,
    CloudError,
    CloudNotFound,
    CloudPrecondition,
    CloudThrottled,
    CloudTimeout,
    CloudUnavailable,
)

T = TypeVar("T")
# What is drawn in rough weather; `…_done`: the server did it, and then failed to say so.
KINDS = (
    "cut_request",
    "cut_response",
    "drop_ack",
    "flip_request",
    "flip_response",
    "401",
    "403",
    "404",
    "409",
    "412",
    "429",
    "500",
    "500_done",
    "503",
    "dead_port",
    "black_hole",
    "black_hole_done",
    "drip",
    "wrong_tls",
)
_REFUSED: Mapping[str, Callable[[], CloudError]] = {
    "401": lambda: CloudDenied("401"),
    "403": lambda: CloudDenied("403"),
    "404": lambda: CloudNotFound("404"),
    "409": lambda: CloudAlreadyExists("409"),
    "412": lambda: CloudPrecondition("412"),
    "429": lambda: CloudThrottled("429", retry_after_s=3600),
    "503": lambda: CloudUnavailable("503"),
    "dead_port": lambda: CloudUnavailable("dead port"),
    "wrong_tls": lambda: CloudUnavailable("wrong certificate"),
    "flip_request": lambda: CloudCorrupted("other bytes arrived than were sent"),
}
_LOST = ("cut_request", "500", "black_hole")
_LOST_AFTER = ("cut_response", "drop_ack", "500_done", "black_hole_done", "drip")


class BucketClient:
    """A `BlobStore` on a bucket. `weather` is the chance of a fault at each call; 1.0: it is away."""

    def __init__(self, bucket: Bucket, chance: random.Random, life: Mortal, *, checks: bool = True) -> None:
        self.name = self.provider = "primary"
        self.weather = 0.0
        # Which faults this step has met.
        self.met: list[str] = []
        self.before_call: Callable[[], None] = lambda: None
        self._bucket = bucket
        self._chance = chance
        self._life = life
        self._checks = checks

    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.BLOBS})

    def offer(self, capability: Capability) -> Any:
        return self

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        return self._exchange(lambda: "a bucket", writes=False)

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
        content = data.read(size)
        if len(content) != size or (self._checks and hashlib.sha256(content).hexdigest() != sha256):
            raise CloudCorrupted("not what was announced", provider=self.name)
        return self._exchange(
            lambda: self._bucket.put("us", path, content, condition, metadata, content_type), writes=True
        )

    @contextmanager
    def open(self, path: str, *, deadline: Deadline) -> Iterator[tuple[BlobInfo, Iterator[bytes]]]:
        kind, (info, content) = self._begin(lambda: self._bucket.read(path))
        yield info, self._chunks(kind, info, content)

    def _chunks(self, kind: str | None, info: BlobInfo, content: bytes) -> Iterator[bytes]:
        if kind == "flip_response":
            content = flipped(content, self._chance.randrange(len(content)))
        middle = self._chance.randrange(len(content))
        yield content[:middle]
        if kind == "cut_response":
            raise CloudUnavailable("cut in the middle", provider=self.name)
        yield content[middle:]
        if self._checks and hashlib.sha256(content).hexdigest() != info.sha256:
            raise CloudCorrupted(provider=self.name)

    def _begin(self, action: Callable[[], T]) -> tuple[str | None, T]:
        """For a read whose body may be what is broken."""
        kind = self._draw()
        if kind in ("cut_response", "flip_response"):
            return kind, action()
        return None, self._as_told(kind, action, writes=False)

    def stat(self, path: str, *, deadline: Deadline) -> BlobInfo:
        return self._exchange(lambda: self._bucket.read(path)[0], writes=False)

    def list(self, prefix: str, *, after: str | None, limit: int, deadline: Deadline) -> BlobPage:
        def listed() -> BlobPage:
            held = self._bucket.held
            paths = [each for each in sorted(held) if each.startswith(prefix) and (after is None or each > after)]
            items = [held[path][0] for path in paths[:limit]]
            return BlobPage(items, items[-1].path if len(paths) > limit else None)

        return self._exchange(listed, writes=False)

    def delete(self, path: str, *, condition: Condition, deadline: Deadline) -> None:
        self._exchange(lambda: self._bucket.delete("us", path, condition), writes=True)

    def link(self, path: str, *, seconds: int, deadline: Deadline) -> str:
        return f"https://bucket.invalid/{self.stat(path, deadline=deadline).path}"

    def clean_leftovers(self, *, older_than: datetime, deadline: Deadline) -> int:
        return 0

    def _exchange(self, action: Callable[[], T], *, writes: bool) -> T:
        return self._as_told(self._draw(), action, writes=writes)

    def _draw(self) -> str | None:
        self._life.tick()
        self.before_call()
        if self._chance.random() >= self.weather:
            return None
        kind = self._chance.choice(("dead_port", "black_hole", "503") if self.weather == 1.0 else KINDS)
        self.met.append(kind)
        return kind

    def _as_told(self, kind: str | None, action: Callable[[], T], *, writes: bool) -> T:
        if kind is not None and kind in _REFUSED and not (kind == "flip_request" and not writes):
            raise _REFUSED[kind]()
        if kind in _LOST:
            late = CloudTimeout if kind == "black_hole" else CloudUnavailable
            raise late(kind, provider=self.name, ambiguous=writes)
        answer = action()
        # What was done is done, whether we live to hear it or not.
        self._life.tick()
        if kind in _LOST_AFTER:
            late = CloudTimeout if kind in ("drip", "black_hole_done") else CloudUnavailable
            raise late(kind, provider=self.name, ambiguous=writes)
        if kind == "flip_response":
            raise CloudCorrupted("an answer that can't be understood", provider=self.name, ambiguous=writes)
        return answer
