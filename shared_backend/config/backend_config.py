"""The product's settings: one class, one prefix (`INTELLICV_`), read from the environment and from `.env`.

Nothing else reads the environment. Relative paths are taken from the project's folder, not from where a command
was started, so that a script, a portal and the command line always mean the same database.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared_backend.config.secret_key import MIN_SECRET_CHARS, read_or_create_secret, weakness
from shared_backend.utils.exception_handler import IntelliCVError

PREFIX = "INTELLICV_"
_MIN_TOKEN_CHARS = 16


class ConfigurationError(IntelliCVError):
    """The settings can't be used. Correct them and start again."""

    code = "configuration"


def project_root() -> Path:
    """The folder that relative paths are taken from: the checkout, or the current folder of an installed package."""
    checkout = Path(__file__).resolve().parents[2]
    return checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()


def dotenv_path() -> Path:
    """The file of settings that lies beside the project; it need not exist."""
    return project_root() / ".env"


def absolute(path: Path) -> Path:
    """A path as settings mean it: relative ones are taken from the project's folder."""
    path = path.expanduser()
    return path if path.is_absolute() else (project_root() / path).resolve()


def _folders(listed: str) -> tuple[Path, ...]:
    return tuple(absolute(Path(each.strip())) for each in listed.split(os.pathsep) if each.strip())


