"""What the real SDKs do behind the contract when the wire breaks: the error by meaning, and in time."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from shared_backend.cloud.azure.provider import AzureProvider
from shared_backend.cloud.contract import BlobStore, Capability, Condition, Message
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudCorrupted,
    CloudDenied,
    CloudError,
    CloudInvalid,
    CloudNotConfigured,
    CloudNotFound,
    CloudPrecondition,
    CloudThrottled,
    CloudTimeout,
    CloudUnavailable,
)
from tests.support.cloud.proxy import Fault, FaultProxy

SHORT_S = 0.6
Call = Callable[[AzureProvider, Deadline], Any]


def put(blobs: BlobStore, path: str, data: bytes, deadline: Deadline, **other: Any) -> Any:
    given: dict[str, Any] = {"content_type": "text/plain", "metadata": {}, "condition": Condition(), **other}
    sha256 = hashlib.sha256(data).hexdigest()
    return blobs.put(path, io.BytesIO(data), size=len(data), sha256=sha256, deadline=deadline, **given)


def read(blobs: BlobStore, path: str, deadline: Deadline) -> bytes:
    with blobs.open(path, deadline=deadline) as (_, chunks):
        return b"".join(chunks)


ASK = (Message("user", "Say something of some length, please, so that it takes a while to arrive."),)
CALLS: dict[str, Call] = {
    "get secret": lambda azure, deadline: azure.offer(Capability.SECRETS).get("s", version=None, deadline=deadline),
    "set secret": lambda azure, deadline: azure.offer(Capability.SECRETS).set("s", SecretStr("v"), deadline=deadline),
    "sentiment": lambda azure, deadline: azure.offer(Capability.TEXT).sentiment(
        "good", language="en", deadline=deadline
    ),
    "generate": lambda azure, deadline: azure.offer(Capability.GENERATION).generate(
        ASK, max_tokens=50, temperature=0.1, schema=None, deadline=deadline
    ),
    "stream": lambda azure, deadline: list(
        azure.offer(Capability.GENERATION).stream(ASK, max_tokens=50, temperature=0.1, deadline=deadline)
    ),
    "embed": lambda azure, deadline: azure.offer(Capability.EMBEDDINGS).embed(["a"], deadline=deadline),
}
BLOB_CALLS: dict[str, Callable[[BlobStore, Deadline], Any]] = {
    "put": lambda blobs, deadline: put(blobs, "faults/x", b"new", deadline),
    "put large": lambda blobs, deadline: put(blobs, "faults/large", bytes(9 << 20), deadline),
    "open": lambda blobs, deadline: read(blobs, "faults/x", deadline),
    "stat": lambda blobs, deadline: blobs.stat("faults/x", deadline=deadline),
    "list": lambda blobs, deadline: blobs.list("faults/", after=None, limit=10, deadline=deadline),
    "delete": lambda blobs, deadline: blobs.delete("faults/x", condition=Condition(), deadline=deadline),
}


def raised(call: Callable[[], Any]) -> CloudError:
    with pytest.raises(CloudError) as caught:
        call()
    assert caught.value.provider == "azure"
    return caught.value


@pytest.fixture
def blobs(azure_blobs: AzureProvider) -> BlobStore:
    """Blobs with one at faults/x, on a connection that is open."""
    store: BlobStore = azure_blobs.offer(Capability.BLOBS)
    put(store, "faults/x", b"old", Deadline(30))
    return store


@pytest.mark.parametrize("kind", ["black_hole", "drip"])
@pytest.mark.parametrize("name", BLOB_CALLS)
def test_no_blob_call_outlasts_its_deadline(blobs: BlobStore, blob_proxy: FaultProxy, name: str, kind: Any) -> None:
    blob_proxy.arm(Fault(kind), times=0)
    error = raised(lambda: BLOB_CALLS[name](blobs, Deadline(SHORT_S)))
    assert isinstance(error, CloudTimeout)
    assert error.ambiguous == (name in ("put", "delete"))


@pytest.mark.parametrize("kind", ["black_hole", "drip"])
@pytest.mark.parametrize("name", CALLS)
def test_no_other_call_outlasts_its_deadline(azure: AzureProvider, doubles: FaultProxy, name: str, kind: Any) -> None:
    CALLS["set secret"](azure, Deadline(30))
    CALLS[name](azure, Deadline(30))
    doubles.arm(Fault(kind), times=0)
    error = raised(lambda: CALLS[name](azure, Deadline(SHORT_S)))
    assert isinstance(error, CloudTimeout)
    assert error.ambiguous == (name == "set secret")


@pytest.mark.parametrize("name", BLOB_CALLS)
def test_a_dead_port_is_told_at_once(blobs: BlobStore, blob_proxy: FaultProxy, name: str) -> None:
    blob_proxy.down()
    error = raised(lambda: BLOB_CALLS[name](blobs, Deadline(20)))
    assert isinstance(error, CloudUnavailable)
    blob_proxy.up()
    assert read(blobs, "faults/x", Deadline(20)) == b"old"


@pytest.mark.parametrize("name", CALLS)
def test_a_dead_proxy_is_told_at_once(azure: AzureProvider, doubles: FaultProxy, name: str) -> None:
    doubles.down()
    assert isinstance(raised(lambda: CALLS[name](azure, Deadline(20))), CloudUnavailable)


@pytest.mark.parametrize("name", CALLS)
def test_a_certificate_of_somebody_else_is_refused(azure: AzureProvider, doubles: FaultProxy, name: str) -> None:
    doubles.arm(Fault("wrong_tls"), times=0)
    error = raised(lambda: CALLS[name](azure, Deadline(20)))
    assert isinstance(error, CloudUnavailable)
    assert not error.ambiguous
    assert "certificate" in str(error)


MEANINGS = {
    401: CloudDenied,
    403: CloudDenied,
    404: CloudNotFound,
    409: CloudAlreadyExists,
    412: CloudPrecondition,
    429: CloudThrottled,
    500: CloudUnavailable,
    502: CloudUnavailable,
    503: CloudUnavailable,
    504: CloudUnavailable,
}
# Where a status means something else than it does for a blob.
OPENAI_MEANINGS = {404: CloudNotConfigured, 409: CloudUnavailable, 412: CloudInvalid}


@pytest.mark.parametrize("status", MEANINGS)
@pytest.mark.parametrize("name", ["put", "open", "delete"])
def test_statuses_of_blobs(blobs: BlobStore, blob_proxy: FaultProxy, name: str, status: int) -> None:
    headers = {"Retry-After": "3600"} if status in (429, 503) else {}
    blob_proxy.arm(Fault("status", status=status, headers=headers), times=0)
    error = raised(lambda: BLOB_CALLS[name](blobs, Deadline(20)))
    assert type(error) is MEANINGS[status]
    assert error.retry_after_s == (3600 if headers else None)
    assert error.ambiguous == (status >= 500 and name != "open")


@pytest.mark.parametrize("status", MEANINGS)
@pytest.mark.parametrize("name", CALLS)
def test_statuses_of_the_others(azure: AzureProvider, doubles: FaultProxy, name: str, status: int) -> None:
    CALLS["set secret"](azure, Deadline(30))
    headers = {"Retry-After": "3600"} if status in (429, 503) else {}
    doubles.arm(Fault("status", status=status, headers=headers), times=0)
    error = raised(lambda: CALLS[name](azure, Deadline(20)))
    openai = name in ("generate", "stream", "embed")
    assert type(error) is ({**MEANINGS, **OPENAI_MEANINGS} if openai else MEANINGS)[status]
    assert error.retry_after_s == (3600 if headers else None)


def test_a_lost_acknowledgement_is_ambiguous_and_the_write_has_happened(
    blobs: BlobStore, blob_proxy: FaultProxy
) -> None:
    blob_proxy.arm(Fault("drop_ack"))
    error = raised(lambda: put(blobs, "faults/x", b"newer", Deadline(20)))
    assert isinstance(error, CloudUnavailable)
    assert error.ambiguous
    assert read(blobs, "faults/x", Deadline(20)) == b"newer"


@pytest.mark.parametrize("at", [0, 20, 400, 2000, 5000])
def test_an_upload_that_is_cut_leaves_the_old_blob(blobs: BlobStore, blob_proxy: FaultProxy, at: int) -> None:
    blob_proxy.arm(Fault("cut_request", at=at))
    error = raised(lambda: put(blobs, "faults/x", b"z" * 10_000, Deadline(20)))
    assert isinstance(error, CloudUnavailable)
    assert read(blobs, "faults/x", Deadline(20)) == b"old"


@pytest.mark.parametrize("at", [0, 10, 300, 1500, 4000])
def test_a_download_that_is_cut_is_told_at_once(blobs: BlobStore, blob_proxy: FaultProxy, at: int) -> None:
    put(blobs, "faults/y", b"y" * 5000, Deadline(20))
    blob_proxy.arm(Fault("cut_response", at=at))
    error = raised(lambda: read(blobs, "faults/y", Deadline(20)))
    assert isinstance(error, CloudUnavailable | CloudCorrupted)


def test_a_byte_flipped_on_the_way_up_is_not_stored(blobs: BlobStore, blob_proxy: FaultProxy) -> None:
    blob_proxy.arm(Fault("flip_request", at=1234))
    error = raised(lambda: put(blobs, "faults/x", b"z" * 5000, Deadline(20)))
    assert isinstance(error, CloudCorrupted)
    assert read(blobs, "faults/x", Deadline(20)) == b"old"


@pytest.mark.parametrize("back", [1, 1000, 4999])
def test_a_byte_flipped_on_the_way_down_is_found(blobs: BlobStore, blob_proxy: FaultProxy, back: int) -> None:
    put(blobs, "faults/y", b"y" * 5000, Deadline(20))
    blob_proxy.arm(Fault("flip_response", at=10**9))
    error = raised(lambda: read(blobs, "faults/y", Deadline(20)))
    assert isinstance(error, CloudCorrupted)


@pytest.mark.parametrize("at", [50, 300, 600, 900])
def test_a_stream_that_is_cut_raises_after_what_came(azure: AzureProvider, doubles: FaultProxy, at: int) -> None:
    generation = azure.offer(Capability.GENERATION)
    doubles.arm(Fault("cut_response", at=at))
    pieces: list[str] = []

    def listen() -> None:
        for piece in generation.stream(ASK, max_tokens=50, temperature=0.1, deadline=Deadline(20)):
            pieces.append(piece)

    assert isinstance(raised(listen), CloudUnavailable | CloudCorrupted)


def test_a_large_upload_that_is_cut_leaves_no_parts(
    blobs: BlobStore, blob_proxy: FaultProxy, azure_blobs: AzureProvider
) -> None:
    blob_proxy.arm(Fault("cut_request", at=100_000), match=lambda request: "000001" in _block(request.query))
    error = raised(lambda: put(blobs, "faults/parts", b"p" * (9 << 20), Deadline(30)))
    assert isinstance(error, CloudUnavailable)
    assert not error.ambiguous
    with pytest.raises(CloudNotFound):
        blobs.stat("faults/parts", deadline=Deadline(20))
    listed = blobs._container.list_blobs(name_starts_with="faults/parts", include=["uncommittedblobs"])  # type: ignore[attr-defined]
    assert list(listed) == []


def test_a_large_upload_that_is_cut_leaves_the_old_blob(blobs: BlobStore, blob_proxy: FaultProxy) -> None:
    put(blobs, "faults/old-large", b"old", Deadline(20))
    blob_proxy.arm(Fault("cut_request", at=100_000), match=lambda request: "000001" in _block(request.query))
    raised(lambda: put(blobs, "faults/old-large", b"p" * (9 << 20), Deadline(30)))
    assert read(blobs, "faults/old-large", Deadline(20)) == b"old"


def _block(query: dict[str, str]) -> str:
    import base64

    return base64.b64decode(query.get("blockid", "")).decode()
