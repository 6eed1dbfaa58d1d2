"""Settings of the local provider: this machine as a cloud. Prefix `INTELLICV_LOCAL_`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared_backend.config.backend_config import Settings, absolute
from shared_backend.config.secret_key import MIN_SECRET_CHARS, weakness


class LocalSettings(BaseSettings):
    """What the local provider may be told. It works without any of it."""

    model_config = SettingsConfigDict(
        env_prefix="INTELLICV_LOCAL_", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    folder: Path | None = Field(None, description="Where blobs, secrets and models lie; cloud under the var folder.")
    secrets_key: SecretStr = Field(
        SecretStr(""),
        description=f"Seals the secrets; at least {MIN_SECRET_CHARS} random characters. When it is not set, one is "
        "made with the first secret and kept in secrets/cloud_key under the var folder.",
    )
    llm_url: str = Field(
        "", description="An OpenAI-compatible server, such as http://127.0.0.1:11434/v1. Without: templates."
    )
    llm_model: str = Field("", description="The model to ask it for. Without: the first that the server lists.")
    llm_key: SecretStr = Field(SecretStr(""), description="Its key, where it wants one.")
    llm_elsewhere: bool = Field(
        False, description="Whether llm_url may name another machine: what is generated from is sent there."
    )
    embedding_folder: Path | None = Field(
        None, description="A folder with a sentence-transformers model to embed with, instead of our own."
    )
    monitoring_days: int = Field(30, ge=1, le=3650, description="Days that metrics and events are kept.")

    @field_validator("folder", "embedding_folder")
    @classmethod
    def _folders_are_absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else absolute(value)

    @field_validator("secrets_key")
    @classmethod
    def _key_is_strong(cls, value: SecretStr) -> SecretStr:
        given = value.get_secret_value()
        if given and (problem := weakness(given)):
            raise ValueError(f"{problem}. Use at least {MIN_SECRET_CHARS} random characters, or leave it out")
        return value

    @field_validator("llm_url")
    @classmethod
    def _url_is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("give a full address such as http://127.0.0.1:11434/v1")
        return value.rstrip("/")

    def root(self, settings: Settings) -> Path:
        """The provider's folder."""
        return self.folder or settings.var_dir / "cloud"