class Settings(BaseSettings):
    """Every setting, with its default. Construct it with `load_settings()`, whose errors are for people."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    environment: Literal["development", "test", "production"] = Field(
        "development", description="Outside development, weak secrets are refused."
    )
    process: Literal["script", "admin_portal", "user_portal", "gateway", "worker"] = Field(
        "script", description="Which process this is; set by `intellicv up` for the processes that it starts."
    )
    var_dir: Path = Field(
        Path("var"), validate_default=True, description="Where the database, secrets and backups are kept."
    )
    database_url: str = Field(
        default_factory=lambda data: f"sqlite:///{data['var_dir'] / 'intellicv.db'}",
        repr=False,
        description="SQLite file, or postgresql://user:password@host/database when several machines share the load.",
    )
    host: str = Field("127.0.0.1", description="The address that the portals and the gateway listen on.")
    admin_port: int = Field(8501, ge=1, le=65535, description="Port of the admin portal.")
    user_port: int = Field(8502, ge=1, le=65535, description="Port of the user portal.")
    gateway_port: int = Field(8000, ge=1, le=65535, description="Port of the gateway.")
    admin_url: str = Field(
        default_factory=lambda data: _address(data, "admin_port"),
        description="The admin portal's public address; links in invitations start with it.",
    )
    user_url: str = Field(
        default_factory=lambda data: _address(data, "user_port"),
        description="The user portal's public address; links in invitations start with it.",
    )
    gateway_url: str = Field(
        default_factory=lambda data: _address(data, "gateway_port"), description="The gateway's public address."
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description=f"Signs what must not be forged; at least {MIN_SECRET_CHARS} characters. "
        "When it is not set, one is made at first start and kept in secrets/secret_key under the var folder.",
    )
    cookie_secure: bool = Field(
        default_factory=lambda data: data["environment"] == "production",
        description="Send the sign-in cookie over https only. On by default in production.",
    )
    session_hours: float = Field(12, gt=0, le=24 * 90, description="Hours until a person must sign in again.")
    watcher_tick_ms: float = Field(10, ge=1, le=10_000, description="How often a process looks for changes, in ms.")
    poll_tight_s: float = Field(0.5, ge=0.1, description="Seconds between a page's looks while the push is down.")
    poll_slack_s: float = Field(120, ge=0.5, description="Seconds between a page's looks while the push is up.")
    max_payload_bytes: int = Field(262_144, ge=1024, description="The largest single save, in bytes of JSON.")
    event_retention: int = Field(100_000, ge=1000, description="How many events the log keeps before it is trimmed.")
    consumer_hold_cap: int = Field(
        200_000, ge=1000, description="How many events a live consumer that lags may keep from being trimmed."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="What a scraper of the gateway's /metrics must present as bearer token; at least 16 characters. "
        "Without: only this machine may read it.",
    )
    job_threads: int = Field(2, ge=1, le=64, description="How many background jobs a worker runs at a time.")
    intake_roots: str = Field(
        "", description="Folders on this machine that a bulk intake may read, separated by a colon; none by default."
    )
    release_roots: str = Field(
        "",
        description="Folders on this machine that releases of data may be imported from, separated by a colon; none "
        "by default.",
    )
    job_history: int = Field(2_000, ge=10, description="How many background jobs that have ended are kept.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")
    log_format: Literal["console", "json"] = Field("console", description="json is one object a line, for machines.")

    @property
    def intake_folders(self) -> tuple[Path, ...]:
        """The folders of `intake_roots`."""
        return _folders(self.intake_roots)

    @property
    def release_folders(self) -> tuple[Path, ...]:
        """The folders of `release_roots`."""
        return _folders(self.release_roots)

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token_is_long(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < _MIN_TOKEN_CHARS:
            raise ValueError(f"has fewer than {_MIN_TOKEN_CHARS} characters: make a random one, or leave it out")
        return value

    @field_validator("var_dir")
    @classmethod
    def _var_dir_is_absolute(cls, value: Path) -> Path:
        return absolute(value)

    @field_validator("database_url")
    @classmethod
    def _database_url_is_complete(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if scheme in ("postgres", "postgresql", "postgresql+psycopg") and rest:
            return f"postgresql+psycopg://{rest}"
        if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1 and ":memory:" not in rest:
            return f"sqlite:///{absolute(Path(rest[1:]))}"
        shown = f"{scheme}://…" if separator else "it"
        raise ValueError(
            f"{shown} is not an address that IntelliCV can use. Give sqlite:///path/to/file.db or "
            "postgresql://user:password@host:5432/database"
        )

    @field_validator("admin_url", "user_url", "gateway_url")
    @classmethod
    def _url_is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("give a full address such as https://cv.example.org")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _ports_differ(self) -> Settings:
        if len({self.admin_port, self.user_port, self.gateway_port}) < 3:
            raise ValueError("admin_port, user_port and gateway_port must be three different ports")
        return self

    @model_validator(mode="after")
    def _secret_is_strong(self) -> Settings:
        given = self.secret_key.get_secret_value()
        if not given:
            # The model is frozen for its users; this is still construction.
            object.__setattr__(self, "secret_key", SecretStr(read_or_create_secret(self.var_dir)))
            return self
        problem = weakness(given)
        if problem and self.environment != "development":
            raise ValueError(
                f"{PREFIX}SECRET_KEY {problem}. Outside development it must be a random text of at least "
                f"{MIN_SECRET_CHARS} characters: make one with  python3 -c 'import secrets; "
                "print(secrets.token_urlsafe(48))'  or leave it out, and one is made for you"
            )
        return self

    @property
    def is_production(self) -> bool:
        return self.environment == "production"


def _address(data: dict[str, Any], port: str) -> str:
    host = data["host"]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{data[port]}"


def load_settings(**given: Any) -> Settings:
    """Read the settings afresh: what is given here, then the environment, then `.env`, then the defaults.

    Raises ConfigurationError, naming each setting that can't be used and what to do about it.
    """
    try:
        return Settings(_env_file=dotenv_path(), **given)
    except ValidationError as error:
        # A default that could not be worked out is the consequence of another setting, which is named by itself.
        problems = [problem for problem in error.errors() if problem["type"] != "default_factory_not_called"]
        lines = [_complaint(problem["loc"], problem["msg"]) for problem in problems]
        raise ConfigurationError("The settings can't be used:\n" + "\n".join(lines)) from None
    except OSError as error:
        raise ConfigurationError(
            f"The folder for secrets can't be used: {error.strerror or error} ({error.filename}). "
            f"Correct its permissions, or set {PREFIX}VAR_DIR to a folder that can be written to."
        ) from None


def with_ports(settings: Settings, **ports: int) -> Settings:
    """The same settings on other ports; addresses that were not given follow the ports."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    return load_settings(**{**given, **ports})


def _complaint(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    name = f"{PREFIX}{location[0]}".upper() if location else ""
    return f"  - {name}: {message}" if name else f"  - {message}"


def unknown_settings(known_elsewhere: Iterable[str] = ()) -> list[str]:
    """Names in the environment that start with the prefix and mean nothing: most often a slip of the pen.

    `known_elsewhere`: the settings of parts that have a class of their own, such as the clouds.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}.union(known_elsewhere)
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)


def child_environment(settings: Settings, **extra: str) -> dict[str, str]:
    """This process's environment with the settings written into it, for a child that must see the same ones.

    The secret is left out when it comes from the file, which the child reads for itself.
    """
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(
        part for part in (str(project_root()), environment.get("PYTHONPATH", "")) if part
    )
    for name in settings.model_fields_set | {"var_dir", "database_url", "admin_port", "user_port", "gateway_port"}:
        if name != "secret_key":
            environment[f"{PREFIX}{name}".upper()] = _as_text(getattr(settings, name))
    environment.update(extra)
    return environment


def set_for_libraries(**switches: str) -> None:
    """Sets what a library reads from the environment and from nowhere else; what is set already stays."""
    for name, value in switches.items():
        os.environ.setdefault(name, value)


def _as_text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)
