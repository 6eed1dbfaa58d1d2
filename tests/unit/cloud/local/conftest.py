from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared_backend.cloud.contract import BlobInfo, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.local.blobs import LocalBlobs
from shared_backend.cloud.local.provider import LocalProvider
from tests.support.cloud.local import SECRET_KEY, local_provider


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[LocalProvider]:
    """The provider with nothing in it yet."""
    with local_provider(tmp_path / "own") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(folder: Path) -> LocalBlobs:
    return LocalBlobs(folder, base_url="http://127.0.0.1:8000", secret_key=SECRET_KEY)


def put(blobs: LocalBlobs, path: str, data: bytes, **other: Any) -> BlobInfo:
    """Stores bytes with a default for everything else."""
    given: dict[str, Any] = {
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "content_type": "text/plain",
        "metadata": {"write_id": "w"},
        "condition": Condition(),
        "deadline": Deadline(30),
    }
    return blobs.put(path, io.BytesIO(data), **{**given, **other})


def read(blobs: LocalBlobs, path: str) -> bytes:
    with blobs.open(path, deadline=Deadline(30)) as (_, chunks):
        return b"".join(chunks)
