"""Settings of AWS. Prefix `INTELLICV_AWS_`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _address(value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ValueError("an address begins with https:// (http:// only on this machine)")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class AwsSettings(BaseSettings):
    """What AWS needs to be told. Nothing here has a default that is a secret."""

    model_config = SettingsConfigDict(
        env_prefix="INTELLICV_AWS_", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    region: str | None = Field(
        None, pattern=r"^[a-z0-9-]{3,40}$", description="The region of everything, such as eu-central-1."
    )
    credential: Literal["key", "machine"] = Field(
        "key",
        description="How we sign in: key (access_key_id and secret_access_key), or machine (the role of the instance, "
        "of the container or of the cluster's workload). Only the one named is tried, and no file of the AWS tools.",
    )
    access_key_id: str | None = Field(None, description="The access key, with the credential key.")
    secret_access_key: SecretStr | None = Field(None, description="The access key's secret.")
    session_token: SecretStr | None = Field(None, description="Only with keys that pass by themselves.")

    s3_bucket: str | None = Field(
        None,
        pattern=r"^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$",
        description="The bucket for blobs. It is made at the first write when it is missing.",
    )
    secrets_prefix: str = Field(
        "intellicv/",
        pattern=r"^[A-Za-z0-9/_+=.@-]{0,200}$",
        description="What the names of our secrets begin with; the account's others are never touched.",
    )
    bedrock_model: str | None = Field(
        None, description="The model, or the inference profile, that generates through Bedrock's Converse."
    )
    bedrock_embedding_model: str | None = Field(
        None, description="The model that embeds: one of amazon.titan-embed-… or cohere.embed-…"
    )
    bedrock_embedding_dimension: int = Field(1024, ge=1, le=10_000, description="How many numbers a vector has.")
    cloudwatch_namespace: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._/#:-]{1,255}$",
        description="The namespace for metrics; without it nothing is measured on AWS, where each metric costs money.",
    )
    cloudwatch_log_group: str = Field(
        "/intellicv",
        pattern=r"^[A-Za-z0-9._/#-]{1,512}$",
        description="The log group for events and traces. It is made when it is missing.",
    )
    cloudwatch_interval_s: float = Field(15, ge=1, le=3600, description="Seconds between two shipments.")

    endpoint_url: Address | None = Field(
        None, description="Another address than Amazon's for every service: an emulator, or a private endpoint."
    )
    s3_endpoint_url: Address | None = Field(None, description="The same for S3 alone, such as another store's.")
    proxy: Annotated[str, Field(pattern=r"^http://[^/\s]+/?$")] | None = Field(
        None, description="http://host:port of a proxy that all of AWS is reached through."
    )
    ca_file: Path | None = Field(None, description="A PEM file of authorities to trust, instead of the usual.")
    connect_timeout_s: float = Field(5, gt=0, le=60, description="Seconds to open a connection, within the deadline.")
    read_timeout_s: float = Field(30, gt=0, le=600, description="Seconds without a byte, within the deadline.")
