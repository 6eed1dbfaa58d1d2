"""One file a blob: what is known of it, then its bytes.

    IntelliCV blob 1\\n      17 bytes
    length of the header    4 bytes, big-endian
    sha256 of the header    32 bytes
    header                  JSON: path, size, sha256, content_type, metadata, etag, modified_at
    content                 size bytes

One rename replaces all of it, so there is no moment in which the bytes and what is said of them disagree.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from shared_backend.cloud.contract import BlobInfo
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted
from shared_backend.cloud.local.disk import PROVIDER

CHUNK = 1024 * 1024
_MAGIC = b"IntelliCV blob 1\n"
_FIXED = len(_MAGIC) + 4 + 32
# Path, metadata and content type are bounded by the contract; anything longer is damage.
_MAX_HEADER = 64 * 1024


def header_of(info: BlobInfo) -> bytes:
    """Everything that stands before the content."""
    known = {
        "path": info.path,
        "size": info.size,
        "sha256": info.sha256,
        "content_type": info.content_type,
        "metadata": dict(info.metadata),
        "etag": info.etag,
        "modified_at": info.modified_at.isoformat(),
    }
    text = json.dumps(known, ensure_ascii=False, sort_keys=True).encode()
    return _MAGIC + len(text).to_bytes(4, "big") + hashlib.sha256(text).digest() + text


def open_blob(file: Path) -> BinaryIO:
    """The file, open for reading. Raises FileNotFoundError."""
    return os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")


def read_info(file: BinaryIO, path: str) -> BlobInfo:
    """What is known of the blob; afterwards the file stands at its content.

    Raises CloudCorrupted when the header is damaged, belongs to another path, or the file has another length.
    """
    fixed = file.read(_FIXED)
    length = int.from_bytes(fixed[len(_MAGIC) : len(_MAGIC) + 4], "big")
    if len(fixed) < _FIXED or not fixed.startswith(_MAGIC) or length > _MAX_HEADER:
        raise damaged(path)
    text = file.read(length)
    if hashlib.sha256(text).digest() != fixed[-32:]:
        raise damaged(path)
    known = json.loads(text)
    if known["path"] != path or os.fstat(file.fileno()).st_size != _FIXED + length + known["size"]:
        raise damaged(path)
    return BlobInfo(**{**known, "modified_at": datetime.fromisoformat(known["modified_at"])})


def read_content(file: BinaryIO, info: BlobInfo, deadline: Deadline) -> Iterator[bytes]:
    """The content in chunks. Raises CloudCorrupted at the end when it is not that of the sha256."""
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        deadline.check(PROVIDER)
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != info.sha256:
        raise damaged(info.path)


def damaged(path: str) -> CloudCorrupted:
    """The error for a blob that is not what was stored."""
    return CloudCorrupted(
        f"{path} is damaged on this machine's disk: it is not what was stored. Upload it again, or put the file back "
        "from a backup.",
        provider=PROVIDER,
    )
