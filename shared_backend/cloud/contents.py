"""A blob's bytes held against what was said of them, on the way in and on the way out."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from typing import Protocol

from shared_backend.cloud.contract import BlobInfo
from shared_backend.cloud.errors import CloudCorrupted

# Where the content's SHA-256 stands among a blob's metadata.
SHA256_KEY = "intellicv_sha256"


class Digest(Protocol):
    """What `hashlib.sha256()` gives."""

    def update(self, data: bytes, /) -> None:
        """Takes in more bytes."""

    def hexdigest(self) -> str:
        """Of all bytes so far."""


def checked(
    read: Callable[[], bytes | None], info: BlobInfo, *, provider: str, first: tuple[bytes, Digest] | None = None
) -> Iterator[bytes]:
    """The chunks that `read` answers until it answers nothing. Raises CloudCorrupted at the end when they are not those
    of the size and the sha256; a blob that something else wrote may have no sha256 to hold it to. `first`: bytes that
    have been hashed already, and with what; if `read` answers these very bytes first, they are not hashed again."""
    digest: Digest = hashlib.sha256()
    total = 0
    while chunk := read():
        if first is not None and total == 0 and chunk is first[0]:
            digest = first[1]
        else:
            digest.update(chunk)
        first = None
        total += len(chunk)
        yield chunk
    require_same(digest.hexdigest(), info.sha256 or digest.hexdigest(), short=total != info.size, provider=provider)


def require_same(found: str, expected: str, *, short: bool, provider: str) -> None:
    """Raises CloudCorrupted unless the digests are the same and all bytes are there."""
    if short or not hmac.compare_digest(found, expected):
        raise CloudCorrupted("The bytes are not those of their SHA-256.", provider=provider)


def bare(etag: object) -> str:
    """An etag without quotes: listings show it so, answers put it in quotes."""
    return str(etag).strip('"')
