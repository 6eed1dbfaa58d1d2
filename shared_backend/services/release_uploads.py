"""Files of releases that were uploaded, kept in the clouds until a worker has read them: workers may be elsewhere."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from shared_backend.cloud.errors import CloudNotFound
from shared_backend.utils.exception_handler import InvalidInput, PayloadTooLarge

if TYPE_CHECKING:
    from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator

PREFIX: Final = "releases/"
MOST_FILES: Final = 200
MOST_BYTES: Final = 200_000_000
# A spreadsheet is an archive as well, and is left as it is.
_ARCHIVE: Final = ".zip"
_LONGEST_NAME: Final = 200
_PAGE: Final = 200


@dataclass(frozen=True)
class UploadedFile:
    """One file: its name with the folders that it was in, and its size in bytes."""

    name: str
    size: int


class ReleaseUploads:
    """Stores, fetches and forgets. Paths hold an id and a number, and no name."""

    def __init__(self, cloud: Callable[[], CloudServicesOrchestrator]) -> None:
        self._cloud = cloud

    def check(self, files: Sequence[tuple[str, bytes]]) -> list[UploadedFile]:
        """What is to be stored, in its order. Raises InvalidInput and PayloadTooLarge."""
        if not files:
            raise InvalidInput("Choose the files of the release first.")
        if len(files) > MOST_FILES:
            raise InvalidInput(f"These are {len(files):,} files; a release has {MOST_FILES} at most.")
        listed = [UploadedFile(_inside(name), len(content)) for name, content in files]
        names = [each.name for each in listed]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise InvalidInput(f"Two of the files are named {twice[0]}. Upload each once.")
        if sum(each.size for each in listed) > MOST_BYTES:
            raise PayloadTooLarge(f"The files have more than {MOST_BYTES // 10**6} MB together.")
        return listed

    def put(self, upload_id: str, number: int, content: bytes) -> None:
        """Stores one file. Raises CloudError."""
        self._cloud().put(content, _path(upload_id, number))

    def fetch(self, upload_id: str, files: Sequence[UploadedFile], folder: Path) -> None:
        """Writes all files into an empty folder, archives unpacked. Raises InvalidInput where they are gone or an
        archive is none, and CloudError."""
        for number, file in enumerate(files):
            try:
                content = self._cloud().get(_path(upload_id, number)).value
            except CloudNotFound as error:
                raise InvalidInput("The uploaded files are gone. Upload the release again.") from error
            if file.name.casefold().endswith(_ARCHIVE):
                _unpack(content, file.name, folder)
            else:
                _write(folder, file.name, content)

    def forget(self, upload_id: str, count: int) -> None:
        """Removes the files of one upload. Raises CloudError."""
        for number in range(count):
            try:
                self._cloud().delete(_path(upload_id, number))
            except CloudNotFound:
                continue

    def tidy(self, *, before: datetime, keep: Callable[[str], bool]) -> int:
        """Removes what uploads have left that nobody reads any more; answers how many files."""
        removed, after = 0, None
        while True:
            page = self._cloud().list(PREFIX, after=after, limit=_PAGE).value
            for blob in page.items:
                upload_id = blob.path.removeprefix(PREFIX).partition("/")[0]
                if blob.modified_at < before and not keep(upload_id):
                    self._cloud().delete(blob.path)
                    removed += 1
            if page.after is None:
                return removed
            after = page.after


def plain(files: Sequence[UploadedFile]) -> list[dict[str, Any]]:
    """For a job's payload."""
    return [asdict(file) for file in files]


def _path(upload_id: str, number: int) -> str:
    return f"{PREFIX}{upload_id}/{number:04}"


def _inside(name: str) -> str:
    """The name as a path below a folder. Raises InvalidInput for one that leads out of it."""
    path = PurePosixPath(str(name).replace("\\", "/"))
    parts = [part for part in path.parts if part not in ("", ".", "/")]
    told = "/".join(parts)
    if not parts or ".." in parts or ":" in told or not told.isprintable() or len(told) > _LONGEST_NAME:
        raise InvalidInput(f"{str(name)[:80]!r} can't be the name of a release's file.")
    return told


def _unpack(content: bytes, name: str, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise InvalidInput(f"{name} unpacks to more than {MOST_FILES} files or {MOST_BYTES // 10**6} MB.")
            for entry in entries:
                if stat.S_ISLNK(entry.external_attr >> 16):
                    continue
                # No more is unpacked than the archive says, which was added up above; what differs fails its checksum.
                with archive.open(entry) as file:
                    _write(folder, _inside(entry.filename), file.read())
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise InvalidInput(f"{name} can't be unpacked, as if it were half copied: {error}.") from error


def _write(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{name} can't be kept for reading: {error.strerror or error}.") from error
