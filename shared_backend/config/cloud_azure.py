"""Settings of Azure. Prefix `INTELLICV_AZURE_`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _address(value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("must begin with https:// (http:// only on this machine): a key is sent there")
    if not parts.hostname:
        raise ValueError("names no host")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class AzureSettings(BaseSettings):
    """What Azure needs to be told. Nothing here has a default that is a secret."""

    model_config = SettingsConfigDict(
        env_prefix="INTELLICV_AZURE_", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    credential: Literal["key", "client_secret", "managed_identity", "workload_identity"] = Field(
        "key",
        description="How we sign in: key (each service's own key or connection string), or an identity of Entra ID. "
        "Key Vault has no keys: with key it signs in by client_secret when that is set. Only the one named is tried.",
    )
    tenant_id: str | None = Field(None, description="The directory of client_secret and workload_identity.")
    client_id: str | None = Field(
        None, description="The application of client_secret and workload_identity, or a user-assigned managed identity."
    )
    client_secret: SecretStr | None = Field(None, description="The application's secret.")
    federated_token_file: Path | None = Field(
        None, description="The file that the cluster keeps the workload's token in."
    )
    authority: Address = Field("https://login.microsoftonline.com", description="Where Entra ID signs in.")

    storage_connection_string: SecretStr | None = Field(None, description="The storage account with its key, whole.")
    storage_account_url: Address | None = Field(
        None, description="https://<account>.blob.core.windows.net; instead of the connection string."
    )
    storage_account_key: SecretStr | None = Field(
        None, description="The account's key, with storage_account_url and the credential key."
    )
    storage_container: str = Field(
        "intellicv",
        pattern=r"^[a-z0-9](?:-?[a-z0-9]){2,62}$",
        description="The container for blobs. It is made at first use when it is missing.",
    )
    storage_api_version: str | None = Field(
        None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="Only for an emulator older than the package."
    )

    key_vault_url: Address | None = Field(None, description="https://<vault>.vault.azure.net")
    key_vault_verify: bool = Field(
        True,
        description="The sign-in challenge must come from the vault's domain; off only for a private address.",
    )

    language_endpoint: Address | None = Field(None, description="https://<resource>.cognitiveservices.azure.com")
    language_key: SecretStr | None = Field(None, description="The Language resource's key.")

    openai_endpoint: Address | None = Field(None, description="https://<resource>.openai.azure.com")
    openai_key: SecretStr | None = Field(None, description="The Azure OpenAI resource's key.")
    openai_api_version: str = Field("2024-10-21", description="The API version of Azure OpenAI.")
    openai_deployment: str | None = Field(None, description="The deployment that generates.")
    openai_embedding_deployment: str | None = Field(None, description="The deployment that embeds.")
    openai_embedding_model: str = Field(
        "text-embedding-3-small", description="The model behind it; vectors of two models are never mixed."
    )
    openai_embedding_dimension: int = Field(1536, ge=1, le=10_000, description="How many numbers a vector has.")

    monitor_connection_string: SecretStr | None = Field(
        None, description="Application Insights: InstrumentationKey=…;IngestionEndpoint=https://…"
    )
    monitor_interval_s: float = Field(15, ge=1, le=3600, description="Seconds between two shipments of measurements.")

    proxy: Annotated[str, Field(pattern=r"^http://[^/\s]+/?$")] | None = Field(
        None, description="http://host:port of a proxy that all of Azure is reached through."
    )
    ca_file: Path | None = Field(None, description="A PEM file of authorities to trust, instead of the usual.")
    connect_timeout_s: float = Field(5, gt=0, le=60, description="Seconds to open a connection, within the deadline.")
    read_timeout_s: float = Field(30, gt=0, le=600, description="Seconds without a byte, within the deadline.")
