"""Blobs in Azure Blob Storage."""

from __future__ import annotations

import base64
import contextlib
import functools
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from azure.core import MatchConditions
from azure.storage.blob import (
    BlobClient,
    BlobProperties,
    BlobSasPermissions,
    BlobServiceClient,
    ContentSettings,
    generate_blob_sas,
)

from shared_backend.cloud.azure.blob_blocks import BlockUpload, sweep
from shared_backend.cloud.azure.credentials import needed, token_credential
from shared_backend.cloud.azure.failures import PROVIDER, calling, error_code
from shared_backend.cloud.azure.transport import AzureTransport, client_options
from shared_backend.cloud.contents import SHA256_KEY, Digest, bare, checked, require_same
from shared_backend.cloud.contract import BlobInfo, BlobPage, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudAlreadyExists, CloudNotConfigured, CloudNotFound
from shared_backend.cloud.names import check_metadata, check_path
from shared_backend.cloud.spool import digest_of, md5_of
from shared_backend.config.cloud_azure import AzureSettings

SERVICE = "Azure Blob Storage"
# Up to here one request stores a blob, whole or not at all; above, blocks of this size do. Bytes.
CHUNK = 4 * 1024 * 1024
SINGLE = 8 * 1024 * 1024
_CLIENTS = 128


class AzureBlobs:
    """`contract.BlobStore` on one container, which is made at the first write when it is missing."""

    provider = PROVIDER
    # It asks for the MD5 of what it is given: see spool.spooled.
    with_md5 = True

    def __init__(self, settings: AzureSettings, transport: AzureTransport) -> None:
        self._settings = settings
        self._transport = transport
        self._service = _service(settings, transport)
        self._container = self._service.get_container_client(settings.storage_container)
        # The SDK takes 0.4 ms to make one, and what is written is soon asked for.
        self._client_of = functools.lru_cache(maxsize=_CLIENTS)(self._container.get_blob_client)

    def _blob(self, path: str) -> BlobClient:
        return self._client_of(check_path(path))

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
        """As in the contract. The MD5 of each request lets Azure refuse what was changed on the way."""
        check_metadata(dict(metadata))
        options: dict[str, Any] = {
            "metadata": {**metadata, SHA256_KEY: sha256},
            "content_settings": ContentSettings(content_type=content_type),
        }
        if condition.kind == "etag":
            options |= {"etag": _quoted(condition.etag), "match_condition": MatchConditions.IfNotModified}
        blob, start = self._blob(path), data.tell()

        def store() -> BlobInfo:
            data.seek(start)
            # An answer that was cut off in its head is read in here, too.
            with calling(SERVICE, deadline, writes=True):
                answer = self._store(blob, data, size, sha256, condition, options, deadline)
                etag, modified_at = _etag(answer["etag"]), _utc(answer["last_modified"])
                return BlobInfo(path, size, sha256, content_type, dict(metadata), etag, modified_at)

        try:
            return store()
        except CloudNotFound as error:
            if error_code(error.__cause__) != "ContainerNotFound":
                raise
            self._make_container(deadline)
            return store()

    def _store(
        self,
        blob: BlobClient,
        data: BinaryIO,
        size: int,
        sha256: str,
        condition: Condition,
        options: dict[str, Any],
        deadline: Deadline,
    ) -> dict[str, Any]:
        if size > SINGLE:
            return BlockUpload(blob, deadline).run(data, size, sha256, CHUNK, condition, options)
        body = data.read(size)
        require_same(digest_of(data, body), sha256, short=len(body) != size, provider=PROVIDER)
        md5 = md5_of(data, body)

        def seal(request: Any) -> None:
            # As late as can be, before it is signed: the digest is made beside the SDK's own work.
            request.http_request.headers["Content-MD5"] = base64.b64encode(md5.result()).decode()

        return blob.upload_blob(
            body, length=size, overwrite=condition.kind != "absent", raw_request_hook=seal, **options
        )

    def _make_container(self, deadline: Deadline) -> None:
        with contextlib.suppress(CloudAlreadyExists), calling(SERVICE, deadline):
            self._container.create_container()

    @contextlib.contextmanager
    def open(self, path: str, *, deadline: Deadline) -> Iterator[tuple[BlobInfo, Iterator[bytes]]]:
        """As in the contract. All chunks are of the etag of the first: a writer in between is CloudPrecondition."""
        blob = self._blob(path)
        with calling(SERVICE, deadline), self._transport.closing_streams():
            download, first = self._transport.hashing(lambda: blob.download_blob(max_concurrency=1))
        info = _info(download.properties, download.size)
        yield info, self._chunks(download.chunks(), info, first, deadline)

    def _chunks(
        self, chunks: Iterator[bytes], info: BlobInfo, first: tuple[bytes, Digest] | None, deadline: Deadline
    ) -> Iterator[bytes]:
        def read() -> bytes | None:
            with calling(SERVICE, deadline), self._transport.closing_streams():
                # Nothing ends it, and so an empty piece must not.
                return next(filter(None, chunks), None)

        return checked(read, info, provider=PROVIDER, first=first)

    def stat(self, path: str, *, deadline: Deadline) -> BlobInfo:
        """As in the contract."""
        blob = self._blob(path)
        with calling(SERVICE, deadline):
            found = blob.get_blob_properties()
        return _info(found, found.size)

    def list(self, prefix: str, *, after: str | None, limit: int, deadline: Deadline) -> BlobPage:
        """As in the contract. Azure's own markers are for its eyes only, so a page begins where the path says."""
        items: list[BlobInfo] = []
        options: dict[str, Any] = {"start_from": after} if after else {}
        try:
            with calling(SERVICE, deadline):
                found = self._container.list_blobs(
                    name_starts_with=prefix or None,
                    include=["metadata"],
                    results_per_page=min(limit + 2, 5000),
                    **options,
                )
                for item in found:
                    if after is not None and item.name <= after:
                        continue
                    if len(items) == limit:
                        return BlobPage(items, items[-1].path if items else after)
                    items.append(_info(item, item.size))
        except CloudNotFound:
            return BlobPage([], None)
        return BlobPage(items, None)

    def delete(self, path: str, *, condition: Condition, deadline: Deadline) -> None:
        """As in the contract."""
        blob, options = self._blob(path), dict[str, Any]()
        if condition.kind == "etag":
            options = {"etag": _quoted(condition.etag), "match_condition": MatchConditions.IfNotModified}
        with calling(SERVICE, deadline, writes=True):
            blob.delete_blob(delete_snapshots="include", **options)

    def link(self, path: str, *, seconds: int, deadline: Deadline) -> str:
        """As in the contract: an address with a signature that reads this one blob."""
        self.stat(path, deadline=deadline)
        now = datetime.now(UTC)
        keys: dict[str, Any] = {}
        with calling(SERVICE, deadline):
            account_key = getattr(self._service.credential, "account_key", None)
            if account_key:
                keys["account_key"] = account_key
            else:
                keys["user_delegation_key"] = self._service.get_user_delegation_key(
                    now - timedelta(minutes=5), now + timedelta(seconds=seconds)
                )
            token = generate_blob_sas(
                account_name=self._service.account_name or "",
                container_name=self._settings.storage_container,
                blob_name=path,
                permission=BlobSasPermissions(read=True),
                # Five minutes back: Azure's clock and ours need not agree.
                start=now - timedelta(minutes=5),
                expiry=now + timedelta(seconds=seconds),
                **keys,
            )
        return f"{self._blob(path).url}?{token}"

    def clean_leftovers(self, *, older_than: datetime, deadline: Deadline) -> int:
        """As in the contract. Parts that lie beside a finished blob go with its next write, or after Azure's week."""
        try:
            with calling(SERVICE, deadline, writes=True):
                return sweep(self._container, older_than=older_than, deadline=deadline)
        except CloudNotFound:
            return 0

    def check(self, *, deadline: Deadline) -> str:
        """A listing of one blob. Answers what was found, in words."""
        page = self.list("", after=None, limit=1, deadline=deadline)
        name = self._settings.storage_container
        return f"the container {name} answers" + ("" if page.items else " and is empty or yet to be made")


