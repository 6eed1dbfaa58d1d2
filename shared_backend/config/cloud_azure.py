"""Settings of Azure. Prefix `INTELLICV_AZURE_`."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class AzureSettings(BaseSettings):
    """What Azure needs to be told. Nothing here has a default that is a secret."""

    model_config = SettingsConfigDict(
        env_prefix="INTELLICV_AZURE_", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )
