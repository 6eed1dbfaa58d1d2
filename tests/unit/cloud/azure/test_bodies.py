"""Answers' bodies: hashed on their way, and the very bytes that the SDK hands on."""

from __future__ import annotations

import gc
import hashlib
import io
import os
from typing import Any

import pytest

from shared_backend.cloud.azure.provider import AzureProvider
from shared_backend.cloud.azure.transport import AzureTransport, _Body
from shared_backend.cloud.contract import Capability, Condition
from shared_backend.cloud.deadline import Deadline


def put(azure: AzureProvider, path: str, content: bytes) -> None:
    azure.offer(Capability.BLOBS).put(
        path,
        io.BytesIO(content),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_type="application/pdf",
        metadata={},
        condition=Condition(),
        deadline=Deadline(20),
    )


@pytest.mark.parametrize("size", [1, 700_000, 9_000_000])
def test_a_blob_is_hashed_while_it_arrives(
    azure_blobs: AzureProvider, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    content = os.urandom(size)
    put(azure_blobs, f"body-{size}", content)
    taken: list[Any] = []
    honest = AzureTransport.hashing

    def hashing(transport: AzureTransport, call: Any) -> Any:
        value, first = honest(transport, call)
        taken.append(first)
        return value, first

    monkeypatch.setattr(AzureTransport, "hashing", hashing)
    with azure_blobs.offer(Capability.BLOBS).open(f"body-{size}", deadline=Deadline(20)) as (_info, chunks):
        first = next(chunks)
        [(hashed, digest)] = taken
        assert hashed is first and digest.hexdigest() == hashlib.sha256(first).hexdigest()
        assert first + b"".join(chunks) == content


def test_what_was_read_is_freed_at_once_and_by_no_collector(azure_blobs: AzureProvider) -> None:
    put(azure_blobs, "freed", os.urandom(9_000_000))
    blobs = azure_blobs.offer(Capability.BLOBS)
    gc.collect()
    gc.disable()
    try:
        with blobs.open("freed", deadline=Deadline(20)) as (_info, chunks):
            for _ in chunks:
                pass
        del chunks
        held = [body for body in gc.get_objects() if isinstance(body, _Body)]
        assert not [body for body in held if body.first is not None]
    finally:
        gc.enable()
