"""Secrets in Azure Key Vault."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.keyvault.secrets import SecretClient, SecretProperties
from pydantic import SecretStr

from shared_backend.cloud.azure.credentials import needed, token_credential
from shared_backend.cloud.azure.failures import PROVIDER, calling, error_code
from shared_backend.cloud.azure.transport import AzureTransport, client_options
from shared_backend.cloud.contract import SecretInfo, SecretVersion
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotFound, CloudTimeout, CloudTooMuch
from shared_backend.cloud.names import check_secret_name, check_secret_value
from shared_backend.config.cloud_azure import AzureSettings

SERVICE = "Azure Key Vault"
# The vault's own times are whole seconds; this tag tells the order within one.
_WRITTEN = "intellicv_written_at"
# Names that are asked about at a time in a listing.
_ASKING = 16


class AzureSecrets:
    """`contract.SecretStore` on one vault."""

    provider = PROVIDER

    def __init__(self, settings: AzureSettings, transport: AzureTransport) -> None:
        needed(settings, "key_vault_url")
        self._client = SecretClient(
            settings.key_vault_url or "",
            token_credential(settings, transport),
            verify_challenge_resource=settings.key_vault_verify,
            **client_options(transport),
        )

    def get(self, name: str, *, version: str | None, deadline: Deadline) -> SecretVersion:
        """As in the contract."""
        check_secret_name(name)
        if version is not None and not version.isalnum():
            raise CloudNotFound("There is no such version.", provider=PROVIDER)
        with calling(SERVICE, deadline):
            found = self._client.get_secret(name, version)
            return SecretVersion(_info(found.properties), SecretStr(found.value or ""))

    def set(self, name: str, value: SecretStr, *, deadline: Deadline) -> SecretInfo:
        """As in the contract. A name that is still deleted is freed first: see `delete`."""
        check_secret_name(name)
        check_secret_value(value)
        tags = {_WRITTEN: datetime.now(UTC).isoformat(timespec="microseconds")}
        waits = _Waits(deadline)
        with calling(SERVICE, deadline, writes=True):
            while True:
                try:
                    return _info(self._client.set_secret(name, value.get_secret_value(), tags=tags).properties)
                except HttpResponseError as error:
                    code = error_code(error)
                    if error.status_code != 409 or code not in _IN_BETWEEN:
                        raise
                    if code == "ObjectIsDeletedButRecoverable":
                        self._purge(name)
                waits.once()

    def list(self, *, deadline: Deadline) -> Sequence[SecretInfo]:
        """As in the contract. The vault's listing has no versions, so each name is asked for its own, some at a time;
        no value leaves the vault for it. Raises CloudTooMuch when the vault kept answering until the time was over."""
        heard = _Heard()
        try:
            names: list[str] = []
            with calling(SERVICE, deadline):
                for item in self._client.list_properties_of_secrets():
                    heard.now()
                    names += [item.name] if item.enabled and item.name else []
            if not names:
                return []
            with ThreadPoolExecutor(min(_ASKING, len(names)), thread_name_prefix="vault-listing") as pool:
                newest = pool.map(lambda name: self._newest(name, deadline, heard), sorted(names))
                return [info for info in newest if info is not None]
        except CloudTimeout as error:
            if heard.silence_s > deadline.seconds / 2:
                raise
            raise CloudTooMuch(
                f"{SERVICE} has more secrets than could be asked for within {deadline.seconds:g} s. Allow more by "
                "INTELLICV_CLOUD_SECRETS_DEADLINE_S.",
                provider=PROVIDER,
            ) from error

    def _newest(self, name: str, deadline: Deadline, heard: _Heard) -> SecretInfo | None:
        """The newest version of a name; None where it was deleted since the listing. On a thread of its own."""
        found = self._versions(name, deadline)
        heard.now()
        return found[0] if found else None

    def versions(self, name: str, *, deadline: Deadline) -> Sequence[SecretInfo]:
        """As in the contract."""
        found = self._versions(check_secret_name(name), deadline)
        if not found:
            raise CloudNotFound(f"{SERVICE} has nothing by that name.", provider=PROVIDER)
        return found

    def _versions(self, name: str, deadline: Deadline) -> Sequence[SecretInfo]:
        """Newest first; none where there is nothing by that name."""
        with calling(SERVICE, deadline):
            try:
                found = [_info(item) for item in self._client.list_properties_of_secret_versions(name)]
            except ResourceNotFoundError:
                return []
        return sorted(found, key=lambda info: info.created_at, reverse=True)

    def delete(self, name: str, *, deadline: Deadline) -> None:
        """As in the contract: deleted, then purged, so that the name may be used again.

        Raises CloudDenied where the vault forbids purging; the secret is deleted then, but its name stays taken.
        """
        check_secret_name(name)
        waits = _Waits(deadline)
        with calling(SERVICE, deadline, writes=True):
            gone = self._client.begin_delete_secret(name).result()
            if gone.recovery_id is None:
                return
            # Deleting and purging go on in the vault after it has answered.
            while not self._is_deleted(name):
                waits.once()
            self._purge(name)
            while self._is_deleted(name):
                waits.once()

    def _is_deleted(self, name: str) -> bool:
        return _found(lambda: self._client.get_deleted_secret(name))

    def _purge(self, name: str) -> None:
        _found(lambda: self._client.purge_deleted_secret(name))

    def check(self, *, deadline: Deadline) -> str:
        """The beginning of the listing. Answers what was found, in words."""
        with calling(SERVICE, deadline):
            any_secret = next(iter(self._client.list_properties_of_secrets(max_page_size=1)), None)
        return "the vault answers" + ("" if any_secret else " and is empty")


_IN_BETWEEN = frozenset({"ObjectIsBeingDeleted", "ObjectIsDeletedButRecoverable", "ObjectIsBeingRecovered"})


class _Waits:
    """Ever longer pauses, never beyond the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._next_s = 0.05

    def once(self) -> None:
        self._deadline.check(PROVIDER)
        time.sleep(min(self._next_s, self._deadline.left))
        self._next_s = min(self._next_s * 2, 1.0)
        self._deadline.check(PROVIDER)


class _Heard:
    """When the vault last answered anything."""

    def __init__(self) -> None:
        self._at: float | None = None

    def now(self) -> None:
        """It did."""
        self._at = time.monotonic()

    @property
    def silence_s(self) -> float:
        """Seconds since; without end where it never did."""
        return float("inf") if self._at is None else time.monotonic() - self._at


def _found(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ResourceNotFoundError:
        return False
    except HttpResponseError as error:
        if error.status_code == 409 and error_code(error) in _IN_BETWEEN:
            return True
        raise
    return True


def _info(properties: SecretProperties) -> SecretInfo:
    created = properties.created_on or datetime.fromtimestamp(0, UTC)
    created = created if created.tzinfo else created.replace(tzinfo=UTC)
    try:
        written = datetime.fromisoformat((properties.tags or {}).get(_WRITTEN, ""))
    except ValueError:
        written = created
    # The vault's second stands; our clock only tells the order inside it.
    within = min(max(written, created), created + timedelta(microseconds=999_999))
    return SecretInfo(properties.name or "", properties.version or "", within)
