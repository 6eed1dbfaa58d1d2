"""What every blob store does."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared_backend.cloud.contract import BlobInfo, BlobStore, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudCorrupted,
    CloudError,
    CloudInvalid,
    CloudNotFound,
    CloudPrecondition,
    CloudTimeout,
)
from tests.support.cloud.case import Opened

CAPABILITY = Capability.BLOBS

MEGABYTE = 1024 * 1024

Put = Callable[..., BlobInfo]


@pytest.fixture
def put(offer: BlobStore, deadline: Deadline) -> Put:
    """Stores bytes at a path; everything else has a default."""

    def store(path: str, data: bytes, **other: Any) -> BlobInfo:
        given = {
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "content_type": "application/octet-stream",
            "metadata": {},
            "condition": Condition(),
            "deadline": deadline,
        }
        return offer.put(path, io.BytesIO(data), **{**given, **other})

    return store


@pytest.fixture
def read(offer: BlobStore, deadline: Deadline) -> Callable[[str], bytes]:
    """All bytes of a blob."""

    def fetch(path: str) -> bytes:
        with offer.open(path, deadline=deadline) as (_, chunks):
            return b"".join(chunks)

    return fetch


def paths(offer: BlobStore, prefix: str, *, limit: int = 1000) -> list[str]:
    """The paths below a prefix, page by page."""
    found: list[str] = []
    after = None
    while True:
        page = offer.list(prefix, after=after, limit=limit, deadline=Deadline(30))
        assert len(page.items) <= limit
        found += [info.path for info in page.items]
        if page.after is None:
            return found
        assert page.items, "a page before the end has something on it"
        after = page.after


@pytest.mark.parametrize("size", [0, 1, 4096, 9 * MEGABYTE + 17])
def test_what_was_put_is_read(put: Put, offer: BlobStore, deadline: Deadline, here: str, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    before = datetime.now(UTC) - timedelta(minutes=5)
    info = put(f"{here}/file.bin", data, content_type="application/pdf", metadata={"write_id": "w-1", "kind": "cv"})
    with offer.open(f"{here}/file.bin", deadline=deadline) as (found, chunks):
        assert b"".join(chunks) == data
    assert found == offer.stat(f"{here}/file.bin", deadline=deadline)
    assert (found.path, found.size, found.etag) == (f"{here}/file.bin", size, info.etag)
    assert found.sha256 == info.sha256 == hashlib.sha256(data).hexdigest()
    assert found.content_type == "application/pdf"
    assert dict(found.metadata) == {"write_id": "w-1", "kind": "cv"}
    assert found.modified_at.utcoffset() == timedelta(0)
    assert before < found.modified_at < datetime.now(UTC) + timedelta(minutes=5)


def test_a_large_blob_comes_in_chunks(put: Put, offer: BlobStore, deadline: Deadline, here: str) -> None:
    put(f"{here}/large", b"x" * (6 * MEGABYTE))
    with offer.open(f"{here}/large", deadline=deadline) as (_, chunks):
        assert max(len(chunk) for chunk in chunks) < 6 * MEGABYTE


def test_a_reader_may_go_before_the_end(put: Put, offer: BlobStore, deadline: Deadline, here: str) -> None:
    put(f"{here}/large", b"x" * (6 * MEGABYTE))
    with offer.open(f"{here}/large", deadline=deadline) as (_, chunks):
        assert next(chunks)
    put(f"{here}/large", b"after all")


@pytest.mark.parametrize(
    "name",
    [
        "Zürich – Lebenslauf (2).pdf",
        "a b+c%20d&e=f?g#h;i",
        "日本語/履歴書.pdf",
        "UPPER/lower",
        "e\u0301",
        "~$x'\"[y]{z}",
    ],
)
def test_names_stay_as_they_are(put: Put, offer: BlobStore, read: Any, here: str, name: str) -> None:
    put(f"{here}/{name}", name.encode())
    assert read(f"{here}/{name}") == name.encode()
    assert paths(offer, f"{here}/") == [f"{here}/{name}"]


def test_names_that_look_alike_are_different(put: Put, offer: BlobStore, read: Any, here: str) -> None:
    names = ["cv", "CV", "Cv", "\u00e9", "e\u0301", "cv/cv", "%63v"]
    for name in names:
        put(f"{here}/{name}", name.encode())
    assert [read(f"{here}/{name}") for name in names] == [name.encode() for name in names]
    assert sorted(paths(offer, f"{here}/")) == sorted(f"{here}/{name}" for name in names)


def test_long_names(put: Put, offer: BlobStore, read: Any, here: str) -> None:
    segment = "É" * 100
    path = "/".join([here, *[segment] * 4, "x"])
    put(path, b"deep")
    assert read(path) == b"deep"
    assert paths(offer, here) == [path]


def test_a_write_replaces_all_of_what_was_there(put: Put, offer: BlobStore, read: Any, here: str) -> None:
    first = put(f"{here}/x", b"first, and longer", content_type="text/plain", metadata={"a": "1"})
    second = put(f"{here}/x", b"second", content_type="text/html", metadata={"b": "2"})
    assert read(f"{here}/x") == b"second"
    assert first.etag != second.etag
    found = offer.stat(f"{here}/x", deadline=Deadline(30))
    assert (found.etag, found.content_type, dict(found.metadata)) == (second.etag, "text/html", {"b": "2"})


def test_the_same_bytes_again_are_a_new_write(put: Put, here: str) -> None:
    first = put(f"{here}/x", b"same")
    assert (
        put(f"{here}/x", b"same", condition=Condition("etag", first.etag), metadata={"n": "2"}).sha256 == first.sha256
    )


def test_create_only_where_there_is_nothing(put: Put, read: Any, here: str) -> None:
    put(f"{here}/x", b"first", condition=Condition("absent"))
    with pytest.raises(CloudAlreadyExists):
        put(f"{here}/x", b"second", condition=Condition("absent"))
    assert read(f"{here}/x") == b"first"


def test_replace_only_what_one_has_seen(put: Put, read: Any, here: str) -> None:
    seen = put(f"{here}/x", b"first")
    put(f"{here}/x", b"second", condition=Condition("etag", seen.etag))
    with pytest.raises(CloudPrecondition):
        put(f"{here}/x", b"third", condition=Condition("etag", seen.etag))
    with pytest.raises((CloudPrecondition, CloudNotFound)):
        put(f"{here}/never", b"x", condition=Condition("etag", seen.etag))
    assert read(f"{here}/x") == b"second"


@pytest.mark.parametrize("kind", ["absent", "etag"])
def test_of_many_writers_with_the_same_condition_one_wins(put: Put, read: Any, here: str, kind: str) -> None:
    condition = Condition("absent") if kind == "absent" else Condition("etag", put(f"{here}/x", b"before").etag)
    together = threading.Barrier(6)
    won: list[bytes] = []
    lost: list[CloudError] = []

    def write(number: int) -> None:
        together.wait()
        try:
            put(f"{here}/x", b"writer %d" % number, condition=condition)
            won.append(b"writer %d" % number)
        except (CloudAlreadyExists, CloudPrecondition) as error:
            lost.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 5)
    assert read(f"{here}/x") == won[0]


def test_bytes_that_are_not_those_announced_are_not_stored(put: Put, offer: BlobStore, read: Any, here: str) -> None:
    put(f"{here}/x", b"before")
    with pytest.raises((CloudCorrupted, CloudInvalid)):
        put(f"{here}/x", b"after", sha256=hashlib.sha256(b"other").hexdigest())
    with pytest.raises((CloudCorrupted, CloudInvalid)):
        put(f"{here}/y", b"after", sha256=hashlib.sha256(b"other").hexdigest())
    assert read(f"{here}/x") == b"before"
    assert paths(offer, here) == [f"{here}/x"]


def test_a_byte_that_flipped_where_it_lies_is_found(put: Put, opened: Opened, read: Any, here: str) -> None:
    put(f"{here}/x", b"0123456789" * 1000)
    opened.flip_byte(f"{here}/x")
    with pytest.raises(CloudCorrupted):
        read(f"{here}/x")


def test_what_is_not_there_is_not_found(offer: BlobStore, deadline: Deadline, read: Any, here: str) -> None:
    for attempt in (
        lambda: read(f"{here}/x"),
        lambda: offer.stat(f"{here}/x", deadline=deadline),
        lambda: offer.delete(f"{here}/x", condition=Condition(), deadline=deadline),
        lambda: offer.link(f"{here}/x", seconds=60, deadline=deadline),
    ):
        with pytest.raises(CloudNotFound):
            attempt()


def test_deleted_is_gone_and_may_come_again(
    put: Put, offer: BlobStore, deadline: Deadline, read: Any, here: str
) -> None:
    seen = put(f"{here}/x", b"first")
    put(f"{here}/y", b"stays")
    offer.delete(f"{here}/x", condition=Condition("etag", seen.etag), deadline=deadline)
    with pytest.raises(CloudNotFound):
        read(f"{here}/x")
    assert paths(offer, here) == [f"{here}/y"]
    put(f"{here}/x", b"again", condition=Condition("absent"))
    assert read(f"{here}/x") == b"again"


def test_delete_only_what_one_has_seen(put: Put, offer: BlobStore, deadline: Deadline, read: Any, here: str) -> None:
    seen = put(f"{here}/x", b"first")
    put(f"{here}/x", b"second")
    with pytest.raises(CloudPrecondition):
        offer.delete(f"{here}/x", condition=Condition("etag", seen.etag), deadline=deadline)
    assert read(f"{here}/x") == b"second"


def test_a_listing_is_in_the_order_of_paths_whatever_the_page(put: Put, offer: BlobStore, here: str) -> None:
    names = ["a", "a-b", "a/b", "a/b/c", "a/c", "a.b", "a0", "B", "b", "ä", "z"]
    for name in names:
        put(f"{here}/{name}", b"")
    # The order of UTF-8, which is that of Azure and S3.
    expected = sorted((f"{here}/{name}" for name in names), key=lambda path: path.encode())
    for limit in (1, 2, 3, 1000):
        assert paths(offer, f"{here}/", limit=limit) == expected


def test_a_prefix_is_a_beginning_not_a_folder(put: Put, offer: BlobStore, here: str) -> None:
    for name in ("cv/1", "cv/2", "cv-old", "cx"):
        put(f"{here}/{name}", b"")
    assert paths(offer, f"{here}/cv") == [f"{here}/cv-old", f"{here}/cv/1", f"{here}/cv/2"]
    assert paths(offer, f"{here}/cv/") == [f"{here}/cv/1", f"{here}/cv/2"]
    assert paths(offer, f"{here}/none") == []


def test_a_listing_goes_on_behind_a_path_that_is_gone(
    put: Put, offer: BlobStore, deadline: Deadline, here: str
) -> None:
    for name in "abcd":
        put(f"{here}/{name}", b"")
    page = offer.list(here, after=None, limit=2, deadline=deadline)
    assert page.after
    offer.delete(page.items[-1].path, condition=Condition(), deadline=deadline)
    rest = offer.list(here, after=page.after, limit=10, deadline=deadline)
    assert [info.path for info in rest.items] == [f"{here}/c", f"{here}/d"]
    assert rest.after is None


def test_a_listing_says_what_stat_says(put: Put, offer: BlobStore, deadline: Deadline, here: str) -> None:
    put(f"{here}/x", b"content", content_type="text/plain", metadata={"write_id": "w"})
    (listed,) = offer.list(here, after=None, limit=10, deadline=deadline).items
    known = offer.stat(f"{here}/x", deadline=deadline)
    assert (listed.path, listed.size, listed.etag) == (known.path, known.size, known.etag)
    assert (listed.sha256, dict(listed.metadata)) == (known.sha256, dict(known.metadata))


def test_a_link_downloads_without_credentials_and_nothing_else(
    put: Put, offer: BlobStore, opened: Opened, deadline: Deadline, here: str
) -> None:
    put(f"{here}/my file ü.txt", b"content")
    put(f"{here}/other.txt", b"not yours")
    link = offer.link(f"{here}/my file ü.txt", seconds=60, deadline=deadline)
    assert opened.follow(link) == b"content"
    with pytest.raises(PermissionError):
        opened.follow(link.replace("my", "other").replace("%20file%20%C3%BC", ""))


def test_bad_names_are_refused_before_anything_happens(put: Put, offer: BlobStore, deadline: Deadline) -> None:
    for path in ("", "/x", "x/", "../x", "a/../../x", "a//b", "a\\b", "a\x00b", "x" * 1000):
        with pytest.raises(CloudInvalid):
            put(path, b"x")
        with pytest.raises(CloudInvalid):
            offer.stat(path, deadline=deadline)


def test_leftovers_are_cleaned_and_blobs_are_not(put: Put, offer: BlobStore, read: Any, here: str) -> None:
    put(f"{here}/x", b"content")
    assert offer.clean_leftovers(older_than=datetime.now(UTC) + timedelta(hours=1), deadline=Deadline(30)) >= 0
    assert read(f"{here}/x") == b"content"


def test_no_time_is_told_before_anything_happens(put: Put, offer: BlobStore, passed: Deadline, here: str) -> None:
    with pytest.raises(CloudTimeout):
        put(f"{here}/x", b"x", deadline=passed)
    with pytest.raises(CloudTimeout):
        offer.stat(f"{here}/x", deadline=passed)
    with pytest.raises(CloudTimeout):
        offer.list(here, after=None, limit=1, deadline=passed)
    with pytest.raises(CloudTimeout), offer.open(f"{here}/x", deadline=passed):
        pass
    assert paths(offer, here) == []


def test_errors_name_their_provider(offer: BlobStore, deadline: Deadline, here: str) -> None:
    with pytest.raises(CloudNotFound) as caught:
        offer.stat(f"{here}/x", deadline=deadline)
    assert caught.value.provider == offer.provider
