"""Heads of answers: whole ones pass, those cut off or garbled anywhere do not."""

from __future__ import annotations

import http.client
import io
from typing import Any

import pytest

from shared_backend.cloud.heads import WholeHead

WHOLE = b"HTTP/1.1 200 OK\r\nETag: one\r\nx-meta: two\r\nContent-Length: 4\r\n\r\nbody"
HEAD = WHOLE.index(b"body")


class _Socket:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._data)


def answer(data: bytes) -> WholeHead:
    response = WholeHead(_Socket(data))  # type: ignore[arg-type]
    response.begin()
    return response


def test_a_whole_head_passes() -> None:
    found = answer(WHOLE)
    assert (found.headers["ETag"], found.headers["x-meta"], found.read()) == ("one", "two", b"body")


@pytest.mark.parametrize("at", range(HEAD))
def test_a_head_that_is_cut_off_does_not(at: int) -> None:
    with pytest.raises((http.client.HTTPException, OSError)):
        answer(WHOLE[:at])


def test_a_line_that_is_no_header_hides_none_behind_it() -> None:
    with pytest.raises(http.client.HTTPException):
        answer(WHOLE.replace(b"ETag:", b"ETag;"))


def test_a_multipart_object_is_no_defect() -> None:
    answer(WHOLE.replace(b"x-meta: two", b"Content-Type: multipart/mixed; boundary=x"))
