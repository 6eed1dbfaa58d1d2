"""Azure by its given names: plain values in and out, over the provider behind the clouds' contract.

For scripts and for what means Azure and nothing else. What is to go on when Azure is away asks the orchestrator.
"""

from __future__ import annotations

from typing import Any

from shared_backend.cloud.azure.provider import AzureProvider
from shared_backend.config.cloud_config import CloudSettings, load_cloud_settings
from shared_backend.services.provider_face import ProviderFace


class AzureIntegrationFramework(ProviderFace):
    """Azure's services: Blob Storage, AI Language, OpenAI, Key Vault, Monitor. See ProviderFace."""

    def __init__(self, settings: CloudSettings | None = None) -> None:
        chosen = settings or load_cloud_settings()
        self.provider = AzureProvider(chosen.azure)
        super().__init__(chosen, self.provider)

    upload_to_blob = ProviderFace._upload
    download_from_blob = ProviderFace._download
    list_blobs = ProviderFace._list
    delete_blob = ProviderFace._delete

    def get_openai_client(self) -> Any:
        """The OpenAI SDK's own client for Azure, for what has no name here. It retries nothing; timeouts are yours."""
        return self.provider.openai_client()
