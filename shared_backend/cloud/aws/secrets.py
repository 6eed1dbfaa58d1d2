"""Secrets in AWS Secrets Manager."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from pydantic import SecretStr

from shared_backend.cloud.aws.clients import AwsClients, needed
from shared_backend.cloud.aws.failures import PROVIDER, calling, error_code
from shared_backend.cloud.contract import SecretInfo, SecretVersion
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotFound
from shared_backend.cloud.names import check_secret_name, check_secret_value
from shared_backend.config.cloud_aws import AwsSettings

SERVICE = "AWS Secrets Manager"
_CURRENT = "AWSCURRENT"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MISSING, _EXISTS, _IN_BETWEEN = "ResourceNotFoundException", "ResourceExistsException", "InvalidRequestException"


class AwsSecrets:
    """`contract.SecretStore` on the secrets whose names begin with our prefix.

    A version's name is ours and begins with its time in microseconds: a set whose answer was lost and that is sent
    again is not a second version. AWS keeps a hundred versions, and each for a day at least.
    """

    provider = PROVIDER

    def __init__(self, settings: AwsSettings, clients: AwsClients) -> None:
        self._prefix = settings.secrets_prefix
        needed(settings, "region")
        self._client = clients.get("secretsmanager")

    def _id(self, name: str) -> str:
        return self._prefix + check_secret_name(name)

    def get(self, name: str, *, version: str | None, deadline: Deadline) -> SecretVersion:
        """As in the contract."""
        asked = {"SecretId": self._id(name)}
        if version is not None:
            if not 32 <= len(version) <= 64:
                raise _nothing()
            asked["VersionId"] = version
        with calling(SERVICE, deadline):
            try:
                found = self._client.get_secret_value(**asked)
            except ClientError as error:
                if error_code(error) == _IN_BETWEEN:  # Deleted, and not yet gone.
                    raise _nothing() from error
                raise
            info = _info(name, found["VersionId"], found["CreatedDate"])
            return SecretVersion(info, SecretStr(found["SecretString"]))

    def set(self, name: str, value: SecretStr, *, deadline: Deadline) -> SecretInfo:
        """As in the contract. A name that is still being deleted is waited for."""
        secret_id = self._id(name)
        check_secret_value(value)
        now = datetime.now(UTC)
        version = f"{(now - _EPOCH) // timedelta(microseconds=1):016d}-{secrets.token_hex(12)}"
        given = {"SecretString": value.get_secret_value(), "ClientRequestToken": version}
        pause_s = 0.05
        while True:
            with calling(SERVICE, deadline, writes=True):
                if self._written(secret_id, given):
                    return _info(name, version, now)
            time.sleep(min(pause_s, deadline.left))
            pause_s = min(pause_s * 2, 1.0)

    def _written(self, secret_id: str, given: Mapping[str, str]) -> bool:
        """Whether the version is there; otherwise it is to be tried again."""
        try:
            self._client.put_secret_value(SecretId=secret_id, **given)
            return True
        except ClientError as error:
            if error_code(error) == _IN_BETWEEN:
                self._end_deletion(secret_id)
                return False
            if error_code(error) != _MISSING:
                raise
        try:
            self._client.create_secret(Name=secret_id, **given)
            return True
        except ClientError as error:
            # Somebody was faster, or the name's deletion is under way.
            if error_code(error) not in (_EXISTS, _IN_BETWEEN):
                raise
            return False

    def _end_deletion(self, secret_id: str) -> None:
        """Ends the time in which a deleted secret could be recovered; raises what the refusal was for otherwise."""
        found = self._client.describe_secret(SecretId=secret_id)
        if found.get("DeletedDate"):
            self._client.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)

    def list(self, *, deadline: Deadline) -> Sequence[SecretInfo]:
        """As in the contract."""
        ours = {"Filters": [{"Key": "name", "Values": [self._prefix]}]} if self._prefix else {}
        found: list[SecretInfo] = []
        marker: dict[str, str] = {}
        while True:
            with calling(SERVICE, deadline):
                page = self._client.list_secrets(MaxResults=100, **ours, **marker)
                found += [info for item in page["SecretList"] if (info := self._listed(item))]
            if not page.get("NextToken"):
                return sorted(found, key=lambda info: info.name)
            marker = {"NextToken": page["NextToken"]}

    def _listed(self, item: Mapping[str, Any]) -> SecretInfo | None:
        name = str(item["Name"])
        stages: Mapping[str, list[str]] = item.get("SecretVersionsToStages") or {}
        current = [version for version, labels in stages.items() if _CURRENT in labels]
        # One without a value may stand there too.
        if not name.startswith(self._prefix) or not current or item.get("DeletedDate"):
            return None
        return _info(name.removeprefix(self._prefix), current[0], item.get("LastChangedDate") or _EPOCH)

    def versions(self, name: str, *, deadline: Deadline) -> Sequence[SecretInfo]:
        """As in the contract."""
        secret_id = self._id(name)
        # The versions of one that has been deleted can be listed until it is gone.
        self._described(secret_id, deadline)
        found: list[tuple[bool, SecretInfo]] = []
        marker: dict[str, str] = {}
        while True:
            with calling(SERVICE, deadline):
                page = self._client.list_secret_version_ids(
                    SecretId=secret_id, IncludeDeprecated=True, MaxResults=100, **marker
                )
                for item in page["Versions"]:
                    info = _info(name, item["VersionId"], item["CreatedDate"])
                    found.append((_CURRENT in item.get("VersionStages", ()), info))
            if not page.get("NextToken"):
                break
            marker = {"NextToken": page["NextToken"]}
        if not found:
            raise _nothing()
        found.sort(key=lambda each: (each[0], each[1].created_at), reverse=True)
        return [info for _, info in found]

    def delete(self, name: str, *, deadline: Deadline) -> None:
        """As in the contract: without the time for recovery, so that the name may be used again."""
        secret_id = self._id(name)
        # AWS calls deleting nothing without recovery a success.
        self._described(secret_id, deadline)
        with calling(SERVICE, deadline, writes=True):
            self._client.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)

    def _described(self, secret_id: str, deadline: Deadline) -> None:
        with calling(SERVICE, deadline):
            if self._client.describe_secret(SecretId=secret_id).get("DeletedDate"):
                raise _nothing()

    def check(self, *, deadline: Deadline) -> str:
        """The beginning of the listing. Answers what was found, in words."""
        with calling(SERVICE, deadline):
            page = self._client.list_secrets(MaxResults=1)
        return "the secrets manager answers" + ("" if page["SecretList"] else " and is empty")


def _info(name: str, version: str, created: datetime) -> SecretInfo:
    micros, _, rest = version.partition("-")
    if len(micros) == 16 and micros.isdigit() and len(rest) == 24:
        return SecretInfo(name, version, _EPOCH + timedelta(microseconds=int(micros)))
    return SecretInfo(name, version, created.astimezone(UTC))


def _nothing() -> CloudNotFound:
    return CloudNotFound(f"{SERVICE} has nothing by that name.", provider=PROVIDER)
