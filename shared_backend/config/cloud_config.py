"""Which cloud serves what: a primary and a fallback, for all or for each capability, and how long each may take.

Prefix `INTELLICV_CLOUD_`; each provider's own settings are a section of their own, with a prefix of their own:
`local` (INTELLICV_LOCAL_), `azure` (INTELLICV_AZURE_), `aws` (INTELLICV_AWS_).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared_backend.config import backend_config
from shared_backend.config.backend_config import ConfigurationError
from shared_backend.config.cloud_aws import AwsSettings
from shared_backend.config.cloud_azure import AzureSettings
from shared_backend.config.cloud_local import LocalSettings

CLOUD_PREFIX = "INTELLICV_CLOUD_"
# Says that there is to be no fallback, where an empty text would say "as for the others".
NONE = "none"

ProviderName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
OverrideName = ProviderName | None
Seconds = Annotated[float, Field(gt=0, le=3600)]

_OVERRIDE = "Overrides primary or fallback for this capability alone."


@dataclass(frozen=True)
class Route:
    """Who serves a capability, and who when that one can't; None: nobody."""

    primary: str
    fallback: str | None


class CloudSettings(BaseSettings):
    """Every setting of the clouds. Construct it with `load_cloud_settings()`, whose errors are for people."""

    model_config = SettingsConfigDict(
        env_prefix=CLOUD_PREFIX, env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    primary: ProviderName = Field("azure", description="Who serves what nothing else is said of.")
    fallback: ProviderName = Field("local", description="Who serves when the primary can't; none for nobody.")

    blobs_primary: OverrideName = Field(None, description=_OVERRIDE)
    blobs_fallback: OverrideName = Field(None, description=_OVERRIDE)
    secrets_primary: OverrideName = Field(None, description=_OVERRIDE)
    secrets_fallback: OverrideName = Field(None, description=_OVERRIDE)
    text_primary: OverrideName = Field(None, description=_OVERRIDE)
    text_fallback: OverrideName = Field(None, description=_OVERRIDE)
    generation_primary: OverrideName = Field(None, description=_OVERRIDE)
    generation_fallback: OverrideName = Field(None, description=_OVERRIDE)
    embeddings_primary: OverrideName = Field(None, description=_OVERRIDE)
    embeddings_fallback: OverrideName = Field(None, description=_OVERRIDE)
    monitoring_primary: OverrideName = Field(None, description=_OVERRIDE)
    monitoring_fallback: OverrideName = Field(None, description=_OVERRIDE)

    blobs_deadline_s: Seconds = Field(
        30, description="Seconds until a blob's operation has answered, failover and all."
    )
    secrets_deadline_s: Seconds = Field(5, description="The same for secrets.")
    text_deadline_s: Seconds = Field(10, description="The same for text analysis.")
    generation_deadline_s: Seconds = Field(60, description="The same for generation.")
    embeddings_deadline_s: Seconds = Field(30, description="The same for embeddings.")
    monitoring_deadline_s: Seconds = Field(5, description="The same for flushing metrics and events.")

    secret_copy_hours: Annotated[float, Field(ge=0, le=168)] = Field(
        24, description="Hours that a sealed copy of a secret may stand in while its provider is away; 0 for none."
    )
    prices: Path | None = Field(
        None, description="A JSON file with what tokens cost, and where and when that was read. Without: no costs."
    )

    local: LocalSettings = Field(default_factory=LocalSettings)
    azure: AzureSettings = Field(default_factory=AzureSettings)
    aws: AwsSettings = Field(default_factory=AwsSettings)

    @field_validator("prices")
    @classmethod
    def _prices_are_absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else backend_config.absolute(value)

    def route(self, capability: str) -> Route:
        """Who serves `capability` (blobs, secrets, text, generation, embeddings, monitoring)."""
        primary = getattr(self, f"{capability}_primary") or self.primary
        fallback = getattr(self, f"{capability}_fallback") or self.fallback
        return Route(primary, None if fallback in (NONE, primary) else fallback)

    def deadline_s(self, capability: str) -> float:
        """Seconds that one operation of `capability` may take in all."""
        found: float = getattr(self, f"{capability}_deadline_s")
        return found


_SECTIONS: tuple[tuple[str, type[BaseSettings]], ...] = (
    ("local", LocalSettings),
    ("azure", AzureSettings),
    ("aws", AwsSettings),
)


def load_cloud_settings(**given: Any) -> CloudSettings:
    """Reads the clouds' settings afresh: what is given, then the environment, then `.env`, then the defaults.

    A section may be given whole (`local=LocalSettings(…)`) or as a dictionary that goes before the environment.
    Raises ConfigurationError, naming each setting that can't be used and what to do about it.
    """
    file = backend_config.dotenv_path()
    problems: list[str] = []
    for name, section in _SECTIONS:
        if isinstance(given.get(name, {}), dict):
            try:
                given[name] = section(_env_file=file, **given.get(name, {}))
            except ValidationError as error:
                problems += _complaints(error, str(section.model_config["env_prefix"]))
                given[name] = section.model_construct()
    try:
        settings = CloudSettings(_env_file=file, **given)
    except ValidationError as error:
        problems += _complaints(error, CLOUD_PREFIX)
    if problems:
        raise ConfigurationError("The clouds' settings can't be used:\n" + "\n".join(problems)) from None
    return settings


def setting_names() -> frozenset[str]:
    """The name of every setting of the clouds, as it stands in the environment."""
    sections = {name for name, _ in _SECTIONS}
    own = {f"{CLOUD_PREFIX}{name}".upper() for name in CloudSettings.model_fields if name not in sections}
    return frozenset(own).union(
        f"{section.model_config['env_prefix']}{name}".upper()
        for _, section in _SECTIONS
        for name in section.model_fields
    )


def _complaints(error: ValidationError, prefix: str) -> list[str]:
    return [
        f"  - {prefix}{problem['loc'][0] if problem['loc'] else ''}".upper()
        + f": {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors()
    ]
