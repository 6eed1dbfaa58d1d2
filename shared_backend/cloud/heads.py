"""Answers whose head is whole, for SDKs on http.client.

http.client takes the end of the connection for the end of the headers: an answer that is cut off between two of them
passes for one without the rest (measured: a blob without an etag or a date; without its metadata it would pass for
somebody else's).
"""

from __future__ import annotations

import http.client
from email.errors import MissingHeaderBodySeparatorDefect
from typing import Any, cast


class _Lines:
    """A file that remembers the last line that was read of it."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.last = b""

    def readline(self, *limit: int) -> bytes:
        self.last = cast(bytes, self.file.readline(*limit))
        return self.last

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


class WholeHead(http.client.HTTPResponse):
    """An answer that begins with a whole head; raises RemoteDisconnected for one that was cut off in it, HTTPException
    for one that can't be read to its end."""

    def begin(self) -> None:
        """Reads the head."""
        lines = _Lines(self.fp)
        self.fp = cast(Any, lines)
        try:
            super().begin()
        finally:
            if cast(Any, self.fp) is lines:
                self.fp = lines.file
        if not lines.last.endswith(b"\n"):
            raise http.client.RemoteDisconnected("The connection ended in the middle of an answer's head.")
        if any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in self.headers.defects):
            # A line that is no header: http.client and urllib3 drop all that follow it.
            raise http.client.HTTPException("An answer's head can't be read.")
