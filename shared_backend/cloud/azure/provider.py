"""Azure as a provider: what it offers with the settings that it has."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from typing import Any

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotConfigured
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_azure import AzureSettings
from shared_backend.config.cloud_config import CloudSettings
from shared_backend.database.engine import Database

NAME = "azure"
_HERE = "shared_backend.cloud.azure"
# Capability → module, class, and the package to install when an import fails.
_PARTS: Mapping[Capability, tuple[str, str, str]] = {
    Capability.BLOBS: ("blobs", "AzureBlobs", "azure-storage-blob azure-identity"),
    Capability.SECRETS: ("secrets", "AzureSecrets", "azure-keyvault-secrets azure-identity"),
    Capability.TEXT: ("text", "AzureText", "azure-ai-textanalytics azure-identity"),
    Capability.GENERATION: ("generation", "AzureGeneration", "'openai>=3,<4'"),
    Capability.EMBEDDINGS: ("embeddings", "AzureEmbeddings", "'openai>=3,<4'"),
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


class AzureProvider:
    """`contract.Provider`. Each part is made at its first use, once; the SDKs are imported then."""

    name = NAME

    def __init__(self, settings: AzureSettings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}

    def capabilities(self) -> frozenset[Capability]:
        """What its settings are there for."""
        return frozenset(
            capability for capability, names in _SETTINGS.items() if any(getattr(self._settings, n) for n in names)
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
        module, part, packages = _PARTS[capability]
        names = _SETTINGS[capability]
        if capability not in self.capabilities():
            settings = " or ".join(f"INTELLICV_AZURE_{name.upper()}" for name in names)
            raise CloudNotConfigured(f"Azure offers no {capability.value} without {settings}.", provider=NAME)
        try:
            made = getattr(importlib.import_module(f"{_HERE}.{module}"), part)
            if capability in (Capability.GENERATION, Capability.EMBEDDINGS):
                return made(self._settings, self.openai_client())
            return made(self._settings, self._transport())
        except ImportError as error:
            raise CloudNotConfigured(
                f"Azure's {capability.value} needs a package that is missing ({error.name}): pip install {packages}",
                provider=NAME,
            ) from error

    def openai_client(self) -> Any:
        """The OpenAI SDK's client for Azure; without retries. Raises CloudNotConfigured."""
        with self._lock:
            if "openai" not in self._made:
                try:
                    from shared_backend.cloud.azure.openai_client import openai_client
                except ImportError as error:
                    raise CloudNotConfigured(
                        f"Azure OpenAI needs a package that is missing ({error.name}): pip install 'openai>=3,<4'",
                        provider=NAME,
                    ) from error
                self._made["openai"] = openai_client(self._settings, self._transport())
            return self._made["openai"]

    def _transport(self) -> Any:
        with self._lock:
            if "transport" not in self._made:
                from shared_backend.cloud.azure.transport import AzureTransport

                self._made["transport"] = AzureTransport(self._settings)
            return self._made["transport"]

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        """A cheap call that shows that it works; answers what was found, in words."""
        found: str = self.offer(capability).check(deadline=deadline)
        return found

    def close(self) -> None:
        """Closes connections and ends threads."""
        with self._lock:
            made, self._made = self._made, {}
        for closing in ("monitoring", "openai"):
            if closing in made:
                made[closing].close()
        if "transport" in made:
            made["transport"].dispose()


def azure_provider(cloud: CloudSettings, settings: Settings, database: Database) -> AzureProvider:
    """For the register. Makes no call."""
    return AzureProvider(cloud.azure)
