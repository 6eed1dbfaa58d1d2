"""AWS as a provider: what it offers with the settings that it has."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from typing import Any

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotConfigured
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_aws import AwsSettings
from shared_backend.config.cloud_config import CloudSettings
from shared_backend.database.engine import Database

NAME = "aws"
_HERE = "shared_backend.cloud.aws"
# Capability → module and class.
_PARTS: Mapping[Capability, tuple[str, str]] = {
    Capability.BLOBS: ("blobs", "S3Blobs"),
    Capability.SECRETS: ("secrets", "AwsSecrets"),
    Capability.TEXT: ("text", "ComprehendText"),
    Capability.GENERATION: ("generation", "BedrockGeneration"),
    Capability.EMBEDDINGS: ("embeddings", "BedrockEmbeddings"),
    Capability.MONITORING: ("monitoring", "CloudWatchMonitoring"),
}
# Settings without which a capability is not there, all of them.
_SETTINGS: Mapping[Capability, tuple[str, ...]] = {
    Capability.BLOBS: ("region", "s3_bucket"),
    Capability.SECRETS: ("region",),
    Capability.TEXT: ("region",),
    Capability.GENERATION: ("region", "bedrock_model"),
    Capability.EMBEDDINGS: ("region", "bedrock_embedding_model"),
    Capability.MONITORING: ("region", "cloudwatch_namespace"),
}


class AwsProvider:
    """`contract.Provider`. Each part is made at its first use, once; the SDK is imported then."""

    name = NAME

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}

    def capabilities(self) -> frozenset[Capability]:
        """What its settings are there for."""
        return frozenset(
            capability for capability, names in _SETTINGS.items() if all(getattr(self._settings, n) for n in names)
        )

    def offer(self, capability: Capability) -> Any:
        """The contract's implementation. Raises CloudNotConfigured that names the setting or package."""
        capability = Capability(capability)
        found = self._made.get(capability)
        if found is None:
            with self._lock:
                found = self._made.get(capability) or self._make(capability)
                self._made[capability] = found
        return found

    def _make(self, capability: Capability) -> Any:
        missing = [f"INTELLICV_AWS_{n.upper()}" for n in _SETTINGS[capability] if not getattr(self._settings, n)]
        if missing:
            raise CloudNotConfigured(
                f"AWS offers no {capability.value} without {' and '.join(missing)}.", provider=NAME
            )
        module, part = _PARTS[capability]
        try:
            made = getattr(importlib.import_module(f"{_HERE}.{module}"), part)
            return made(self._settings, self._clients())
        except ImportError as error:
            raise _lacking(capability.value, error) from error

    def client(self, service: str) -> Any:
        """The SDK's client of `bedrock-runtime`, `s3`, …, without retries. Raises CloudNotConfigured."""
        try:
            return self._clients().get(service)
        except ImportError as error:
            raise _lacking(service, error) from error

    def _clients(self) -> Any:
        with self._lock:
            if "clients" not in self._made:
                from shared_backend.cloud.aws.clients import AwsClients

                self._made["clients"] = AwsClients(self._settings)
            return self._made["clients"]

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        """A cheap call that shows that it works; answers what was found, in words."""
        found: str = self.offer(capability).check(deadline=deadline)
        return found

    def close(self) -> None:
        """Closes connections and ends threads."""
        with self._lock:
            made, self._made = self._made, {}
        for closing in (Capability.MONITORING, "clients"):
            if closing in made:
                made[closing].close()


def _lacking(what: str, error: ImportError) -> CloudNotConfigured:
    return CloudNotConfigured(
        f"AWS's {what} needs a package that is missing ({error.name}): pip install boto3", provider=NAME
    )


def aws_provider(cloud: CloudSettings, settings: Settings, database: Database) -> AwsProvider:
    """For the register. Makes no call."""
    return AwsProvider(cloud.aws)
