"""AWS as a provider: what it offers with the settings that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.errors import CloudNotConfigured
from shared_backend.cloud.parted import PartedProvider
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_aws import AwsSettings
from shared_backend.config.cloud_config import CloudSettings
from shared_backend.database.engine import Database

NAME = "aws"
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


class AwsProvider(PartedProvider):
    """`contract.Provider`. The SDK is imported with the first part that needs it."""

    name = NAME
    title = "AWS"

    def __init__(self, settings: AwsSettings) -> None:
        super().__init__()
        self._settings = settings

    def capabilities(self) -> frozenset[Capability]:
        """What its settings are there for."""
        return frozenset(
            capability for capability, names in _SETTINGS.items() if all(getattr(self._settings, n) for n in names)
        )

    def _make(self, capability: Capability) -> Any:
        missing = [f"INTELLICV_AWS_{n.upper()}" for n in _SETTINGS[capability] if not getattr(self._settings, n)]
        if missing:
            raise CloudNotConfigured(
                f"AWS offers no {capability.value} without {' and '.join(missing)}.", provider=NAME
            )
        return self._imported(*_PARTS[capability])(self._settings, self._clients())

    def _packages(self, what: str) -> str:
        return "boto3"

    def client(self, service: str) -> Any:
        """The SDK's client of `bedrock-runtime`, `s3`, …, without retries. Raises CloudNotConfigured."""
        return self._clients().get(service)

    def _clients(self) -> Any:
        return self._once("clients", lambda: self._imported("clients", "AwsClients")(self._settings))

    def _close(self, made: dict[str, Any]) -> None:
        for closing in (Capability.MONITORING, "clients"):
            if closing in made:
                made[closing].close()


def aws_provider(cloud: CloudSettings, settings: Settings, database: Database) -> AwsProvider:
    """For the register. Makes no call."""
    return AwsProvider(cloud.aws)
