"""Azure as a provider: what it offers with the settings that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.errors import CloudNotConfigured
from shared_backend.cloud.parted import PartedProvider
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_azure import AzureSettings
from shared_backend.config.cloud_config import CloudSettings
from shared_backend.database.engine import Database

NAME = "azure"
_OPENAI = "'openai>=3,<4'"
# Capability → module, class, and the package to install when an import fails.
_PARTS: Mapping[Capability, tuple[str, str, str]] = {
    Capability.BLOBS: ("blobs", "AzureBlobs", "azure-storage-blob azure-identity"),
    Capability.SECRETS: ("secrets", "AzureSecrets", "azure-keyvault-secrets azure-identity"),
    Capability.TEXT: ("text", "AzureText", "azure-ai-textanalytics azure-identity"),
    Capability.GENERATION: ("generation", "AzureGeneration", _OPENAI),
    Capability.EMBEDDINGS: ("embeddings", "AzureEmbeddings", _OPENAI),
    Capability.MONITORING: ("monitoring", "AzureMonitoring", "azure-monitor-opentelemetry-exporter"),
}
# Settings without which a capability is not there, any of them.
_SETTINGS: Mapping[Capability, tuple[str, ...]] = {
    Capability.BLOBS: ("storage_connection_string", "storage_account_url"),
    Capability.SECRETS: ("key_vault_url",),
    Capability.TEXT: ("language_endpoint",),
    Capability.GENERATION: ("openai_deployment",),
    Capability.EMBEDDINGS: ("openai_embedding_deployment",),
    Capability.MONITORING: ("monitor_connection_string",),
}


class AzureProvider(PartedProvider):
    """`contract.Provider`. The SDKs are imported with the first part that needs them."""

    name = NAME
    title = "Azure"

    def __init__(self, settings: AzureSettings) -> None:
        super().__init__()
        self._settings = settings

    def capabilities(self) -> frozenset[Capability]:
        """What its settings are there for."""
        return frozenset(
            capability for capability, names in _SETTINGS.items() if any(getattr(self._settings, n) for n in names)
        )

    def _make(self, capability: Capability) -> Any:
        if capability not in self.capabilities():
            settings = " or ".join(f"INTELLICV_AZURE_{name.upper()}" for name in _SETTINGS[capability])
            raise CloudNotConfigured(f"Azure offers no {capability.value} without {settings}.", provider=NAME)
        module, part, _packages = _PARTS[capability]
        made = self._imported(module, part)
        if capability in (Capability.GENERATION, Capability.EMBEDDINGS):
            return made(self._settings, self.openai_client())
        return made(self._settings, self._transport())

    def _packages(self, what: str) -> str:
        return _PARTS[Capability(what)][2] if what in _PARTS else _OPENAI

    def openai_client(self) -> Any:
        """The OpenAI SDK's client for Azure; without retries. Raises CloudNotConfigured."""

        def make() -> Any:
            return self._imported("openai_client", "openai_client")(self._settings, self._transport())

        return self._once("openai", make)

    def _transport(self) -> Any:
        return self._once("transport", lambda: self._imported("transport", "AzureTransport")(self._settings))

    def _close(self, made: dict[str, Any]) -> None:
        for closing in ("monitoring", "openai"):
            if closing in made:
                made[closing].close()
        if "transport" in made:
            made["transport"].dispose()


def azure_provider(cloud: CloudSettings, settings: Settings, database: Database) -> AzureProvider:
    """For the register. Makes no call."""
    return AzureProvider(cloud.azure)
