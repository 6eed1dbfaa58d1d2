"""The product's own local provider, on a disk that can be full and that can flip bits."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.cloud.torture.mortal import Mortal
from shared_backend.cloud.contract import BlobInfo, Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.local.blobs import LocalBlobs


class FragileBlobs(LocalBlobs):
    """`LocalBlobs` that meets a full disk when `full` says so, half a file along the way."""

    def __init__(self, folder: Path, life: Mortal, full: Callable[[], bool]) -> None:
        super().__init__(folder, base_url="http://127.0.0.1", secret_key="x" * 40, durable=False)
        self._life = life
        self._full = full

    def put(self, *args: Any, **kwargs: Any) -> BlobInfo:
        self._life.tick()
        info = super().put(*args, **kwargs)
        self._life.tick()
        return info

    def delete(self, *args: Any, **kwargs: Any) -> None:
        self._life.tick()
        super().delete(*args, **kwargs)
        self._life.tick()

    def _copy(self, data: BinaryIO, file: BinaryIO, info: BlobInfo, deadline: Deadline) -> None:
        if self._full():
            file.write(data.read(info.size // 2))
            raise OSError(errno.ENOSPC, "No space left on device")
        super()._copy(data, file, info, deadline)


class Fallback:
    """A provider of blobs alone."""

    name = "fallback"

    def __init__(self, blobs: LocalBlobs) -> None:
        self._blobs = blobs

    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.BLOBS})

    def offer(self, capability: Capability) -> Any:
        return self._blobs

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        return "a folder"
