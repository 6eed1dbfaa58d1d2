"""What every part that keeps files needs: errors by meaning, locks between processes, and writes that last."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudCorrupted,
    CloudDenied,
    CloudError,
    CloudInvalid,
    CloudTimeout,
    CloudUnavailable,
)

PROVIDER = "local"

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM})
# Enough that two writers of different names seldom meet, few enough that the files need no cleaning.
_STRIPES = 256


@contextmanager
def meaningful(root: Path) -> Iterator[None]:
    """Turns errors of the file system into those of the contract, in words."""
    try:
        yield
    except OSError as error:
        raise meaning(error, root) from error


def meaning(error: OSError, root: Path) -> CloudError:
    """What an error of the file system says about the provider."""
    if error.errno in _FULL:
        return CloudUnavailable(
            f"The disk that holds {root} is full. Nothing was changed; free some space and try again.",
            provider=PROVIDER,
        )
    if error.errno in _DENIED:
        return CloudDenied(
            f"{error.filename or root} may not be used by this process: {error.strerror}. Correct the owner or the "
            "permissions of the folder.",
            provider=PROVIDER,
        )
    if error.errno == errno.ENAMETOOLONG:
        return CloudInvalid(
            f"That name is too long for the file system of {root}. Use a shorter name, or a folder nearer to the root.",
            provider=PROVIDER,
        )
    if error.errno == errno.EIO:
        return CloudCorrupted(f"The disk could not read or write {error.filename or root}.", provider=PROVIDER)
    return CloudUnavailable(f"{error.filename or root} can't be used: {error.strerror or error}.", provider=PROVIDER)


@contextmanager
def locked(root: Path, name: str, deadline: Deadline) -> Iterator[None]:
    """Holds the lock of a name against other threads and processes. Freed by the system when a process dies.

    Raises CloudTimeout when it could not be had before the deadline.
    """
    stripe = hashlib.sha256(name.encode()).digest()[0] % _STRIPES
    folder = root / "locks"
    make_folder(folder)
    descriptor = os.open(folder / f"{stripe:02x}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not try_lock(descriptor):
            if deadline.left <= 0:
                raise CloudTimeout("Somebody else is writing under this name.", provider=PROVIDER)
            time.sleep(0.001)
        yield
    finally:
        os.close(descriptor)


def try_lock(descriptor: int) -> bool:
    """Locks an open file if nobody else has it locked. Closing it unlocks it."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def make_folder(folder: Path) -> None:
    """Makes a folder that outlives a power cut, and those above it, for this user alone."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def new_file(path: Path) -> int:
    """Opens a file that nobody else has, for this user alone."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def write_whole(path: Path, data: bytes) -> None:
    """Makes a file with these bytes that appears complete or not at all. Raises FileExistsError: the first one wins."""
    with _draft(path, data) as draft:
        # Unlike a rename, a link is refused where there is a file already.
        os.link(draft, path)
        sync_folder(path.parent)


def replace_whole(path: Path, data: bytes) -> None:
    """As `write_whole`, in the place of what is there: the last one wins. For file systems without links, too."""
    with _draft(path, data) as draft:
        os.replace(draft, path)
        sync_folder(path.parent)


@contextmanager
def _draft(path: Path, data: bytes) -> Iterator[Path]:
    """A file beside the path with these bytes, on the disk; gone afterwards, unless it was moved."""
    draft = path.parent / f".{path.name[:100]}.{os.urandom(6).hex()}"
    descriptor = new_file(draft)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
