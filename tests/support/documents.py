"""Documents for tests: a reader of a format that a test can write by hand, storage in memory, and people to own them.

A document is lines of `path: value`, such as `work.0.name: Analytical Engines Ltd`; a `?` before the value makes it
doubtful, a `~` one that was found away from the top. The first word of a document that can't be read names the outcome:
`encrypted`, `scanned`, `no_cv`, `bomb`.
"""

from __future__ import annotations

import re
import struct
import threading
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from shared_backend.data_management.reading import PageLook, Place, Reading
from shared_backend.utils.exception_handler import InvalidInput, NotFound

VERSION = "test-1"
_OUTCOMES = {
    "encrypted": "The file is protected by a password. Save it without one and try again.",
    "scanned": "This is a scan: a picture of a page without text.",
    "no_cv": "No CV found here.",
}
_LINE = re.compile(r"([\w.]+): ([?~]?)(.*)")


class TextReader:
    """Reads the format above. `before` is called with each content that is to be read."""

    def __init__(self, before: Callable[[bytes], None] = lambda _content: None) -> None:
        self.before = before
        self.read_count = 0
        self.as_of: date | None = None
        self.closed = False
        self._lock = threading.Lock()

    def kind(self, content: bytes, name: str) -> str:
        if content.startswith(b"MZ"):
            raise InvalidInput("This kind of file can't be read.")
        return "pdf" if content.startswith(b"%PDF") else "text"

    def read(self, content: bytes, name: str, as_of: date | None = None) -> Reading:
        self.before(content)
        with self._lock:
            self.read_count += 1
            self.as_of = as_of
        text = content.decode(errors="replace")
        first = text.partition("\n")[0].strip()
        if first in _OUTCOMES:
            return Reading(first, _OUTCOMES[first], None, 1, VERSION)
        return Reading("parsed", "The CV was read.", draft_of(text), 1, VERSION)

    def look(self, content: bytes, name: str, page: int, places: Sequence[Place]) -> PageLook:
        if content.startswith(b"%PDF"):
            return PageLook(page, 2, _dot())
        return PageLook(page, 1, None, content.decode(errors="replace"), tuple((s, e) for _p, s, e in places))

    def close(self) -> None:
        self.closed = True


class MemoryStorage:
    """Bytes by path."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def put(self, path: str, content: bytes) -> None:
        self.held[path] = content

    def get(self, path: str) -> bytes:
        if path not in self.held:
            raise NotFound("It is not there.")
        return self.held[path]

    def delete(self, path: str) -> None:
        self.held.pop(path, None)

    def ours(self, prefix: str) -> list[tuple[str, datetime]]:
        return [(path, datetime(2020, 1, 1, tzinfo=UTC)) for path in self.held if path.startswith(prefix)]


def document(*lines: str) -> bytes:
    """The bytes of a document of these lines."""
    return "\n".join(lines).encode()


ADA = document(
    "basics.name: Ada Lovelace",
    "basics.email: ada@example.org",
    "basics.label: Analyst",
    "basics.location.city: London",
    "work.0.name: Analytical Engines Ltd",
    "work.0.position: ?Programer",
    "work.0.startDate: 1842-10",
    "work.0.highlights.0: First program",
    "work.0.highlights.1: Notes on the engine",
    "education.0.institution: Home",
    "skills.0.name: Mathematics",
    "skills.1.name: French",
    "basics.profiles.0.network: GitHub",
    "basics.profiles.0.username: ada",
)


def draft_of(text: str) -> dict[str, Any]:
    """The draft of a document, as the parser gives it."""
    root: dict[str, Any] = {}
    for found in _LINE.finditer(text):
        start, end = found.span(3)
        value = {
            "value": found[3],
            "source": found[3],
            "spans": [[1, start, end]],
            "confidence": 0.4 if found[2] else 0.95,
            "flags": ["found_elsewhere"] if found[2] == "~" else [],
            "rule": "test.line",
        }
        _place(root, found[1].split("."), value)
    basics = root.pop("basics", {})
    return {
        "parser_version": VERSION,
        "language": "en",
        "notes": [],
        "basics": basics,
        "sections": root,
    }


def _place(node: Any, steps: list[str], value: Any) -> None:
    for step, after in zip(steps, [*steps[1:], ""], strict=True):
        fresh: Any = value if not after else [] if after.isdigit() else {}
        if step.isdigit():
            while len(node) <= int(step):
                node.append(fresh)
            node = node[int(step)]
        else:
            node = node.setdefault(step, fresh)


def _dot() -> bytes:
    """A picture of one grey point."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")
    )
