"""Large blobs, part by part, and what an upload that was cut off leaves behind.

Parts become a blob in one request at the end, which carries the condition: until then the old blob stands.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from datetime import datetime
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from shared_backend.cloud import wire
from shared_backend.cloud.aws.failures import PROVIDER, error_code, translate
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudError

# S3 takes 10,000 parts of at least 5 MiB. Bytes.
_PART = 8 * 1024 * 1024
_PARTS = 9_000
# Seconds for tidying up after a failure: only what the deadline has left, and no more than this.
_TIDY_S = 2.0
_BROKEN = (BotoCoreError, ClientError, HTTPError, CloudError)


class MultipartUpload:
    """One upload of a large blob."""

    def __init__(self, client: Any, key: dict[str, str], deadline: Deadline) -> None:
        self._client = client
        self._key = key
        self._deadline = deadline

    def run(
        self, data: BinaryIO, size: int, sha256: str, options: dict[str, Any], conditions: dict[str, str]
    ) -> dict[str, Any]:
        """Stores `size` bytes of `data`. Call it within `failures.calling`."""
        upload_id = ""
        try:
            begun = self._client.create_multipart_upload(**self._key, ChecksumAlgorithm="SHA256", **options)
            upload_id = begun["UploadId"]
            parts = self._parts(upload_id, data, size, sha256)
            self._deadline.check(PROVIDER)
        except _BROKEN as error:
            # Parts that may or may not have arrived are no blob: nothing about it is ambiguous.
            self._abort(upload_id)
            known = error if isinstance(error, CloudError) else translate(error, "Amazon S3")
            known.ambiguous = False
            if known is error:
                raise
            raise known from error
        try:
            answer: dict[str, Any] = self._client.complete_multipart_upload(
                **self._key, UploadId=upload_id, MultipartUpload={"Parts": parts}, **conditions
            )
        except ClientError:
            # S3 has said no; after a lost answer the blob may be whole, and there is nothing to remove.
            self._abort(upload_id)
            raise
        return answer

    def _parts(self, upload_id: str, data: BinaryIO, size: int, sha256: str) -> list[dict[str, Any]]:
        digest, done = hashlib.sha256(), 0
        parts: list[dict[str, Any]] = []
        length = max(_PART, -(-size // _PARTS))
        while done < size:
            self._deadline.check(PROVIDER)
            part = data.read(min(length, size - done))
            if not part:
                break
            digest.update(part)
            done += len(part)
            checksum = base64.b64encode(hashlib.sha256(part).digest()).decode()
            number = len(parts) + 1
            answer = self._client.upload_part(
                **self._key, UploadId=upload_id, PartNumber=number, Body=part, ChecksumSHA256=checksum
            )
            parts.append({"ETag": answer["ETag"], "PartNumber": number, "ChecksumSHA256": checksum})
        if done != size or digest.hexdigest() != sha256:
            raise CloudCorrupted("The bytes are not those of their SHA-256.", provider=PROVIDER)
        return parts

    def _abort(self, upload_id: str) -> None:
        """Removes this upload's parts; the failure that led here goes on whatever happens."""
        left = min(self._deadline.left, _TIDY_S)
        if upload_id and left > 0:
            with contextlib.suppress(*_BROKEN), wire.within(Deadline(left)):
                self._client.abort_multipart_upload(**self._key, UploadId=upload_id)


def sweep(client: Any, bucket: str, *, older_than: datetime, deadline: Deadline) -> int:
    """Removes uploads that were begun before and never finished; answers how many."""
    removed = 0
    marker: dict[str, str] = {}
    while True:
        deadline.check(PROVIDER)
        page = client.list_multipart_uploads(Bucket=bucket, **marker)
        for upload in page.get("Uploads", ()):
            if upload["Initiated"] >= older_than:
                continue
            deadline.check(PROVIDER)
            try:
                client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
            except ClientError as error:
                if error_code(error) != "NoSuchUpload":
                    raise
                continue  # Finished since the listing.
            removed += 1
        if not page.get("IsTruncated") or not page.get("NextKeyMarker"):
            return removed
        marker = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page.get("NextUploadIdMarker", "")}
