"""A blob's bytes held against what was said of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from shared_backend.cloud.contents import Digest, checked
from shared_backend.cloud.contract import BlobInfo
from shared_backend.cloud.errors import CloudCorrupted


def read(
    chunks: Iterable[bytes], told: bytes, first: tuple[bytes, Digest] | None = None, size: int | None = None
) -> bytes:
    sha256 = hashlib.sha256(told).hexdigest()
    length = len(told) if size is None else size
    info = BlobInfo("x", length, sha256, "text/plain", {}, "etag", datetime(2026, 1, 1, tzinfo=UTC))
    rest = iter(chunks)
    return b"".join(checked(lambda: next(rest, None), info, provider="azure", first=first))


def test_the_bytes_are_those_that_were_told() -> None:
    assert read([b"one", b"two"], b"onetwo") == b"onetwo"
    for chunks in ([b"one", b"too"], [b"one"], [b"one", b"two", b"x"]):
        with pytest.raises(CloudCorrupted):
            read(chunks, b"onetwo")
    with pytest.raises(CloudCorrupted):
        read([b"one"], b"one", size=4)


def test_what_was_hashed_on_its_way_is_not_hashed_again() -> None:
    first = b"one"
    digest = hashlib.sha256(first)
    assert read([first, b"two"], b"onetwo", (first, digest)) == b"onetwo"
    # Of other bytes, the digest would be wrong: it is what counts.
    with pytest.raises(CloudCorrupted):
        read([first, b"two"], b"onetwo", (first, hashlib.sha256(b"eno")))


def test_bytes_that_are_not_the_very_ones_are_hashed() -> None:
    copy = bytes(bytearray(b"one"))
    for others in (hashlib.sha256(b"one"), hashlib.sha256(b"eno")):
        assert read([copy, b"one"], b"oneone", (b"".join([b"o", b"ne"]), others)) == b"oneone"
