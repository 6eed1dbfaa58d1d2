"""What is read once before the first try, and the digests that go with it."""

from __future__ import annotations

import errno
import hashlib
import io
import tempfile
from pathlib import Path

import pytest

from shared_backend.cloud.errors import CloudInvalid, CloudSpoolFull
from shared_backend.cloud.spool import CHUNK, IN_MEMORY, Aside, Hashed, digest_of, md5_of, spool, spooled
from tests.support.full_disk import fill_the_disk_for_temporary_files

LARGE = bytes(range(256)) * 2_000


@pytest.mark.parametrize("content", [b"", b"x", LARGE])
def test_a_digest_beside_is_the_digest(content: bytes) -> None:
    aside = Aside("md5", content)
    assert aside.result() == aside.result() == hashlib.md5(content, usedforsecurity=False).digest()


@pytest.mark.parametrize("source", [LARGE, io.BytesIO(LARGE), [LARGE[:1000], LARGE[1000:]]], ids=type)
def test_what_was_spooled_is_read_as_often_as_it_takes(source: object) -> None:
    with spooled(source, most=IN_MEMORY, with_md5=True) as body:  # type: ignore[arg-type]
        for _ in range(2):
            data = body.rewound()
            content = data.read()
            assert content == LARGE and digest_of(data, content) == body.sha256
            assert md5_of(data, content).result() == hashlib.md5(LARGE, usedforsecurity=False).digest()


def test_a_part_of_what_was_hashed_has_digests_of_its_own() -> None:
    with spooled(LARGE, most=IN_MEMORY, with_md5=True) as body:
        data = body.rewound()
        assert isinstance(data, Hashed) and data.md5 is not None
        part = data.read(1000)
        assert digest_of(data, part) == hashlib.sha256(part).hexdigest()
        assert md5_of(data, part).result() == hashlib.md5(part, usedforsecurity=False).digest()


def test_more_than_may_be_is_refused() -> None:
    with pytest.raises(CloudInvalid, match="larger than"), spooled([b"xx", b"x"], most=2):
        pass


def test_a_full_disk_for_temporary_files_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    fill_the_disk_for_temporary_files(monkeypatch)
    with (
        pytest.raises(CloudSpoolFull, match="disk for temporary files is full"),
        spooled([b"x" * CHUNK] * 40, most=2**40),
    ):
        pass
    # What a small rest in the buffer could not be written from is told before anybody reads.
    with pytest.raises(CloudSpoolFull, match="disk for temporary files is full"), spool() as file:
        file.rollover()
        file.write(b"x")
        file.whole()


def test_a_folder_for_temporary_files_that_is_gone_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(CloudSpoolFull, match="No such file"), spooled([b"x" * (IN_MEMORY + 1)], most=2**40):
        pass


def test_what_fails_in_the_source_is_not_taken_for_our_disk() -> None:
    def source() -> object:
        yield b"x"
        raise OSError(errno.ENOSPC, "somebody else's disk")

    with pytest.raises(OSError, match="somebody else"), spooled(source(), most=IN_MEMORY):  # type: ignore[arg-type]
        pass
