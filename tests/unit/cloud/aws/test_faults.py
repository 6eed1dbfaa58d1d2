"""What the real SDK does behind the contract when the wire breaks: the error by meaning, and in time."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from shared_backend.cloud.aws.provider import AwsProvider
from shared_backend.cloud.contract import BlobStore, Capability, Condition, Message, SecretStore
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudCorrupted,
    CloudDenied,
    CloudError,
    CloudNotFound,
    CloudPrecondition,
    CloudThrottled,
    CloudTimeout,
    CloudUnavailable,
)
from tests.support.cloud.aws import BUCKET, Moto
from tests.support.cloud.proxy import Fault, FaultProxy, Request

SHORT_S = 0.6
LARGE = 17 << 20


def put(blobs: BlobStore, path: str, data: bytes, deadline: Deadline, **other: Any) -> Any:
    given: dict[str, Any] = {"content_type": "text/plain", "metadata": {}, "condition": Condition(), **other}
    sha256 = hashlib.sha256(data).hexdigest()
    return blobs.put(path, io.BytesIO(data), size=len(data), sha256=sha256, deadline=deadline, **given)


def read(blobs: BlobStore, path: str, deadline: Deadline) -> bytes:
    with blobs.open(path, deadline=deadline) as (_, chunks):
        return b"".join(chunks)


ASK = (Message("user", "Say something of some length, please, so that it takes a while to arrive."),)
CALLS: dict[str, Callable[[AwsProvider, Deadline], Any]] = {
    "sentiment": lambda aws, deadline: aws.offer(Capability.TEXT).sentiment("good", language="en", deadline=deadline),
    "generate": lambda aws, deadline: aws.offer(Capability.GENERATION).generate(
        ASK, max_tokens=50, temperature=0.1, schema=None, deadline=deadline
    ),
    "stream": lambda aws, deadline: list(
        aws.offer(Capability.GENERATION).stream(ASK, max_tokens=50, temperature=0.1, deadline=deadline)
    ),
    "embed": lambda aws, deadline: aws.offer(Capability.EMBEDDINGS).embed(["a", "b"], deadline=deadline),
}
BLOB_CALLS: dict[str, Callable[[BlobStore, Deadline], Any]] = {
    "put": lambda blobs, deadline: put(blobs, "faults/x", b"new", deadline),
    "put large": lambda blobs, deadline: put(blobs, "faults/large", bytes(LARGE), deadline),
    "open": lambda blobs, deadline: read(blobs, "faults/x", deadline),
    "stat": lambda blobs, deadline: blobs.stat("faults/x", deadline=deadline),
    "list": lambda blobs, deadline: blobs.list("faults/", after=None, limit=10, deadline=deadline),
    "delete": lambda blobs, deadline: blobs.delete("faults/x", condition=Condition(), deadline=deadline),
}


def raised(call: Callable[[], Any]) -> CloudError:
    with pytest.raises(CloudError) as caught:
        call()
    assert caught.value.provider == "aws"
    return caught.value


@pytest.fixture
def blobs(stores: AwsProvider) -> BlobStore:
    """Blobs with one at faults/x, on a connection that is open."""
    store: BlobStore = stores.offer(Capability.BLOBS)
    put(store, "faults/x", b"old", Deadline(30))
    return store


@pytest.fixture
def secrets(stores: AwsProvider) -> SecretStore:
    """Secrets with one named s."""
    store: SecretStore = stores.offer(Capability.SECRETS)
    store.set("s", SecretStr("old"), deadline=Deadline(30))
    return store


@pytest.mark.parametrize("kind", ["black_hole", "drip"])
@pytest.mark.parametrize("name", BLOB_CALLS)
def test_no_blob_call_outlasts_its_deadline(blobs: BlobStore, moto_proxy: FaultProxy, name: str, kind: Any) -> None:
    moto_proxy.arm(Fault(kind), times=0)
    error = raised(lambda: BLOB_CALLS[name](blobs, Deadline(SHORT_S)))
    assert isinstance(error, CloudTimeout)
    # Deleting looks first, and parts are no blob.
    assert error.ambiguous == (name == "put")


@pytest.mark.parametrize("kind", ["black_hole", "drip"])
@pytest.mark.parametrize("name", CALLS)
def test_no_other_call_outlasts_its_deadline(minds: AwsProvider, doubles: FaultProxy, name: str, kind: Any) -> None:
    CALLS[name](minds, Deadline(30))
    doubles.arm(Fault(kind), times=0)
    error = raised(lambda: CALLS[name](minds, Deadline(SHORT_S)))
    assert isinstance(error, CloudTimeout)
    assert not error.ambiguous


@pytest.mark.parametrize("name", BLOB_CALLS)
def test_a_dead_port_is_told_at_once(blobs: BlobStore, moto_proxy: FaultProxy, name: str) -> None:
    moto_proxy.down()
    error = raised(lambda: BLOB_CALLS[name](blobs, Deadline(20)))
    assert isinstance(error, CloudUnavailable)
    moto_proxy.up()
    assert read(blobs, "faults/x", Deadline(20)) == b"old"


@pytest.mark.parametrize("name", CALLS)
def test_a_certificate_of_somebody_else_is_refused(minds: AwsProvider, doubles: FaultProxy, name: str) -> None:
    doubles.arm(Fault("wrong_tls"), times=0)
    error = raised(lambda: CALLS[name](minds, Deadline(20)))
    assert isinstance(error, CloudUnavailable)
    assert "certificate" in str(error)


MEANINGS = {
    401: CloudDenied,
    403: CloudDenied,
    404: CloudNotFound,
    409: CloudAlreadyExists,
    412: CloudPrecondition,
    429: CloudThrottled,
    500: CloudUnavailable,
    503: CloudUnavailable,
    504: CloudUnavailable,
}


@pytest.mark.parametrize("status", MEANINGS)
@pytest.mark.parametrize("name", ["put", "open", "stat", "delete"])
def test_a_status_has_its_meaning_for_a_blob(blobs: BlobStore, moto_proxy: FaultProxy, name: str, status: int) -> None:
    # The first request of a deletion looks; the second deletes.
    methods = ("DELETE",) if name == "delete" else ("PUT", "GET", "HEAD")
    moto_proxy.arm(Fault("status", status=status), match=lambda request: request.method in methods)
    asked = len(moto_proxy.seen)
    error = raised(lambda: BLOB_CALLS[name](blobs, Deadline(20)))
    assert type(error) is MEANINGS[status]
    assert error.ambiguous == (status >= 500 and name in ("put", "delete"))
    assert len(moto_proxy.seen) - asked == (2 if name == "delete" else 1), "nothing is tried again"


@pytest.mark.parametrize("status", [429, 503])
def test_an_hour_to_wait_is_told_and_not_waited(blobs: BlobStore, moto_proxy: FaultProxy, status: int) -> None:
    moto_proxy.arm(Fault("status", status=status, headers={"Retry-After": "3600"}))
    error = raised(lambda: BLOB_CALLS["stat"](blobs, Deadline(20)))
    assert error.retry_after_s == 3600
    assert error.may_fail_over


def test_a_lost_answer_is_ambiguous_and_the_blob_is_there(blobs: BlobStore, moto_proxy: FaultProxy) -> None:
    for name, data in (("x", b"new"), ("large-lost", bytes(LARGE))):
        last = "PUT" if name == "x" else "POST"
        moto_proxy.arm(
            Fault("drop_ack"),
            match=lambda request, last=last: request.method == last and "uploads" not in request.target,
        )
        error = raised(lambda name=name, data=data: put(blobs, f"faults/{name}", data, Deadline(20)))
        assert isinstance(error, CloudUnavailable)
        assert error.ambiguous
        assert read(blobs, f"faults/{name}", Deadline(20)) == data


def test_bytes_that_changed_on_their_way_there_are_refused(blobs: BlobStore, moto_proxy: FaultProxy) -> None:
    moto_proxy.arm(Fault("flip_request", at=2), match=lambda request: request.method == "PUT")
    error = raised(lambda: put(blobs, "faults/flipped", b"content", Deadline(20)))
    assert isinstance(error, CloudCorrupted)
    with pytest.raises(CloudNotFound):
        blobs.stat("faults/flipped", deadline=Deadline(20))


def test_bytes_that_changed_on_their_way_back_are_found(blobs: BlobStore, moto_proxy: FaultProxy) -> None:
    put(blobs, "faults/back", b"0123456789" * 1000, Deadline(20))
    moto_proxy.arm(Fault("flip_response", at=1 << 30), match=lambda request: request.method == "GET")
    assert isinstance(raised(lambda: read(blobs, "faults/back", Deadline(20))), CloudCorrupted)


def test_an_answer_that_is_cut_off_is_no_blob(blobs: BlobStore, moto_proxy: FaultProxy) -> None:
    put(blobs, "faults/cut", b"0123456789" * 100_000, Deadline(20))
    moto_proxy.arm(Fault("cut_response", at=500_000), match=lambda request: request.method == "GET")
    error = raised(lambda: read(blobs, "faults/cut", Deadline(20)))
    assert isinstance(error, CloudUnavailable | CloudCorrupted)
    assert error.may_fail_over


def is_second_part(request: Request) -> bool:
    return request.query.get("partNumber") == "2"


@pytest.mark.parametrize("fault", [Fault("cut_request", at=5_000_000), Fault("flip_request", at=9), Fault("status")])
def test_an_upload_that_breaks_in_the_middle_leaves_the_old_blob_and_no_parts(
    blobs: BlobStore, stores: AwsProvider, moto_proxy: FaultProxy, fault: Fault
) -> None:
    put(blobs, "faults/middle", b"before", Deadline(20))
    moto_proxy.arm(fault, match=is_second_part)
    error = raised(lambda: put(blobs, "faults/middle", bytes(range(256)) * (LARGE >> 8), Deadline(20)))
    assert not error.ambiguous
    assert error.may_fail_over
    assert read(blobs, "faults/middle", Deadline(20)) == b"before"
    left = stores.client("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads", ())
    assert "faults/middle" not in [upload["Key"] for upload in left]


def test_parts_of_a_process_that_died_are_cleaned_when_they_are_old(blobs: BlobStore, stores: AwsProvider) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    blobs.clean_leftovers(older_than=later, deadline=Deadline(20))
    client = stores.client("s3")
    begun = client.create_multipart_upload(Bucket=BUCKET, Key="faults/died")
    client.upload_part(Bucket=BUCKET, Key="faults/died", UploadId=begun["UploadId"], PartNumber=1, Body=b"x" * 100)
    # Moto begins every upload on the same day long ago.
    long_ago = datetime(1990, 1, 1, tzinfo=UTC)
    assert blobs.clean_leftovers(older_than=long_ago, deadline=Deadline(20)) == 0
    assert blobs.clean_leftovers(older_than=later, deadline=Deadline(20)) == 1
    assert blobs.clean_leftovers(older_than=later, deadline=Deadline(20)) == 0


def test_a_large_blob_keeps_its_conditions(blobs: BlobStore) -> None:
    first = put(blobs, "faults/conditional", b"first", Deadline(20))
    with pytest.raises(CloudAlreadyExists):
        put(blobs, "faults/conditional", bytes(LARGE), Deadline(30), condition=Condition("absent"))
    put(blobs, "faults/conditional", bytes(LARGE), Deadline(30), condition=Condition("etag", first.etag))
    with pytest.raises(CloudPrecondition):
        put(blobs, "faults/conditional", bytes(LARGE), Deadline(30), condition=Condition("etag", first.etag))


@pytest.mark.parametrize("kind", ["black_hole", "drip", "drop_ack"])
def test_a_secret_that_may_have_been_set_is_ambiguous(secrets: SecretStore, moto_proxy: FaultProxy, kind: Any) -> None:
    moto_proxy.arm(Fault(kind))
    error = raised(lambda: secrets.set("s", SecretStr("new"), deadline=Deadline(SHORT_S)))
    assert isinstance(error, CloudUnavailable)
    assert error.ambiguous
    assert "new" not in str(error)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("at", [0, 60, 250])
def test_half_an_answer_is_none(minds: AwsProvider, doubles: FaultProxy, name: str, at: int) -> None:
    doubles.arm(Fault("cut_response", at=at), times=0)
    error = raised(lambda: CALLS[name](minds, Deadline(20)))
    assert isinstance(error, CloudUnavailable | CloudCorrupted)


def test_a_stream_whose_bytes_changed_is_found(minds: AwsProvider, doubles: FaultProxy) -> None:
    doubles.arm(Fault("flip_response", at=700))
    error = raised(lambda: CALLS["stream"](minds, Deadline(20)))
    assert isinstance(error, CloudCorrupted | CloudUnavailable)


def test_monitoring_that_can_not_leave_waits_and_leaves_later(
    stores: AwsProvider, moto: Moto, moto_proxy: FaultProxy
) -> None:
    monitoring = stores.offer(Capability.MONITORING)
    moto_proxy.down()
    monitoring.metric("faults.kept", 1.0, unit="count", attributes={})
    monitoring.event("faults.said", {})
    assert not monitoring.flush(deadline=Deadline(2))
    moto_proxy.up()
    assert monitoring.flush(deadline=Deadline(10))
    names = [m["MetricName"] for m in stores.client("cloudwatch").list_metrics()["Metrics"]]
    assert names.count("faults.kept") == 1
