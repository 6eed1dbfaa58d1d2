"""Blobs in Amazon S3."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

from botocore.httpchecksum import StreamingChecksumBody
from botocore.response import StreamingBody

from shared_backend.cloud.aws.blob_parts import MultipartUpload, sweep
from shared_backend.cloud.aws.clients import AwsClients, needed
from shared_backend.cloud.aws.failures import PROVIDER, calling, error_code
from shared_backend.cloud.contents import SHA256_KEY, bare, checked, require_same
from shared_backend.cloud.contract import BlobInfo, BlobPage, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudInvalid,
    CloudNotFound,
    CloudPrecondition,
)
from shared_backend.cloud.names import check_metadata, check_path
from shared_backend.cloud.spool import digest_of
from shared_backend.config.cloud_aws import AwsSettings

SERVICE = "Amazon S3"
# Up to here one request stores a blob; above, several do. Bytes.
SINGLE = 8 * 1024 * 1024
_READ = 1024 * 1024
# S3 signs an address for a week at most.
_MAX_LINK_S = 7 * 24 * 3600
# A page's metadata is asked for blob by blob, by so many threads.
_ASKING = 16


class S3Blobs:
    """`contract.BlobStore` on one bucket, which is made at the first write when it is missing.

    S3's etag is that of the content: the same bytes written again may have the same etag, and then a write that waits
    for the old one is let through.
    """

    provider = PROVIDER

    def __init__(self, settings: AwsSettings, clients: AwsClients) -> None:
        needed(settings, "region", "s3_bucket")
        self._region = settings.region or ""
        self._bucket = settings.s3_bucket or ""
        self._client = clients.get("s3")

    def _key(self, path: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": check_path(path)}

    def put(
        self,
        path: str,
        data: BinaryIO,
        *,
        size: int,
        sha256: str,
        content_type: str,
        metadata: Mapping[str, str],
        condition: Condition,
        deadline: Deadline,
    ) -> BlobInfo:
        """As in the contract. S3 holds each request to the SHA-256 that is sent with it."""
        check_metadata(dict(metadata))
        key, start = self._key(path), data.tell()
        options: dict[str, Any] = {
            "Metadata": _headers({**metadata, SHA256_KEY: sha256}),
            "ContentType": content_type,
        }

        def store() -> BlobInfo:
            data.seek(start)
            # An answer that was cut off in its head is read in here, too.
            with calling(SERVICE, deadline, writes=True):
                if size > SINGLE:
                    upload = MultipartUpload(self._client, key, deadline)
                    answer = upload.run(data, size, sha256, options, _conditions(condition))
                else:
                    answer = self._store(key, data, size, sha256, {**options, **_conditions(condition)})
                etag = bare(answer["ETag"])
                return BlobInfo(path, size, sha256, content_type, dict(metadata), etag, _sent_at(answer))

        try:
            return store()
        except CloudNotFound as error:
            if error_code(error.__cause__) != "NoSuchBucket":
                raise
            self._make_bucket(deadline)
            return store()
        except CloudPrecondition as error:
            if condition.kind != "absent":
                raise
            raise CloudAlreadyExists(f"{SERVICE} has something by that name already.", provider=PROVIDER) from error

    def _store(
        self, key: dict[str, str], data: BinaryIO, size: int, sha256: str, options: dict[str, Any]
    ) -> dict[str, Any]:
        body = data.read(size)
        digest = digest_of(data, body)
        require_same(digest, sha256, short=len(body) != size, provider=PROVIDER)
        checksum = base64.b64encode(bytes.fromhex(digest)).decode()
        answer: dict[str, Any] = self._client.put_object(**key, Body=body, ChecksumSHA256=checksum, **options)
        return answer

    def _make_bucket(self, deadline: Deadline) -> None:
        place: dict[str, Any] = {}
        if self._region != "us-east-1":
            place["CreateBucketConfiguration"] = {"LocationConstraint": self._region}
        try:
            with calling(SERVICE, deadline):
                self._client.create_bucket(Bucket=self._bucket, **place)
        except CloudAlreadyExists as error:
            if error_code(error.__cause__) != "BucketAlreadyOwnedByYou":
                raise CloudInvalid(
                    f"Somebody else has a bucket with the name {self._bucket}. Change INTELLICV_AWS_S3_BUCKET.",
                    provider=PROVIDER,
                ) from error

    @contextlib.contextmanager
    def open(self, path: str, *, deadline: Deadline) -> Iterator[tuple[BlobInfo, Iterator[bytes]]]:
        """As in the contract."""
        key = self._key(path)
        with calling(SERVICE, deadline):
            answer = self._client.get_object(**key, ChecksumMode="ENABLED")
            info = _info(path, answer)
        body = answer["Body"]
        if info.sha256 and isinstance(body, StreamingChecksumBody):
            # Held against our own SHA-256: S3's would be the same pass over the bytes once more.
            body = StreamingBody(body._raw_stream, body._content_length)
        try:
            yield info, self._chunks(body, info, deadline)
        finally:
            body.close()

    @staticmethod
    def _chunks(body: Any, info: BlobInfo, deadline: Deadline) -> Iterator[bytes]:
        def read() -> bytes:
            with calling(SERVICE, deadline):
                # Where we know no digest of our own, S3's is held against the bytes at their end.
                chunk: bytes = body.read(_READ)
                return chunk

        return checked(read, info, provider=PROVIDER)

    def stat(self, path: str, *, deadline: Deadline) -> BlobInfo:
        """As in the contract."""
        key = self._key(path)
        with calling(SERVICE, deadline):
            return _info(path, self._client.head_object(**key))

    def _all_of(self, paths: list[str], deadline: Deadline) -> list[BlobInfo]:
        if len(paths) < 2:
            return [info for path in paths if (info := self._if_there(path, deadline))]
        with ThreadPoolExecutor(min(_ASKING, len(paths)), thread_name_prefix="s3-listing") as pool:
            answers = list(pool.map(lambda path: self._if_there(path, deadline), paths))
        return [info for info in answers if info]

    def _if_there(self, path: str, deadline: Deadline) -> BlobInfo | None:
        try:
            with calling(SERVICE, deadline):
                # Not `stat`: somebody else's blobs may have names that we would not give.
                return _info(path, self._client.head_object(Bucket=self._bucket, Key=path))
        except CloudNotFound:
            return None

    def list(self, prefix: str, *, after: str | None, limit: int, deadline: Deadline) -> BlobPage:
        """As in the contract. S3's listing has no metadata, so each blob is asked for its own."""
        while True:
            try:
                with calling(SERVICE, deadline):
                    found = self._client.list_objects_v2(
                        Bucket=self._bucket,
                        Prefix=prefix,
                        MaxKeys=min(limit, 1000),
                        **({"StartAfter": after} if after else {}),
                    )
            except CloudNotFound:
                return BlobPage([], None)
            paths = [item["Key"] for item in found.get("Contents", ())]
            items = self._all_of(paths, deadline)
            more = bool(found.get("IsTruncated")) and bool(paths)
            # All that stood on this page may have been deleted since.
            if items or not more:
                return BlobPage(items, paths[-1] if more else None)
            after = paths[-1]

    def delete(self, path: str, *, condition: Condition, deadline: Deadline) -> None:
        """As in the contract. S3 calls deleting nothing a success, so it is asked first what there is."""
        key = self._key(path)
        found = self.stat(path, deadline=deadline)
        if condition.kind == "etag" and found.etag != bare(condition.etag):
            raise CloudPrecondition(provider=PROVIDER)
        with calling(SERVICE, deadline, writes=True):
            self._client.delete_object(**key, **_conditions(condition))

    def link(self, path: str, *, seconds: int, deadline: Deadline) -> str:
        """As in the contract: an address with a signature that reads this one blob, for a week at most."""
        self.stat(path, deadline=deadline)
        with calling(SERVICE, deadline):
            address: str = self._client.generate_presigned_url(
                "get_object", Params=self._key(path), ExpiresIn=min(seconds, _MAX_LINK_S)
            )
        return address

    def clean_leftovers(self, *, older_than: datetime, deadline: Deadline) -> int:
        """As in the contract."""
        try:
            with calling(SERVICE, deadline, writes=True):
                return sweep(self._client, self._bucket, older_than=older_than, deadline=deadline)
        except CloudNotFound:
            return 0

    def check(self, *, deadline: Deadline) -> str:
        """Asks for the bucket. Answers what was found, in words."""
        try:
            with calling(SERVICE, deadline):
                self._client.head_bucket(Bucket=self._bucket)
        except CloudNotFound:
            return f"the bucket {self._bucket} is yet to be made"
        return f"the bucket {self._bucket} answers"


def _conditions(condition: Condition) -> dict[str, str]:
    if condition.kind == "absent":
        return {"IfNoneMatch": "*"}
    return {"IfMatch": json.dumps(bare(condition.etag))} if condition.kind == "etag" else {}


def _headers(metadata: Mapping[str, str]) -> dict[str, str]:
    # Many a server between drops headers with an underscore; the contract's keys have no hyphens.
    return {key.replace("_", "-"): value for key, value in metadata.items()}


def _info(path: str, answer: Mapping[str, Any]) -> BlobInfo:
    metadata = {key.lower().replace("-", "_"): value for key, value in answer.get("Metadata", {}).items()}
    return BlobInfo(
        path=path,
        size=int(answer["ContentLength"]),
        sha256=metadata.pop(SHA256_KEY, ""),
        content_type=answer.get("ContentType") or "application/octet-stream",
        metadata=metadata,
        etag=bare(answer["ETag"]),
        modified_at=answer["LastModified"].astimezone(UTC),
    )


def _sent_at(answer: Mapping[str, Any]) -> datetime:
    """When S3 answered a write: it does not say when it wrote."""
    try:
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.now(UTC).replace(microsecond=0)
