"""Archives of releases: unpacked whole, or refused in a person's words."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from shared_backend.services import release_uploads
from shared_backend.services.release_uploads import _unpack
from shared_backend.utils.exception_handler import InvalidInput

TEXT = b"".join(b"O*NET-SOC Code %d\n" % number for number in range(2_000))


def archive(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names or ("db/Occupation Data.txt",):
            file.writestr(name, TEXT)
    return kept.getvalue()


def test_an_archive_is_unpacked_with_its_folders(tmp_path: Path) -> None:
    _unpack(archive(), "db.zip", tmp_path)
    assert (tmp_path / "db" / "Occupation Data.txt").read_bytes() == TEXT


@pytest.mark.parametrize("at", range(60, 200, 20))
def test_a_damaged_archive_is_refused_and_no_surprise(tmp_path: Path, at: int) -> None:
    """A stream that can't be inflated is an error of zlib's own, which is neither an OSError nor a ValueError."""
    whole = bytearray(archive())
    whole[at : at + 8] = b"\xff" * 8
    with pytest.raises(InvalidInput, match=r"db\.zip can't be unpacked"):
        _unpack(bytes(whole), "db.zip", tmp_path)


def test_an_archive_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    said = archive().replace(struct.pack("<L", len(TEXT)), struct.pack("<L", 10))
    with pytest.raises(InvalidInput, match=r"db\.zip can't be unpacked"):
        _unpack(said, "db.zip", tmp_path)


@pytest.mark.parametrize("name", ["../out.txt", "a/../../out.txt", "C:/out.txt"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="can't be the name"):
        _unpack(archive(name), "db.zip", tmp_path / "inside")
    assert not list(tmp_path.rglob("out.txt"))


def test_too_much_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_uploads, "MOST_BYTES", len(TEXT) * 2)
    with pytest.raises(InvalidInput, match="unpacks to more than"):
        _unpack(archive("a.txt", "b.txt", "c.txt"), "db.zip", tmp_path)
    assert not list(tmp_path.iterdir())
