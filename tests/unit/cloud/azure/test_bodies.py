"""Answers' bodies: hashed on their way, and the very bytes that the SDK hands on."""

from __future__ import annotations

import hashlib
import io
import os
from typing import Any

import pytest

from shared_backend.cloud.azure.provider import AzureProvider
from shared_backend.cloud.azure.transport import AzureTransport
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
    honest = AzureTransport.take_first

    def take_first(transport: AzureTransport) -> Any:
        taken.append(honest(transport))
        return taken[-1]

    monkeypatch.setattr(AzureTransport, "take_first", take_first)
    with azure_blobs.offer(Capability.BLOBS).open(f"body-{size}", deadline=Deadline(20)) as (_info, chunks):
        first = next(chunks)
        [(hashed, digest)] = taken
        assert hashed is first and digest.hexdigest() == hashlib.sha256(first).hexdigest()
        assert first + b"".join(chunks) == content
