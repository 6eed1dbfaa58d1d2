"""Large blobs, block by block, and what an upload that was cut off leaves behind.

A block's name says when its upload began and which it was, so that leftovers are known by their age even where Azure
tells none. Blocks become a blob in one commit, which carries the condition: until then the old blob stands.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import time
from datetime import UTC, datetime
from typing import Any, BinaryIO

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceModifiedError
from azure.storage.blob import BlobBlock, BlobClient, BlobType, ContainerClient

from shared_backend.cloud import wire
from shared_backend.cloud.azure.failures import PROVIDER, error_code
from shared_backend.cloud.contract import Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudError, CloudUnavailable

# Seconds for tidying up after a failure: only what the deadline has left, and no more than this.
_TIDY_S = 2.0


class BlockUpload:
    """One upload of a large blob."""

    def __init__(self, blob: BlobClient, deadline: Deadline) -> None:
        self._blob = blob
        self._deadline = deadline
        self._began = int(time.time())
        self._id = secrets.token_hex(8)

    def run(
        self, data: BinaryIO, size: int, sha256: str, chunk: int, condition: Condition, options: dict[str, Any]
    ) -> dict[str, Any]:
        """Stores `size` bytes of `data`, in blocks of `chunk` bytes. Call it within `failures.calling`."""
        committing = False
        try:
            blocks = self._stage(data, size, sha256, chunk)
            if condition.kind == "absent":
                options = options | {"match_condition": MatchConditions.IfMissing}
            self._deadline.check(PROVIDER)
            committing = True
            return self._blob.commit_block_list(blocks, validate_content=True, **options)
        except HttpResponseError as error:
            if error_code(error) == "InvalidBlockList":
                raise CloudUnavailable(
                    "Another upload to the same path finished first and swept this one's parts away. Upload it again.",
                    provider=PROVIDER,
                ) from error
            self._tidy()
            raise
        except (AzureError, CloudError) as error:
            if not committing:
                # A part that may or may not have arrived is no blob.
                self._tidy()
                if isinstance(error, CloudError):
                    error.ambiguous = False
                    raise
                raise CloudUnavailable(
                    "The connection to Azure Blob Storage broke off before the blob was whole.", provider=PROVIDER
                ) from error
            raise

    def _stage(self, data: BinaryIO, size: int, sha256: str, chunk: int) -> list[BlobBlock]:
        digest, done = hashlib.sha256(), 0
        blocks: list[BlobBlock] = []
        while done < size:
            self._deadline.check(PROVIDER)
            part = data.read(min(chunk, size - done))
            if not part:
                break
            digest.update(part)
            done += len(part)
            block_id = f"{self._began:010d}-{self._id}-{len(blocks):06d}"
            self._blob.stage_block(block_id, part, length=len(part), validate_content=True)
            blocks.append(BlobBlock(block_id))
        if done != size or digest.hexdigest() != sha256:
            raise CloudCorrupted("The bytes are not those of their SHA-256.", provider=PROVIDER)
        return blocks

    def _tidy(self) -> None:
        """Removes this upload's parts where no blob stands; the failure that led here goes on whatever happens."""
        with (
            contextlib.suppress(AzureError, CloudError, ValueError),
            wire.within(Deadline(min(self._deadline.left, _TIDY_S))),
        ):
            ids = [block.id for block in self._blob.get_block_list("uncommitted")[1]]
            if all(self._id in block_id for block_id in ids):
                _discard(self._blob)


def sweep(container: ContainerClient, *, older_than: datetime, deadline: Deadline) -> int:
    """Removes the parts of blobs that were never finished and are older; answers how many parts."""
    removed = 0
    for item in list(container.list_blobs(include=["uncommittedblobs"])):
        # Only what was never committed has no etag of its own and no length.
        if item.size or item.blob_type not in (None, BlobType.BLOCKBLOB, BlobType.BlockBlob):
            continue
        deadline.check(PROVIDER)
        blob = container.get_blob_client(item.name)
        with contextlib.suppress(ResourceExistsError, ResourceModifiedError):
            committed, uncommitted = blob.get_block_list("all")
            if committed or not uncommitted:
                continue
            begun = [_begun(block.id) or item.last_modified for block in uncommitted]
            if all(at is not None and at < older_than for at in begun) and _discard(blob):
                removed += len(uncommitted)
    return removed


def _discard(blob: BlobClient) -> bool:
    """Azure forgets parts when something is committed in their place: an empty blob, which is then deleted.

    Both happen only while nobody else has written there. Answers whether they did.
    """
    try:
        made = blob.commit_block_list([], match_condition=MatchConditions.IfMissing)
    except (ResourceExistsError, ResourceModifiedError):
        return False
    blob.delete_blob(etag=str(made["etag"]), match_condition=MatchConditions.IfNotModified)
    return True


def _begun(block_id: str) -> datetime | None:
    seconds, _, rest = block_id.partition("-")
    if not seconds.isdigit() or len(rest) != 23:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
