"""Settings of AWS. Prefix `INTELLICV_AWS_`."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class AwsSettings(BaseSettings):
    """What AWS needs to be told. Nothing here has a default that is a secret."""

    model_config = SettingsConfigDict(
        env_prefix="INTELLICV_AWS_", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )
