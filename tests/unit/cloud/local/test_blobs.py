from __future__ import annotations

import errno
import io
import multiprocessing
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_backend.cloud.contract import Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudCorrupted,
    CloudDenied,
    CloudError,
    CloudInvalid,
    CloudPrecondition,
    CloudTimeout,
    CloudUnavailable,
)
from shared_backend.cloud.local import disk
from shared_backend.cloud.local.blobs import LocalBlobs
from shared_backend.cloud.local.file_names import decoded, file_of
from shared_backend.cloud.local.links import MAX_SECONDS, sign, verify
from tests.support.cloud.local import SECRET_KEY, flip_byte
from tests.unit.cloud.local.conftest import put, read


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "locks"]


def test_one_file_a_blob_that_only_its_owner_reads(blobs: LocalBlobs, folder: Path) -> None:
    put(blobs, "cv/Ada.pdf", b"content")
    (only,) = files(folder)
    assert only.relative_to(folder).as_posix() == "objects/cv=d/%41da.pdf=o"
    assert only.stat().st_mode & 0o077 == 0
    assert only.read_bytes().endswith(b"content")


@given(st.binary(min_size=1, max_size=200))
def test_every_name_has_a_file_of_its_own_and_comes_back(raw: bytes) -> None:
    part = raw.decode("utf-8", "ignore").replace("/", "_") or "_"
    entries = file_of(Path("/root"), part).relative_to("/root").parts
    assert b"".join(decoded(entry[:-2]) for entry in entries) == part.encode()
    assert all(entry.isascii() and entry == entry.lower() and len(entry) <= 255 for entry in entries)
    assert not {".", "..", ""} & set(entries)


@given(st.lists(st.text("aB/.-é0", min_size=1, max_size=8), min_size=2, max_size=2, unique=True))
def test_two_names_never_share_a_file_even_where_case_is_folded(pair: list[str]) -> None:
    first, second = (str(file_of(Path("/root"), path)).casefold() for path in pair)
    assert first != second


@pytest.mark.parametrize("position", [0, 17, 20, 60, 100, -1])
def test_a_flipped_byte_anywhere_is_found(blobs: LocalBlobs, folder: Path, position: int) -> None:
    put(blobs, "x", b"content" * 100)
    flip_byte(file_of(folder / "objects", "x"), position)
    with pytest.raises(CloudCorrupted, match="damaged"):
        read(blobs, "x")


@pytest.mark.parametrize("length", [0, 10, 60, -1])
def test_a_file_cut_short_is_found_without_reading_all_of_it(blobs: LocalBlobs, folder: Path, length: int) -> None:
    put(blobs, "x", b"content" * 100)
    file = file_of(folder / "objects", "x")
    os.truncate(file, length if length >= 0 else file.stat().st_size - 1)
    with pytest.raises(CloudCorrupted):
        blobs.stat("x", deadline=Deadline(30))


def test_a_file_in_another_ones_place_is_found(blobs: LocalBlobs, folder: Path) -> None:
    put(blobs, "mine", b"mine")
    put(blobs, "yours", b"yours")
    file_of(folder / "objects", "yours").replace(file_of(folder / "objects", "mine"))
    with pytest.raises(CloudCorrupted):
        read(blobs, "mine")


def test_a_damaged_blob_is_listed_and_can_be_replaced_or_deleted(blobs: LocalBlobs, folder: Path) -> None:
    for path in ("a", "b", "c"):
        put(blobs, path, b"content")
    for path in ("a", "b"):
        flip_byte(file_of(folder / "objects", path), 20)
    listed = blobs.list("", after=None, limit=10, deadline=Deadline(30)).items
    assert [(info.path, bool(info.sha256)) for info in listed] == [("a", False), ("b", False), ("c", True)]
    put(blobs, "a", b"again")
    assert read(blobs, "a") == b"again"
    blobs.delete("b", condition=Condition(), deadline=Deadline(30))


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "open"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_unavailable_and_the_old_blob_is_intact(
    blobs: LocalBlobs, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    put(blobs, "x", b"before")
    with monkeypatch.context() as patch:
        fill_disk(patch, call, code)
        with pytest.raises(CloudUnavailable, match="full") as caught:
            put(blobs, "x", b"after", metadata={"write_id": "other"})
    assert caught.value.may_fail_over
    assert not caught.value.ambiguous
    assert read(blobs, "x") == b"before"
    assert blobs.stat("x", deadline=Deadline(30)).metadata == {"write_id": "w"}
    assert len(files(folder)) == 1, "nothing is left lying around"


def fill_disk(patch: pytest.MonkeyPatch, call: str, code: int) -> None:
    """Lets one kind of call fail as on a full disk."""

    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError(code, os.strerror(code))

    if call == "write":

        class FullFile(io.FileIO):
            write = fail

        patch.setattr("shared_backend.cloud.local.blobs.os.fdopen", lambda fd, mode: FullFile(fd, mode))
    elif call == "fsync":
        patch.setattr("shared_backend.cloud.local.blobs.os.fsync", fail)
    elif call == "replace":
        patch.setattr(Path, "replace", fail)
    else:
        patch.setattr("shared_backend.cloud.local.blobs.new_file", fail)


def test_a_folder_that_cannot_be_synced_leaves_the_outcome_in_doubt(
    blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(blobs, "x", b"before")

    def fail(_folder: Path) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr("shared_backend.cloud.local.blobs.sync_folder", fail)
    with pytest.raises(CloudUnavailable) as caught:
        put(blobs, "x", b"after")
    assert caught.value.ambiguous


def test_a_folder_without_permission_is_denied_in_words(blobs: LocalBlobs) -> None:
    error = disk.meaning(PermissionError(errno.EACCES, "Permission denied", "/var/cloud"), Path("/var"))
    assert isinstance(error, CloudDenied)
    assert "/var/cloud" in str(error)
    assert not error.may_fail_over


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_no_path_leads_out_of_the_folder(blobs: LocalBlobs, folder: Path, name: str) -> None:
    for path in (f"../{name}", f"/{name}", f"a/../../{name}", f"a\\{name}", name):
        try:
            put(blobs, path, b"x")
        except CloudInvalid:
            continue
    outside = [path for path in folder.parent.rglob("*") if path.is_file() and not path.is_relative_to(folder)]
    assert outside == []


def test_a_symbolic_link_is_not_followed(blobs: LocalBlobs, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("not ours")
    put(blobs, "a", b"x")
    file_of(folder / "objects", "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CloudError):
        read(blobs, "link")


def test_ten_thousand_blobs_page_by_page(folder: Path) -> None:
    quick = LocalBlobs(folder, base_url="", secret_key=SECRET_KEY, durable=False)
    expected = sorted(f"f{number % 7}/{number}" for number in range(10_000))
    for path in expected:
        put(quick, path, b"")
    found, after = [], None
    while True:
        page = quick.list("", after=after, limit=1000, deadline=Deadline(60))
        found += [info.path for info in page.items]
        after = page.after
        if after is None:
            break
    assert found == expected
    one = quick.list("f3/", after="f3/5", limit=5, deadline=Deadline(60))
    assert [info.path for info in one.items] == [path for path in expected if path > "f3/5"][:5]


def increment(folder: Path, times: int) -> None:
    blobs = LocalBlobs(folder, base_url="", secret_key=SECRET_KEY, durable=False)
    done = 0
    while done < times:
        info = blobs.stat("counter", deadline=Deadline(60))
        value = int(read(blobs, "counter"))
        try:
            put(blobs, "counter", str(value + 1).encode(), condition=Condition("etag", info.etag))
            done += 1
        except CloudPrecondition:
            continue


def test_processes_that_replace_what_they_have_seen_lose_nothing(folder: Path, blobs: LocalBlobs) -> None:
    put(blobs, "counter", b"0")
    # Reading and stat are two steps, so another's write may come between: then the etag is the older one and loses.
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=increment, args=(folder, 40)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert read(blobs, "counter") == b"120"


def write_and_die(folder: Path) -> None:
    class Dies(io.BytesIO):
        def read(self, *_args: Any) -> bytes:
            if self.tell():
                os._exit(9)
            return super().read(1000)

    blobs = LocalBlobs(folder, base_url="", secret_key=SECRET_KEY)
    blobs.put(
        "x",
        Dies(b"a" * 5000),
        size=5000,
        sha256="0" * 64,
        content_type="text/plain",
        metadata={},
        condition=Condition(),
        deadline=Deadline(30),
    )


def test_a_writer_that_is_killed_leaves_the_old_blob_and_a_leftover_that_is_cleaned(
    folder: Path, blobs: LocalBlobs
) -> None:
    put(blobs, "x", b"before")
    worker = multiprocessing.get_context("spawn").Process(target=write_and_die, args=(folder,))
    worker.start()
    worker.join(60)
    assert worker.exitcode == 9
    assert read(blobs, "x") == b"before"
    assert len(files(folder)) == 2
    now = datetime.now(UTC)
    assert blobs.clean_leftovers(older_than=now - timedelta(hours=1), deadline=Deadline(30)) == 0
    assert blobs.clean_leftovers(older_than=now + timedelta(hours=1), deadline=Deadline(30)) == 1
    assert len(files(folder)) == 1


def test_cleaning_leaves_alone_what_is_being_written(blobs: LocalBlobs) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    cleaned: list[int] = []

    class Slow(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            cleaned.append(blobs.clean_leftovers(older_than=later, deadline=Deadline(30)))
            return super().read(*args)

    data = b"content"
    put(blobs, "x", data)
    blobs.put(
        "x",
        Slow(data),
        size=len(data),
        sha256=blobs.stat("x", deadline=Deadline(30)).sha256,
        content_type="text/plain",
        metadata={},
        condition=Condition(),
        deadline=Deadline(30),
    )
    assert set(cleaned) == {0}
    assert read(blobs, "x") == data


def test_a_slow_source_does_not_outlast_the_deadline(blobs: LocalBlobs, folder: Path) -> None:
    class Slow(io.BytesIO):
        def read(self, *_args: Any) -> bytes:
            time.sleep(0.1)
            return super().read(1)

    with pytest.raises(CloudTimeout):
        blobs.put(
            "x",
            Slow(b"a" * 1000),
            size=1000,
            sha256="0" * 64,
            content_type="",
            metadata={},
            condition=Condition(),
            deadline=Deadline(0.3),
        )
    assert files(folder) == []


def test_a_lock_that_somebody_holds_is_not_waited_for_longer_than_the_deadline(blobs: LocalBlobs, folder: Path) -> None:
    with disk.locked(folder, "x", Deadline(5)), pytest.raises(CloudTimeout):
        put(blobs, "x", b"x", deadline=Deadline(0.2))


def test_a_link_is_for_one_path_until_its_end() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ends = int(now.timestamp()) + 60
    signature = sign("cv/a b.pdf", expires=ends, secret_key=SECRET_KEY)
    verify("cv/a b.pdf", expires=str(ends), signature=signature, now=now, secret_key=SECRET_KEY)
    for change in (
        {"path": "cv/other.pdf"},
        {"expires": str(ends + 1)},
        {"expires": "soon"},
        {"expires": "٣"},
        {"signature": signature[:-1] + "é"},
        {"signature": ""},
        {"secret_key": "another" * 6},
        {"now": now + timedelta(seconds=60)},
    ):
        asked: Any = {"path": "cv/a b.pdf", "expires": str(ends), "signature": signature, "now": now}
        with pytest.raises(CloudDenied):
            verify(**{**asked, "secret_key": SECRET_KEY, **change})


@pytest.mark.parametrize("seconds", [0, -1, MAX_SECONDS + 1])
def test_a_link_lives_up_to_seven_days(blobs: LocalBlobs, seconds: int) -> None:
    put(blobs, "x", b"x")
    with pytest.raises(CloudInvalid):
        blobs.link("x", seconds=seconds, deadline=Deadline(30))
