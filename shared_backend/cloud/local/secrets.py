"""Secrets as sealed files: a folder a name, a file a version."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from shared_backend.cloud.contract import SecretInfo, SecretVersion
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotFound
from shared_backend.cloud.local.disk import PROVIDER, locked, make_folder, meaningful, sync_folder, write_whole
from shared_backend.cloud.local.sealing import info_of, seal, unseal
from shared_backend.cloud.local.sealing_key import KeySource
from shared_backend.cloud.names import check_secret_name, check_secret_value
from shared_backend.utils.clock import Clock, utc_now

_END = ".sealed"
_TRASH = "deleted."


class LocalSecrets:
    """A `SecretStore` in a folder. Any number of processes may use the same folder."""

    provider = PROVIDER

    def __init__(self, folder: Path, keys: KeySource, *, clock: Clock = utc_now) -> None:
        self._folder = folder
        self._names = folder / "names"
        self._keys = keys
        self._clock = clock

    def get(self, name: str, *, version: str | None, deadline: Deadline) -> SecretVersion:
        """See SecretStore. Raises CloudDenied without the right key, CloudCorrupted for what was tampered with."""
        check_secret_name(name)
        deadline.check(PROVIDER)
        with meaningful(self._folder):
            wanted = self._versions(name)[-1] if version is None else version
            text = self._read(name, wanted)
            info = info_of(text, name, wanted)
            return SecretVersion(info, unseal(text, info, self._keys.existing()))

    def set(self, name: str, value: SecretStr, *, deadline: Deadline) -> SecretInfo:
        """See SecretStore."""
        check_secret_name(name)
        check_secret_value(value)
        deadline.check(PROVIDER)
        with meaningful(self._folder), locked(self._folder, name, deadline):
            self._empty_trash()
            known = self._versions(name, missing_ok=True)
            info = self._next(name, known[-1] if known else None)
            # A new key is made only where nothing was sealed before: otherwise a lost key would go unnoticed.
            key = self._keys.existing() if self._has_any() else self._keys.existing_or_new()
            file = self._file(name, info.version)
            make_folder(file.parent)
            write_whole(file, seal(info, value, key))
        return info

    def list(self, *, deadline: Deadline) -> Sequence[SecretInfo]:
        """See SecretStore. Needs no key."""
        deadline.check(PROVIDER)
        found = []
        with meaningful(self._folder):
            for name in self._all_names():
                deadline.check(PROVIDER)
                versions = self._versions(name, missing_ok=True)
                if versions:
                    found.append(info_of(self._read(name, versions[-1]), name, versions[-1]))
        return found

    def versions(self, name: str, *, deadline: Deadline) -> Sequence[SecretInfo]:
        """See SecretStore. Needs no key."""
        check_secret_name(name)
        deadline.check(PROVIDER)
        with meaningful(self._folder):
            return [info_of(self._read(name, version), name, version) for version in reversed(self._versions(name))]

    def delete(self, name: str, *, deadline: Deadline) -> None:
        """See SecretStore. All versions go in one step."""
        check_secret_name(name)
        deadline.check(PROVIDER)
        with meaningful(self._folder), locked(self._folder, name, deadline):
            if not self._versions(name, missing_ok=True):
                raise _not_found(name)
            (self._names / name).replace(self._folder / f"{_TRASH}{os.urandom(6).hex()}")
            sync_folder(self._names)
            self._empty_trash()

    def _next(self, name: str, newest: str | None) -> SecretInfo:
        now, number = self._clock(), 1
        if newest is not None:
            before = info_of(self._read(name, newest), name, newest).created_at
            # Versions are in order whatever the clock says.
            now, number = max(now, before + timedelta(microseconds=1)), int(newest.partition("-")[0]) + 1
        # The end keeps a version apart from one of the same number of a secret that was deleted before.
        return SecretInfo(name, f"{number:08d}-{os.urandom(6).hex()}", now)

    def _versions(self, name: str, *, missing_ok: bool = False) -> Sequence[str]:
        """The versions of a name, oldest first."""
        try:
            entries = os.listdir(self._names / name)
        except FileNotFoundError:
            entries = []
        found = sorted(entry.removesuffix(_END) for entry in entries if entry.endswith(_END))
        if not found and not missing_ok:
            raise _not_found(name)
        return found

    def _read(self, name: str, version: str) -> bytes:
        # A version is what its file is called, nothing else: no text that is given here becomes part of another path.
        if version not in self._versions(name):
            raise _not_found(name, version)
        try:
            return self._file(name, version).read_bytes()
        except FileNotFoundError:
            raise _not_found(name, version) from None

    def _file(self, name: str, version: str) -> Path:
        return self._names / name / f"{version}{_END}"

    def _all_names(self) -> Sequence[str]:
        try:
            return sorted(os.listdir(self._names))
        except FileNotFoundError:
            return []

    def _has_any(self) -> bool:
        return any(self._versions(name, missing_ok=True) for name in self._all_names())

    def _empty_trash(self) -> None:
        for left in self._folder.glob(f"{_TRASH}*"):
            shutil.rmtree(left, ignore_errors=True)


def _not_found(name: str, version: str | None = None) -> CloudNotFound:
    which = f"no version {version} of the secret {name}" if version else f"no secret {name}"
    return CloudNotFound(f"There is {which}.", provider=PROVIDER)
