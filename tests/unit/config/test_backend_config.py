from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared_backend.config import backend_config
from shared_backend.config.backend_config import (
    ConfigurationError,
    Settings,
    child_environment,
    load_settings,
    project_root,
    unknown_settings,
)

STRONG = "q7Wm2Zr9Lx4Tb8Nc1Vy6Kd3Hs5Jf0Gp_-eUoAiR"


def test_defaults_are_safe_and_local(tmp_path: Path) -> None:
    settings = load_settings(var_dir=tmp_path)
    assert settings.environment == "development"
    assert settings.host == "127.0.0.1"
    assert settings.database_url == f"sqlite:///{tmp_path}/intellicv.db"
    assert (settings.admin_url, settings.user_url) == ("http://127.0.0.1:8501", "http://127.0.0.1:8502")
    assert settings.cookie_secure is False


def test_environment_is_read_with_the_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTELLICV_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("INTELLICV_ADMIN_PORT", "9001")
    monkeypatch.setenv("INTELLICV_LOG_LEVEL", "debug")
    monkeypatch.setenv("INTELLICV_HOST", "0.0.0.0")
    settings = load_settings()
    assert settings.admin_url == "http://127.0.0.1:9001"
    assert settings.log_level == "DEBUG"


def test_the_file_beside_the_project_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("INTELLICV_USER_PORT=9100\nINTELLICV_ADMIN_PORT=9101\nSOMETHING_ELSE=1\n")
    monkeypatch.setattr(backend_config, "dotenv_path", lambda: dotenv)
    monkeypatch.setenv("INTELLICV_ADMIN_PORT", "9102")
    settings = load_settings()
    assert (settings.user_port, settings.admin_port) == (9100, 9102)


def test_an_empty_variable_means_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTELLICV_DATABASE_URL", "")
    assert load_settings(var_dir=tmp_path).database_url.startswith("sqlite:////")


def test_paths_are_taken_from_the_project_not_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INTELLICV_VAR_DIR")
    monkeypatch.chdir(tmp_path)
    settings = load_settings(secret_key=STRONG, database_url="sqlite:///var/other.db")
    assert settings.var_dir == project_root() / "var"
    assert settings.database_url == f"sqlite:///{project_root()}/var/other.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_addresses_name_the_driver(tmp_path: Path, scheme: str) -> None:
    settings = load_settings(var_dir=tmp_path, database_url=f"{scheme}://cv:pw@db.internal:5432/cv")
    assert settings.database_url == "postgresql+psycopg://cv:pw@db.internal:5432/cv"
    assert "pw" not in repr(settings)


@pytest.mark.parametrize("url", ["mysql://cv:hidden@db/cv", "sqlite://", "sqlite:///:memory:", "hidden"])
def test_a_database_that_cannot_be_used_is_refused_without_showing_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="INTELLICV_DATABASE_URL") as raised:
        load_settings(var_dir=tmp_path, database_url=url)
    assert "hidden" not in str(raised.value)


def test_each_wrong_setting_is_named_once_and_nothing_else_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(var_dir=tmp_path, environment="prod", admin_url="portal")
    lines = str(raised.value).splitlines()
    assert len(lines) == 3
    assert "INTELLICV_ENVIRONMENT" in lines[1]
    assert "INTELLICV_ADMIN_URL" in lines[2]


def test_ports_must_differ(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="three different ports"):
        load_settings(var_dir=tmp_path, admin_port=8502)


@pytest.mark.parametrize("weak", ["tiny-key", "a" * 64, "changeme" * 8, "intellicv-secret-intellicv-secret"])
def test_weak_secrets_are_refused_outside_development(tmp_path: Path, weak: str) -> None:
    assert load_settings(var_dir=tmp_path, secret_key=weak).secret_key.get_secret_value() == weak
    for environment in ("test", "production"):
        with pytest.raises(ConfigurationError, match="make one with") as raised:
            load_settings(var_dir=tmp_path, secret_key=weak, environment=environment)
        assert weak not in str(raised.value)


def test_a_strong_secret_is_taken_as_it_is(tmp_path: Path) -> None:
    settings = load_settings(var_dir=tmp_path, secret_key=STRONG, environment="production")
    assert settings.secret_key.get_secret_value() == STRONG
    assert settings.cookie_secure is True
    assert STRONG not in repr(settings)
    assert not (tmp_path / "secrets").exists()


def test_settings_do_not_change(tmp_path: Path) -> None:
    settings = load_settings(var_dir=tmp_path)
    with pytest.raises(ValidationError):
        settings.host = "0.0.0.0"  # type: ignore[misc]


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    with pytest.raises(ConfigurationError, match="INTELLICV_VAR_DIR"):
        load_settings(var_dir=occupied)


def test_a_slip_of_the_pen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTELLICV_ADMIN_PROT", "1")
    assert "INTELLICV_ADMIN_PROT" in unknown_settings()


def test_a_child_sees_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(var_dir=tmp_path, user_port=9002, cookie_secure=True)
    environment = child_environment(settings, INTELLICV_LOG_FORMAT="json")
    assert environment["PYTHONPATH"].startswith(str(project_root()))
    for name, value in environment.items():
        if name.startswith("INTELLICV_"):
            monkeypatch.setenv(name, value)
    assert load_settings() == settings.model_copy(update={"log_format": "json"})


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
