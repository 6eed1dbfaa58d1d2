"""Secrets as the operators' page works with them: names, versions, ages. A value goes in and never comes out here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from shared_backend.cloud.contract import Capability, SecretInfo
from shared_backend.cloud.errors import CloudAlreadyExists, CloudNotFound
from shared_backend.cloud.names import check_secret_name, check_secret_value
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.services.cloud_record import SECRETS, CloudRecord

if TYPE_CHECKING:
    from shared_backend.cloud.secret_copies import KeptCopy
    from shared_backend.services.backend import Backend

# NIST SP 800-57 gives keys that protect data in use one to two years; a quarter is what auditors ask of shared secrets.
ROTATE_AFTER: Final = timedelta(days=90)


@dataclass(frozen=True)
class ListedSecret:
    """A secret by its newest version. `due`: it is older than ROTATE_AFTER."""

    name: str
    version: str
    created_at: datetime
    due: bool


@dataclass(frozen=True)
class SecretShelf:
    """All secrets of the provider that serves them. `notice`: why some may be missing."""

    provider: str
    secrets: tuple[ListedSecret, ...]
    notice: str = ""


class SecretDesk:
    """The secrets of the route that is in force. Names take READ_ALL, changes OPERATE: PermissionDenied otherwise."""

    def __init__(self, backend: Backend) -> None:
        self._cloud = backend.cloud
        self._clock = backend.clock
        self._record = CloudRecord(backend.database, backend.bus, clock=backend.clock)

    def all(self, *, actor: Actor) -> SecretShelf:
        """The newest version of each, by name."""
        actor.require(Permission.READ_ALL, "see which secrets there are")
        outcome = self._cloud.list_secrets()
        listed = tuple(self._listed(info) for info in outcome.value)
        return SecretShelf(outcome.provider, listed, "; ".join(outcome.notes))

    def copies(self, *, actor: Actor) -> Mapping[str, KeptCopy]:
        """The copies that this machine keeps sealed, by name: they stand in, stale, while their provider is away."""
        actor.require(Permission.READ_ALL, "see which secrets there are")
        return {copy.name: copy for copy in self._cloud.secrets.copies()}

    def versions(self, name: str, *, actor: Actor) -> Sequence[SecretInfo]:
        """All versions of one, newest first."""
        actor.require(Permission.READ_ALL, "see which secrets there are")
        return self._cloud.secret_versions(name).value

    def provider(self) -> str:
        """Who keeps the secrets."""
        return self._cloud.serving(Capability.SECRETS).primary

    def add(self, name: str, value: SecretStr, *, actor: Actor, source: str) -> SecretInfo:
        """Writes the first version. Raises CloudAlreadyExists where there is one: that would be a rotation."""
        actor.require(Permission.OPERATE, "add secrets")
        check_secret_name(name)
        check_secret_value(value)
        try:
            self._cloud.secret_versions(name)
        except CloudNotFound:
            return self._set(name, value, actor, source)
        raise CloudAlreadyExists(f"There is a secret {name} already. Rotate it, or choose another name.")

    def rotate(self, name: str, value: SecretStr, *, actor: Actor, source: str) -> SecretInfo:
        """Writes a new version of one that is there. Raises CloudNotFound where there is none."""
        actor.require(Permission.OPERATE, "rotate secrets")
        check_secret_value(value)
        self._cloud.secret_versions(name)
        return self._set(name, value, actor, source)

    def delete(self, name: str, *, actor: Actor, source: str) -> None:
        """Removes all versions."""
        actor.require(Permission.OPERATE, "delete secrets")
        self._cloud.delete_secret(name)
        self._record.done("secret_delete", name, topic=SECRETS, actor=actor, source=source)

    def _set(self, name: str, value: SecretStr, actor: Actor, source: str) -> SecretInfo:
        outcome = self._cloud.set_secret(name, value)
        info = outcome.value
        after = {"version": info.version, "at": outcome.provider}
        self._record.done("secret_set", name, topic=SECRETS, after=after, actor=actor, source=source)
        return info

    def _listed(self, info: SecretInfo) -> ListedSecret:
        age = self._clock() - info.created_at
        return ListedSecret(info.name, info.version, info.created_at, age > ROTATE_AFTER)
