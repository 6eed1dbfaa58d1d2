"""The paths of stored blobs in order, without reading more folders than asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared_backend.cloud.local.file_names import BLOB, CONTINUED, FOLDER, decoded


@dataclass(frozen=True)
class _Entry:
    """A blob or a folder. `key` is its path in UTF-8; a folder's ends with a slash, as the paths below it begin."""

    key: bytes
    file: Path
    is_folder: bool


def walk(root: Path, *, prefix: str, after: str | None) -> Iterator[tuple[str, Path]]:
    """(path, file) of the blobs whose path begins with `prefix` and comes behind `after`, in the order of UTF-8."""
    yield from _walk(root, b"", prefix.encode(), None if after is None else after.encode())


def _walk(folder: Path, above: bytes, prefix: bytes, after: bytes | None) -> Iterator[tuple[str, Path]]:
    for entry in sorted(_entries(folder, above), key=lambda entry: entry.key):
        if entry.is_folder:
            leads_there = entry.key.startswith(prefix) or prefix.startswith(entry.key)
            all_before = after is not None and entry.key < after and not after.startswith(entry.key)
            if leads_there and not all_before:
                yield from _walk(entry.file, entry.key, prefix, after)
        elif entry.key.startswith(prefix) and (after is None or entry.key > after):
            yield entry.key.decode(), entry.file


def _entries(folder: Path, above: bytes) -> Iterator[_Entry]:
    try:
        found = os.scandir(folder)
    except FileNotFoundError:
        # Somebody has deleted its last blob meanwhile.
        return
    with found:
        for entry in found:
            name, end = entry.name[:-2], entry.name[-2:]
            key = above + decoded(name)
            if end == BLOB:
                yield _Entry(key, Path(entry.path), False)
            elif end == FOLDER:
                yield _Entry(key + b"/", Path(entry.path), True)
            elif end == CONTINUED:
                # What follows belongs among the entries of this folder: the same part of the path goes on.
                yield from _entries(Path(entry.path), key)
