"""Secrets in Azure Key Vault."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
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
from shared_backend.cloud.errors import CloudNotFound
from shared_backend.cloud.names import check_secret_name, check_secret_value
from shared_backend.config.cloud_azure import AzureSettings

SERVICE = "Azure Key Vault"
# The vault's own times are whole seconds; this tag tells the order within one.
_WRITTEN = "intellicv_written_at"


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
        """As in the contract. The vault's listing has no versions, so each is asked for its newest."""
        with calling(SERVICE, deadline):
            names = sorted(item.name or "" for item in self._client.list_properties_of_secrets() if item.enabled)
        newest: list[SecretInfo] = []
        for name in names:
            with calling(SERVICE, deadline):
                try:
                    newest.append(_info(self._client.get_secret(name).properties))
                except ResourceNotFoundError:
                    continue  # Deleted since the listing.
        return newest

    def versions(self, name: str, *, deadline: Deadline) -> Sequence[SecretInfo]:
        """As in the contract."""
        check_secret_name(name)
        with calling(SERVICE, deadline):
            found = [_info(item) for item in self._client.list_properties_of_secret_versions(name)]
        if not found:
            raise CloudNotFound(f"{SERVICE} has nothing by that name.", provider=PROVIDER)
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
