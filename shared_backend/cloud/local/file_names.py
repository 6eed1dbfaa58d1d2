"""Blob paths as file paths that every file system keeps apart, and back.

Every byte of a path's parts that is not a lower-case letter, a digit, `-`, `_` or `.` is written as %xx. So paths that
differ only in case or in the composition of an accent are different files everywhere, and nothing in a path means
anything to the file system. An entry's end says what it is: `=o` a blob, `=d` a folder, `=c` a folder
in which a part goes on that would be too long for one name. `=` itself is always written as %3d.
"""

from __future__ import annotations

import re
from pathlib import Path

BLOB, FOLDER, CONTINUED = "=o", "=d", "=c"

# 80 bytes become at most 240 characters, and file systems take 255.
_PIECE_BYTES = 80
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_.")
_ESCAPED = re.compile(rb"%([0-9a-f]{2})")


def file_of(root: Path, path: str) -> Path:
    """The file of a blob's path."""
    *folders, last = path.split("/")
    parts: list[str] = []
    for folder in folders:
        parts += _entries(folder, FOLDER)
    parts += _entries(last, BLOB)
    return root.joinpath(*parts)


def decoded(entry: str) -> bytes:
    """The bytes of (a piece of) a path's part, from a file's name without its end."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), entry.encode("ascii"))


def _entries(part: str, end: str) -> list[str]:
    raw = part.encode()
    pieces = [raw[start : start + _PIECE_BYTES] for start in range(0, len(raw), _PIECE_BYTES)] or [b""]
    names = ["".join(chr(byte) if byte in _PLAIN else f"%{byte:02x}" for byte in piece) for piece in pieces]
    return [*(f"{name}{CONTINUED}" for name in names[:-1]), f"{names[-1]}{end}"]
