"""Sealed copies of secrets that were read, for when their provider is away: never the truth, and not for long."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from pydantic import SecretStr

from shared_backend.cloud.contract import SecretInfo, SecretVersion
from shared_backend.cloud.errors import CloudError
from shared_backend.cloud.local.disk import make_folder, new_file
from shared_backend.cloud.local.sealing import seal, unseal
from shared_backend.cloud.local.sealing_key import KeySource
from shared_backend.cloud.names import check_secret_name
from shared_backend.utils.clock import Clock, utc_now

# Clocks of a machine are set back now and then; by more than this, a copy's age is not known.
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True)
class Copy:
    """A copy and its age in seconds; `provider` had it."""

    provider: str
    found: SecretVersion
    age_s: float


@dataclass(frozen=True)
class KeptCopy:
    """A copy without its value: of which version, since when, and until when it may stand in."""

    name: str
    provider: str
    version: str
    kept_at: datetime
    until: datetime


class SecretCopies:
    """One file a secret in a folder of this machine, sealed with AES-256-GCM under a key from the product's own secret,
    and bound to name, version, provider and time. `lifetime` of zero: none are kept."""

    def __init__(self, folder: Path, secret_key: str, *, lifetime: timedelta, clock: Clock = utc_now) -> None:
        self._folder = folder
        self._keys = KeySource(folder, secret_key)
        self._lifetime = lifetime
        self._clock = clock
        self._log = structlog.get_logger(__name__)

    def keep(self, provider: str, found: SecretVersion) -> None:
        """Keeps a copy in place of an earlier one. Whatever hinders it, the reading goes on."""
        if not self._lifetime:
            return
        info, kept_at = found.info, self._clock()
        known = {
            "provider": provider,
            "version": info.version,
            "created_at": info.created_at.isoformat(),
            "kept_at": kept_at.isoformat(),
        }
        try:
            text = seal(_bound(info.name, known), found.value, self._keys.existing())
            make_folder(self._folder)
            draft = self._folder / f".{info.name[:80]}.{os.urandom(6).hex()}"
            try:
                with os.fdopen(new_file(draft), "wb") as file:
                    file.write(json.dumps({**known, "sealed": text.decode()}).encode())
                draft.replace(self._file(info.name))
            finally:
                draft.unlink(missing_ok=True)
        except (OSError, CloudError) as error:
            self._log.info("cloud.secret_not_copied", error=type(error).__name__)

    def find(self, name: str) -> Copy | None:
        """The copy, unless there is none, it has expired, or it is not what was kept."""
        if not self._lifetime:
            return None
        try:
            known = json.loads(self._file(name).read_text(encoding="ascii"))
            age = self._clock() - datetime.fromisoformat(known["kept_at"])
            if not -_SKEW <= age < self._lifetime:
                self.drop(name)
                return None
            value: SecretStr = unseal(known["sealed"].encode(), _bound(name, known), self._keys.existing())
            info = SecretInfo(name, known["version"], datetime.fromisoformat(known["created_at"]))
            return Copy(known["provider"], SecretVersion(info, value, stale=True), max(0.0, age.total_seconds()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, CloudError) as error:
            self._log.info("cloud.secret_copy_unusable", error=type(error).__name__)
            return None

    def all(self) -> list[KeptCopy]:
        """The copies that may still stand in, by name. What can't be read is passed over."""
        if not self._lifetime:
            return []
        found = []
        for file in sorted(self._folder.glob("*.copy")):
            try:
                known = json.loads(file.read_text(encoding="ascii"))
                kept_at = datetime.fromisoformat(known["kept_at"])
                copy = KeptCopy(file.stem, known["provider"], known["version"], kept_at, kept_at + self._lifetime)
            except (OSError, ValueError, KeyError, TypeError) as error:
                self._log.info("cloud.secret_copy_unusable", error=type(error).__name__)
                continue
            if copy.until > self._clock():
                found.append(copy)
        return found

    def drop(self, name: str) -> None:
        """Removes the copy."""
        try:
            self._file(name).unlink(missing_ok=True)
        except OSError as error:
            self._log.warning("cloud.secret_copy_not_removed", error=type(error).__name__)

    def _file(self, name: str) -> Path:
        return self._folder / f"{check_secret_name(name)}.copy"


def _bound(name: str, known: dict[str, str]) -> SecretInfo:
    """All that may not be changed about a copy, as what it is sealed under."""
    version = json.dumps([known["provider"], known["version"], known["kept_at"]])
    return SecretInfo(name, version, datetime.fromisoformat(known["created_at"]))
