"""Files in the clouds as the operators' page works with them: folders, where each file is, acts that are recorded."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Final, Literal

from shared_backend.cloud import journal, places
from shared_backend.cloud.contract import BlobInfo, Capability, Condition
from shared_backend.cloud.errors import CloudAlreadyExists, CloudError, CloudInvalid, CloudNotFound, CloudPrecondition
from shared_backend.cloud.journal import Entry
from shared_backend.cloud.names import check_path
from shared_backend.cloud.places import Look
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.services.cloud_record import FILES, CloudRecord

if TYPE_CHECKING:
    from shared_backend.services.backend import Backend

PAGE_SIZE: Final = 25
# What a page hands to a browser goes through this process's memory.
MOST_DOWNLOAD_BYTES: Final = 256 * 1024**2
_LISTS: Final = 60
_FEW: Final = 4
_MOST_COPIES: Final = 50
# Behind every path of a folder: no path that is accepted has a later character.
_LAST: Final = "\U0010fffd"
_TYPE: Final = re.compile(r"[\w.+-]{1,90}/[\w.+-]{1,90}")


@dataclass(frozen=True)
class StoredFile:
    """A file and where it is. `waits`: it is on `provider` until the primary can take it."""

    path: str
    name: str
    size: int
    sha256: str
    content_type: str
    modified_at: datetime
    etag: str
    provider: str
    waits: bool


@dataclass(frozen=True)
class Shelf:
    """One page of a folder, in the order of paths: the folders in it by name, and its files. `after` is where the next
    page begins, None at the end.

    `notice` says in words why something may be missing: the primary is away, and what is known of it is listed.
    """

    folders: tuple[str, ...]
    files: tuple[StoredFile, ...]
    after: str | None
    notice: str = ""


@dataclass(frozen=True)
class Stored:
    """What became of an upload. `exists`: nothing was written, there is `present` under that name."""

    status: Literal["stored", "exists"]
    path: str
    sha256: str = ""
    provider: str = ""
    waits: bool = False
    present: StoredFile | None = None


class CloudDesk:
    """The files of the route that is in force. Reading takes READ_ALL, writing OPERATE: PermissionDenied otherwise.
    What goes wrong at a provider is a CloudError whose message is for people."""

    def __init__(self, backend: Backend) -> None:
        self._cloud = backend.cloud
        self._database = backend.database
        self._record = CloudRecord(backend.database, backend.bus, clock=backend.clock)

    def browse(
        self, folder: str = "", *, starts: str = "", after: str | None = None, limit: int = PAGE_SIZE, actor: Actor
    ) -> Shelf:
        """A page of a folder (`""`, or a path that ends with a slash): what begins with `starts` in it. What lies in a
        folder below is passed over with one question, however much it is."""
        _may_read(actor)
        prefix = folder + starts
        folders: list[str] = []
        files: list[StoredFile] = []
        notice = ""
        waiting = self._waiting(prefix)
        position: str | None = after
        size = limit + 1
        for _ in range(_LISTS):
            outcome = self._cloud.list(prefix, after=position, limit=size)
            elsewhere = self._places([info.path for info in outcome.value.items], outcome.provider)
            if outcome.degraded:
                notice = "; ".join(outcome.notes)
            for info in outcome.value.items:
                position = info.path
                inside, slash, _rest = info.path[len(folder) :].partition("/")
                if slash and folders and folders[-1] == inside:
                    continue
                if len(folders) + len(files) == limit:
                    return Shelf(tuple(folders), tuple(files), _before(folder, folders, files), notice)
                if slash:
                    folders.append(inside)
                else:
                    files.append(_file(info, waiting.get(info.path), elsewhere.get(info.path, outcome.provider)))
            if outcome.value.after is None:
                return Shelf(tuple(folders), tuple(files), None, notice)
            position = max(position or "", outcome.value.after)
            size = min(size * 2, limit + 1)
            if folders and position.startswith(f"{folder}{folders[-1]}/"):
                # Most often the next folder: some providers ask for each object by itself.
                position, size = f"{folder}{folders[-1]}/{_LAST}", _FEW
        return Shelf(tuple(folders), tuple(files), position, notice)

    def waiting(self, *, actor: Actor) -> Mapping[str, int]:
        """Journal entries by state."""
        _may_read(actor)
        return self._cloud.pending()

    def primary(self) -> str:
        """Who is to hold files."""
        return self._cloud.serving(Capability.BLOBS).primary

    def read(self, path: str, *, actor: Actor) -> bytes:
        """A file's bytes, checked against its SHA-256. Raises CloudInvalid for one that is too large to hand over."""
        _may_read(actor)
        if self._cloud.stat(path).value.size > MOST_DOWNLOAD_BYTES:
            raise CloudInvalid("The file is too large to be downloaded here. Take it from the provider itself.")
        return self._cloud.get(path).value

    def upload(
        self,
        folder: str,
        name: str,
        data: BinaryIO | bytes,
        *,
        content_type: str = "",
        way: Literal["new", "replace", "both"] = "new",
        etag: str = "",
        actor: Actor,
        source: str,
    ) -> Stored:
        """Stores a file in a folder. `new` never touches what is there; `replace` takes the place of the one with
        `etag` and of no newer one; `both` finds a free name beside it. Raises CloudInvalid for a name that some
        provider would not take."""
        actor.require(Permission.OPERATE, "store files in the clouds")
        if "/" in name:
            raise CloudInvalid("A file's name has no slash in it.")
        path = check_path(folder + name)
        kind = content_type if _TYPE.fullmatch(content_type) else "application/octet-stream"
        candidates = (_copy(path, number) for number in range(2, _MOST_COPIES + 2))
        for target in itertools.chain((path,), candidates) if way == "both" else (path,):
            condition = Condition("etag", etag) if way == "replace" else Condition("absent")
            if not isinstance(data, bytes):
                data.seek(0)
            try:
                outcome = self._cloud.put(data, target, content_type=kind, condition=condition)
            except CloudAlreadyExists:
                if way == "both":
                    continue
                return Stored("exists", path, present=self._present(path))
            except (CloudPrecondition, CloudNotFound) as error:
                raise CloudPrecondition(
                    "The file has been changed or deleted meanwhile. Upload yours again."
                ) from error
            info = outcome.value
            stored = Stored("stored", target, info.sha256, outcome.provider, outcome.pending_sync)
            after = {"sha256": info.sha256, "size": info.size, "at": outcome.provider, "waits": outcome.pending_sync}
            before = {"etag": etag} if way == "replace" else None
            self._record.done("upload", target, topic=FILES, before=before, after=after, actor=actor, source=source)
            return stored
        raise CloudAlreadyExists(f"There are {_MOST_COPIES} files of that name already. Give yours another one.")

    def delete(self, path: str, *, etag: str, actor: Actor, source: str) -> bool:
        """Deletes a file as it was when it was last read, and no newer one; answers whether that waits for the
        primary."""
        actor.require(Permission.OPERATE, "delete files in the clouds")
        try:
            outcome = self._cloud.delete(path, condition=Condition("etag", etag))
        except CloudPrecondition as error:
            raise CloudPrecondition("The file has been changed since you looked at it. Nothing was deleted.") from error
        self._record.done("delete", path, topic=FILES, before={"etag": etag}, actor=actor, source=source)
        return outcome.pending_sync

    def _present(self, path: str) -> StoredFile | None:
        try:
            outcome = self._cloud.stat(path)
        except CloudError:
            return None
        return _file(outcome.value, self._waiting(path).get(path), outcome.provider)

    def _places(self, paths: list[str], primary: str) -> dict[str, str]:
        """The provider that has the newest state of each path, where that is not the primary."""
        with self._database.read() as connection:
            known = places.of_paths(connection, paths)
        newest = {path: Look(None, rows).is_elsewhere(primary) for path, rows in known.items()}
        return {path: row.provider for path, row in newest.items() if row is not None}

    def _waiting(self, prefix: str) -> dict[str, Entry]:
        with self._database.read() as connection:
            return {entry.path: entry for entry in journal.pending_below(connection, prefix)}


def _may_read(actor: Actor) -> None:
    actor.require(Permission.READ_ALL, "see the files in the clouds")


def _file(info: BlobInfo, entry: Entry | None, provider: str) -> StoredFile:
    return StoredFile(
        info.path,
        info.path.rpartition("/")[2],
        info.size,
        info.sha256,
        info.content_type,
        info.modified_at,
        info.etag,
        entry.fallback if entry else provider,
        entry is not None,
    )


def _before(folder: str, folders: list[str], files: list[StoredFile]) -> str:
    """Where the next page begins: behind the last that is on this one."""
    last_file = files[-1].path if files else ""
    last_folder = f"{folder}{folders[-1]}/{_LAST}" if folders else ""
    return max(last_file, last_folder)


def _copy(path: str, number: int) -> str:
    """`report (2).pdf` beside `report.pdf`."""
    above, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    named = f"{stem} ({number}).{ending}" if dot and stem else f"{name} ({number})"
    return check_path(f"{above}{slash}{named}")
