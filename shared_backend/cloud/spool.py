"""Spooling: a stream is read once, before the first try.

A naive fallback that hands the same iterator to the second provider stores what the first one left of it (measured:
8 of 9 MiB were gone).
"""

from __future__ import annotations

import errno
import hashlib
import io
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from shared_backend.cloud.errors import CloudInvalid, CloudSpoolFull

IN_MEMORY = 8 * 1024 * 1024
CHUNK = 256 * 1024
# Bytes from which hashing takes longer than beginning a thread (0.1 ms).
_WORTH_A_THREAD = 128 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Hashed(io.BytesIO):
    """Bytes in memory whose digest is known: who reads them whole need not hash them again."""

    def __init__(self, content: bytes, sha256: str, *, md5: Aside | None = None) -> None:
        super().__init__(content)
        self.sha256 = sha256
        self.md5 = md5


class Aside:
    """A digest that is computed on a thread beside what else is done: hashlib lets go of the interpreter."""

    def __init__(self, algorithm: str, content: bytes) -> None:
        self._digest = hashlib.new(algorithm, usedforsecurity=False)
        self._thread: threading.Thread | None = None
        if len(content) < _WORTH_A_THREAD:
            self._digest.update(content)
        else:
            self._thread = threading.Thread(target=self._digest.update, args=(content,), name="cloud-hash", daemon=True)
            self._thread.start()

    def result(self) -> bytes:
        """The digest; waits for it."""
        if self._thread is not None:
            self._thread.join()
        return self._digest.digest()


def md5_of(data: BinaryIO, body: bytes) -> Aside:
    """The MD5 of `body`, which was just read of `data`: one that is under way already, or begun now."""
    if isinstance(data, Hashed) and data.md5 is not None and len(body) == data.getbuffer().nbytes:
        return data.md5
    return Aside("md5", body)


def digest_of(data: BinaryIO, body: bytes) -> str:
    """The lower-case hex SHA-256 of `body`, which was just read of `data`."""
    if isinstance(data, Hashed) and len(body) == data.getbuffer().nbytes:
        return data.sha256
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True)
class Spooled:
    """Bytes that can be read as often as it takes. Up to 8 MiB are in memory, more in a file without a name."""

    data: IO[bytes]
    size: int
    sha256: str

    def rewound(self) -> BinaryIO:
        """The bytes, from the start."""
        self.data.seek(0)
        return self.data  # type: ignore[return-value]


@contextmanager
def spooled(source: bytes | BinaryIO | Iterable[bytes], *, most: int, with_md5: bool = False) -> Iterator[Spooled]:
    """Reads the whole source. Raises CloudInvalid when it has more than `most` bytes. `with_md5`: who takes it will ask
    for that, too."""
    if isinstance(source, bytes) and len(source) <= min(most, IN_MEMORY):
        # As they are: bytes can't change under us, and a BytesIO of them is no copy.
        md5 = Aside("md5", source) if with_md5 and len(source) >= _WORTH_A_THREAD else None
        found = hashlib.sha256(source).hexdigest()
        with Hashed(source, found, md5=md5) as memory:
            yield Spooled(memory, len(source), found)
        return
    digest, size = hashlib.sha256(), 0
    with spool() as file:
        for chunk in _chunks(source):
            size += len(chunk)
            if size > most:
                raise CloudInvalid(f"That is larger than the {most:,} bytes that one object may have.")
            digest.update(chunk)
            file.write(chunk)
        file.whole()
        yield Spooled(file, size, digest.hexdigest())


class Spool(tempfile.SpooledTemporaryFile[bytes]):
    """Bytes in memory up to 8 MiB, and from there in a file without a name. Raises CloudSpoolFull where that can't be
    written: it is no provider's fault."""

    def __init__(self) -> None:
        super().__init__(max_size=IN_MEMORY)

    def write(self, chunk: Any) -> int:
        """As a file's."""
        with _in_words():
            return super().write(chunk)

    def whole(self) -> None:
        """All has been written: what is still on its way to the disk arrives now, and not at the first reading."""
        with _in_words():
            self.flush()

    def rollover(self) -> None:
        """As its base's."""
        with _in_words():
            super().rollover()


@contextmanager
def spool() -> Iterator[Spool]:
    """An empty one, which is gone afterwards."""
    file = Spool()
    try:
        yield file
    finally:
        # What could not be written would be tried once more.
        with suppress(OSError):
            file.close()


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise CloudSpoolFull() from error
        raise CloudSpoolFull(f"Temporary files can't be written: {error.strerror or error}.") from error


def _chunks(source: bytes | BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(source, bytes | bytearray | memoryview):
        yield bytes(source)
    elif hasattr(source, "read"):
        while chunk := source.read(CHUNK):
            yield chunk
    else:
        yield from source
