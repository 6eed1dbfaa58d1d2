"""AWS by its given names: plain values in and out, over the provider behind the clouds' contract.

For scripts and for what means AWS and nothing else. What is to go on when AWS is away asks the orchestrator.
"""

from __future__ import annotations

from typing import Any

from shared_backend.cloud.aws.provider import AwsProvider
from shared_backend.config.cloud_config import CloudSettings, load_cloud_settings
from shared_backend.services.provider_face import ProviderFace


class AWSIntegrationFramework(ProviderFace):
    """AWS's services: S3, Comprehend, Bedrock, Secrets Manager, CloudWatch. See ProviderFace."""

    def __init__(self, settings: CloudSettings | None = None) -> None:
        chosen = settings or load_cloud_settings()
        self.provider = AwsProvider(chosen.aws)
        super().__init__(chosen, self.provider)

    upload_to_s3 = ProviderFace._upload
    download_from_s3 = ProviderFace._download
    list_objects = ProviderFace._list
    delete_object = ProviderFace._delete

    def get_bedrock_client(self) -> Any:
        """The SDK's own client of Bedrock's runtime, for what has no name here. It retries nothing."""
        return self.provider.client("bedrock-runtime")
