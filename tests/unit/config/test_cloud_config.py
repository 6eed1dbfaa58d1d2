from __future__ import annotations

from pathlib import Path

import pytest

from shared_backend.config.backend_config import ConfigurationError, load_settings, unknown_settings
from shared_backend.config.cloud_config import Route, load_cloud_settings, setting_names
from shared_backend.config.cloud_local import LocalSettings

CAPABILITIES = ("blobs", "secrets", "text", "generation", "embeddings", "monitoring")


def test_every_capability_goes_to_azure_and_falls_back_to_this_machine_unless_told_otherwise() -> None:
    settings = load_cloud_settings()
    assert {settings.route(capability) for capability in CAPABILITIES} == {Route("azure", "local")}
    assert all(settings.deadline_s(capability) > 0 for capability in CAPABILITIES)


def test_one_capability_may_go_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTELLICV_CLOUD_PRIMARY", "aws")
    monkeypatch.setenv("INTELLICV_CLOUD_SECRETS_PRIMARY", "local")
    monkeypatch.setenv("INTELLICV_CLOUD_TEXT_FALLBACK", "none")
    settings = load_cloud_settings()
    assert settings.route("blobs") == Route("aws", "local")
    assert settings.route("secrets") == Route("local", None), "nobody falls back to himself"
    assert settings.route("text") == Route("aws", None)


def test_what_is_given_goes_before_the_environment_also_in_a_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTELLICV_LOCAL_LLM_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("INTELLICV_LOCAL_LLM_MODEL", "small")
    local = load_cloud_settings(local={"llm_url": "http://127.0.0.1:2/v1/"}).local
    assert (local.llm_url, local.llm_model) == ("http://127.0.0.1:2/v1", "small")
    given = LocalSettings(llm_model="other")
    assert load_cloud_settings(local=given).local is given


def test_the_file_beside_the_project_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "no.env").write_text("INTELLICV_CLOUD_FALLBACK=aws\nINTELLICV_LOCAL_MONITORING_DAYS=7\n")
    settings = load_cloud_settings()
    assert settings.fallback == "aws"
    assert settings.local.monitoring_days == 7


def test_all_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTELLICV_CLOUD_PRIMARY", "Azure!")
    monkeypatch.setenv("INTELLICV_LOCAL_LLM_URL", "ollama")
    monkeypatch.setenv("INTELLICV_LOCAL_SECRETS_KEY", "changeme")
    with pytest.raises(ConfigurationError) as caught:
        load_cloud_settings()
    for name in ("INTELLICV_CLOUD_PRIMARY", "INTELLICV_LOCAL_LLM_URL", "INTELLICV_LOCAL_SECRETS_KEY"):
        assert name in str(caught.value)
    assert "changeme" not in str(caught.value)


def test_a_slip_of_the_pen_is_noticed_and_a_setting_of_the_clouds_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTELLICV_LOCAL_LLM_ULR", "x")
    monkeypatch.setenv("INTELLICV_LOCAL_LLM_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("INTELLICV_CLOUD_BLOBS_PRIMARY", "local")
    found = unknown_settings(setting_names())
    assert "INTELLICV_LOCAL_LLM_ULR" in found
    assert not {"INTELLICV_LOCAL_LLM_URL", "INTELLICV_CLOUD_BLOBS_PRIMARY"} & set(found)


def test_the_local_folder_lies_under_the_var_folder(tmp_path: Path) -> None:
    settings = load_settings(environment="test", var_dir=tmp_path)
    assert LocalSettings().root(settings) == tmp_path / "cloud"
    assert LocalSettings(folder=tmp_path / "elsewhere").root(settings) == tmp_path / "elsewhere"
