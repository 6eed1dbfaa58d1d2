"""Blobs as files: atomic, synced, checked when they are read, and safe between processes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from shared_backend.cloud.contract import BlobInfo, BlobPage, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudCorrupted,
    CloudNotFound,
    CloudPrecondition,
    CloudUnavailable,
)
from shared_backend.cloud.local import links
from shared_backend.cloud.local.blob_file import CHUNK, header_of, open_blob, read_content, read_info
from shared_backend.cloud.local.blob_listing import walk
from shared_backend.cloud.local.disk import PROVIDER, locked, make_folder, meaningful, new_file, sync_folder, try_lock
from shared_backend.cloud.local.file_names import file_of
from shared_backend.cloud.local.home import Home
from shared_backend.cloud.names import HELD, check_metadata, check_path
from shared_backend.utils.clock import Clock, utc_now


class LocalBlobs:
    """A `BlobStore` in a folder. Any number of processes may use the same folder.

    `base_url` and `secret_key` are for links. `durable=False` leaves out the syncs: for data that may be lost. `home`
    tells whether it is the folder that the database knows: where it is not, nothing in it is read, written or deleted
    but what waits for its provider, and the error is CloudOtherFolder.
    """

    provider = PROVIDER

    def __init__(
        self,
        folder: Path,
        *,
        base_url: str,
        secret_key: str,
        clock: Clock = utc_now,
        durable: bool = True,
        home: Home | None = None,
    ) -> None:
        self._folder = folder
        self._objects = folder / "objects"
        self._incoming = folder / "incoming"
        self._base_url = base_url
        self._secret_key = secret_key
        self._clock = clock
        self._durable = durable
        self._home = home

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
        """See BlobStore. The bytes are on the disk before the name is; only the name is changed under the lock."""
        info = BlobInfo(
            path=check_path(path),
            size=size,
            sha256=sha256,
            content_type=content_type,
            metadata=check_metadata(dict(metadata)),
            etag=uuid.uuid4().hex,
            modified_at=self._clock(),
        )
        deadline.check(PROVIDER)
        with meaningful(self._folder):
            if self._home is not None:
                self._home.claim()
            if condition.kind != "any":
                # A write that must fail should not copy gigabytes first; it is asked again under the lock.
                self._check(path, condition)
            make_folder(self._incoming)
            draft = self._incoming / f"{info.etag}.part"
            descriptor = new_file(draft)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    # Held until it has its name: cleaning leaves alone what somebody is still writing.
                    try_lock(descriptor)
                    self._copy(data, file, info, deadline)
                    self._publish(draft, info, condition, deadline)
            finally:
                draft.unlink(missing_ok=True)
        return info

    @contextmanager
    def open(self, path: str, *, deadline: Deadline) -> Iterator[tuple[BlobInfo, Iterator[bytes]]]:
        """See BlobStore. A reader keeps what it has opened, whatever is written meanwhile."""
        file, info = self._open(path, deadline)
        with file:
            yield info, self._chunks(file, info, deadline)

    def stat(self, path: str, *, deadline: Deadline) -> BlobInfo:
        """See BlobStore."""
        file, info = self._open(path, deadline)
        file.close()
        return info

    def list(self, prefix: str, *, after: str | None, limit: int, deadline: Deadline) -> BlobPage:
        """See BlobStore. A blob whose header is damaged is listed without a sha256, so that it can be found."""
        deadline.check(PROVIDER)
        items: list[BlobInfo] = []
        with meaningful(self._folder):
            self._require_home()
            for path, file in walk(self._objects, prefix=prefix, after=after):
                if len(items) == limit:
                    return BlobPage(items, after=items[-1].path)
                if len(items) % 64 == 0:
                    deadline.check(PROVIDER)
                with contextlib.suppress(FileNotFoundError):
                    items.append(_listed(path, file))
        return BlobPage(items, after=None)

    def delete(self, path: str, *, condition: Condition, deadline: Deadline) -> None:
        """See BlobStore."""
        check_path(path)
        deadline.check(PROVIDER)
        with meaningful(self._folder), locked(self._folder, path, deadline):
            self._check_home(path)
            self._check(path, condition)
            file = file_of(self._objects, path)
            try:
                file.unlink()
            except FileNotFoundError:
                self._require_home()
                raise _not_found(path) from None
            self._sync(file.parent, path)
            self._remove_empty(file.parent)

    def link(self, path: str, *, seconds: int, deadline: Deadline) -> str:
        """See BlobStore. The address is the gateway's; `links.verify` is what its route asks."""
        self.stat(path, deadline=deadline)
        return links.link_to(path, base=self._base_url, seconds=seconds, now=self._clock(), secret_key=self._secret_key)

    def clean_leftovers(self, *, older_than: datetime, deadline: Deadline) -> int:
        """See BlobStore. Never touches what a living process is still writing."""
        removed = 0
        with meaningful(self._folder):
            for file in sorted(self._incoming.glob("*.part")):
                deadline.check(PROVIDER)
                with contextlib.suppress(FileNotFoundError):
                    removed += _remove_leftover(file, older_than)
        return removed

    def _copy(self, data: BinaryIO, file: BinaryIO, info: BlobInfo, deadline: Deadline) -> None:
        file.write(header_of(info))
        digest, copied = hashlib.sha256(), 0
        while chunk := data.read(CHUNK):
            deadline.check(PROVIDER)
            digest.update(chunk)
            copied += len(chunk)
            file.write(chunk)
        if copied != info.size or digest.hexdigest() != info.sha256:
            raise CloudCorrupted(
                f"The bytes that arrived for {info.path} are not those that were announced. Nothing was stored.",
                provider=PROVIDER,
            )
        file.flush()
        if self._durable:
            os.fsync(file.fileno())

    def _publish(self, draft: Path, info: BlobInfo, condition: Condition, deadline: Deadline) -> None:
        target = file_of(self._objects, info.path)
        with locked(self._folder, info.path, deadline):
            self._check(info.path, condition)
            deadline.check(PROVIDER)
            for _ in range(100):
                try:
                    make_folder(target.parent)
                    draft.replace(target)
                    break
                except FileNotFoundError:
                    # Somebody has deleted the folder's last other blob, and the folder with it.
                    continue
            else:
                raise CloudUnavailable(f"The folder of {info.path} keeps disappearing.", provider=PROVIDER)
            self._sync(target.parent, info.path)

    def _sync(self, folder: Path, path: str) -> None:
        if not self._durable:
            return
        try:
            sync_folder(folder)
        except OSError as error:
            raise CloudUnavailable(
                f"{path} was changed, but the disk does not confirm that this lasts: {error.strerror or error}.",
                provider=PROVIDER,
                ambiguous=True,
            ) from error

    def _check(self, path: str, condition: Condition) -> None:
        """Raises unless the condition holds of what is stored now."""
        if condition.kind == "any":
            return
        file = file_of(self._objects, path)
        if condition.kind == "absent":
            if file.exists():
                raise CloudAlreadyExists(f"There is already a file {path}.", provider=PROVIDER)
            return
        try:
            with open_blob(file) as opened:
                found = read_info(opened, path)
        except FileNotFoundError:
            self._require_home()
            raise CloudPrecondition(f"{path} has been deleted since you last read it.", provider=PROVIDER) from None
        if found.etag != condition.etag:
            raise CloudPrecondition(f"{path} has been changed since you last read it.", provider=PROVIDER)

    def _open(self, path: str, deadline: Deadline) -> tuple[BinaryIO, BlobInfo]:
        check_path(path)
        deadline.check(PROVIDER)
        with meaningful(self._folder):
            self._check_home(path)
            try:
                file = open_blob(file_of(self._objects, path))
            except FileNotFoundError:
                self._require_home()
                raise _not_found(path) from None
            try:
                return file, read_info(file, path)
            except BaseException:
                file.close()
                raise

    def _check_home(self, path: str) -> None:
        """Before what is there under a path is taken for its state. What waits under an id of its own is what it is, in
        whichever folder. Raises CloudOtherFolder."""
        if self._home is not None and not path.startswith(HELD):
            self._home.check()

    def _require_home(self) -> None:
        """Before anybody is told that something is not there. Raises CloudOtherFolder."""
        if self._home is not None:
            self._home.require()

    def _chunks(self, file: BinaryIO, info: BlobInfo, deadline: Deadline) -> Iterator[bytes]:
        with meaningful(self._folder):
            yield from read_content(file, info, deadline)

    def _remove_empty(self, folder: Path) -> None:
        while folder != self._objects:
            try:
                folder.rmdir()
            except OSError:
                # Not empty, or already gone: either way somebody else's from here on.
                return
            folder = folder.parent


def _listed(path: str, file: Path) -> BlobInfo:
    with open_blob(file) as opened:
        try:
            return read_info(opened, path)
        except CloudCorrupted:
            found = os.fstat(opened.fileno())
            modified = datetime.fromtimestamp(found.st_mtime).astimezone()
            return BlobInfo(path, found.st_size, "", "application/octet-stream", {}, "", modified)


def _remove_leftover(file: Path, older_than: datetime) -> int:
    with open_blob(file) as opened:
        if os.fstat(opened.fileno()).st_mtime >= older_than.timestamp() or not try_lock(opened.fileno()):
            return 0
        file.unlink()
        return 1


def _not_found(path: str) -> CloudNotFound:
    return CloudNotFound(f"There is no file {path}.", provider=PROVIDER)
