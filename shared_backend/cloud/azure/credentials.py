"""How we sign in to Azure: by exactly what the settings name, so that nothing is tried and waited for on the way.

azure-identity's own default chain tries eight ways one after the other, and asks an address that swallows packets on
any machine outside Azure. Here a missing setting is an error at once, and a token is fetched within the deadline.
"""

from __future__ import annotations

from typing import Any

from shared_backend.cloud.azure.transport import AzureTransport, client_options
from shared_backend.cloud.errors import CloudNotConfigured
from shared_backend.config.cloud_azure import AzureSettings


def needed(settings: AzureSettings, *names: str) -> None:
    """Raises CloudNotConfigured that names every setting of these that is missing."""
    missing = [f"INTELLICV_AZURE_{name.upper()}" for name in names if not getattr(settings, name)]
    if missing:
        raise CloudNotConfigured(f"Azure needs the settings {', '.join(missing)}.", provider="azure")


def token_credential(settings: AzureSettings, transport: AzureTransport) -> Any:
    """The credential of Entra ID that the settings name. Asks nothing yet.

    Raises CloudNotConfigured that names the missing setting.
    """
    kind = "client_secret" if settings.credential == "key" else settings.credential
    options: dict[str, Any] = {
        **client_options(transport),
        # Would ask Microsoft about other clouds first; the authority is a setting.
        "disable_instance_discovery": True,
        "additionally_allowed_tenants": [],
    }
    if kind == "client_secret":
        needed(settings, "tenant_id", "client_id", "client_secret")
        from azure.identity import ClientSecretCredential

        assert settings.client_secret is not None
        return ClientSecretCredential(
            tenant_id=settings.tenant_id or "",
            client_id=settings.client_id or "",
            client_secret=settings.client_secret.get_secret_value(),
            authority=settings.authority,
            **options,
        )
    if kind == "workload_identity":
        needed(settings, "tenant_id", "client_id", "federated_token_file")
        from azure.identity import WorkloadIdentityCredential

        return WorkloadIdentityCredential(
            tenant_id=settings.tenant_id,
            client_id=settings.client_id,
            token_file_path=str(settings.federated_token_file),
            authority=settings.authority,
            **options,
        )
    from azure.identity import ManagedIdentityCredential

    # One short probe tells whether there is such a service at all; without it, its first answer is waited for.
    return ManagedIdentityCredential(
        client_id=settings.client_id, _enable_imds_probe=False, **client_options(transport)
    )