def _service(settings: AzureSettings, transport: AzureTransport) -> BlobServiceClient:
    options: dict[str, Any] = {
        **client_options(transport),
        "max_single_put_size": SINGLE,
        "max_block_size": CHUNK,
        "max_single_get_size": CHUNK,
        "max_chunk_get_size": CHUNK,
    }
    if settings.storage_api_version:
        options["api_version"] = settings.storage_api_version
    if settings.storage_connection_string and settings.credential == "key":
        try:
            return BlobServiceClient.from_connection_string(
                settings.storage_connection_string.get_secret_value(), **options
            )
        except ValueError as error:
            raise CloudNotConfigured(
                "INTELLICV_AZURE_STORAGE_CONNECTION_STRING can't be read: copy it whole.", provider=PROVIDER
            ) from error
    needed(settings, "storage_account_url")
    if settings.credential != "key":
        return BlobServiceClient(settings.storage_account_url or "", token_credential(settings, transport), **options)
    needed(settings, "storage_account_key")
    assert settings.storage_account_key is not None
    return BlobServiceClient(
        settings.storage_account_url or "", settings.storage_account_key.get_secret_value(), **options
    )


def _info(found: BlobProperties, size: int) -> BlobInfo:
    metadata = {key.lower(): value for key, value in (found.metadata or {}).items()}
    sha256 = metadata.pop(SHA256_KEY, "")
    return BlobInfo(
        path=found.name,
        size=size,
        sha256=sha256,
        content_type=found.content_settings.content_type or "application/octet-stream",
        metadata=metadata,
        etag=bare(found.etag),
        modified_at=_utc(found.last_modified),
    )


def _etag(etag: str | None) -> str:
    if not etag:
        raise ValueError("an answer without an etag")
    return bare(etag)


def _quoted(etag: str) -> str:
    return json.dumps(bare(etag))


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
