"""What Azure says when a setting or a package is missing, and how it signs in."""

from __future__ import annotations

import builtins
import logging
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from shared_backend.cloud.azure.provider import AzureProvider
from shared_backend.cloud.contract import Capability, Message, Usage
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudDenied, CloudNotConfigured, CloudTimeout, CloudUnavailable
from shared_backend.config.cloud_azure import AzureSettings
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.services.azure_integration import AzureIntegrationFramework
from tests.support.cloud.azure import azure_settings, blob_settings, opened_provider
from tests.support.cloud.azurite import Azurite
from tests.support.cloud.doubles_openai import CHAT, OpenAiDouble
from tests.support.cloud.proxy import Fault, FaultProxy


def settings(**given: Any) -> AzureSettings:
    return AzureSettings(_env_file=None, **given)


@pytest.mark.parametrize(
    ("capability", "given", "named"),
    [
        (Capability.BLOBS, {}, "INTELLICV_AZURE_STORAGE_CONNECTION_STRING or INTELLICV_AZURE_STORAGE_ACCOUNT_URL"),
        (
            Capability.BLOBS,
            {"storage_account_url": "https://a.blob.core.windows.net"},
            "INTELLICV_AZURE_STORAGE_ACCOUNT_KEY",
        ),
        (Capability.BLOBS, {"storage_connection_string": "nonsense"}, "INTELLICV_AZURE_STORAGE_CONNECTION_STRING"),
        (Capability.SECRETS, {}, "INTELLICV_AZURE_KEY_VAULT_URL"),
        (Capability.SECRETS, {"key_vault_url": "https://v.vault.azure.net"}, "INTELLICV_AZURE_CLIENT_SECRET"),
        (Capability.TEXT, {"language_endpoint": "https://l.example"}, "INTELLICV_AZURE_LANGUAGE_KEY"),
        (Capability.GENERATION, {"openai_deployment": "d"}, "INTELLICV_AZURE_OPENAI_ENDPOINT"),
        (Capability.EMBEDDINGS, {}, "INTELLICV_AZURE_OPENAI_EMBEDDING_DEPLOYMENT"),
        (Capability.MONITORING, {"monitor_connection_string": "x"}, "INTELLICV_AZURE_MONITOR_CONNECTION_STRING"),
        (
            Capability.SECRETS,
            {"key_vault_url": "https://v.vault.azure.net", "credential": "workload_identity"},
            "INTELLICV_AZURE_FEDERATED_TOKEN_FILE",
        ),
    ],
)
def test_a_missing_setting_is_named(capability: Capability, given: dict[str, Any], named: str) -> None:
    with pytest.raises(CloudNotConfigured, match=named) as caught:
        AzureProvider(settings(**given)).offer(capability)
    assert caught.value.provider == "azure"


@pytest.mark.parametrize(
    ("capability", "package"),
    [
        (Capability.BLOBS, "azure.storage.blob"),
        (Capability.SECRETS, "azure.keyvault.secrets"),
        (Capability.TEXT, "azure.ai.textanalytics"),
        (Capability.GENERATION, "openai"),
        (Capability.EMBEDDINGS, "openai"),
        (Capability.MONITORING, "azure.monitor"),
    ],
)
def test_a_missing_package_is_named(
    doubles: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capability: Capability, package: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("shared_backend.cloud.azure.")]:
        if not name.endswith(".provider"):
            monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == package or name.startswith(f"{package}."):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    given = azure_settings(doubles, tmp_path, storage_connection_string="UseDevelopmentStorage=true")
    with pytest.raises(CloudNotConfigured, match=r"pip install \S"):
        AzureProvider(given).offer(capability)


def test_capabilities_are_what_there_are_settings_for() -> None:
    assert AzureProvider(settings()).capabilities() == frozenset()
    given = settings(storage_connection_string="x", language_endpoint="https://l.example")
    assert AzureProvider(given).capabilities() == {Capability.BLOBS, Capability.TEXT}


def test_a_key_is_sent_to_no_plain_address() -> None:
    with pytest.raises(ValidationError, match="https"):
        settings(openai_endpoint="http://openai.example")
    assert settings(openai_endpoint="http://127.0.0.1:1").openai_endpoint == "http://127.0.0.1:1"


def test_no_secret_is_in_what_is_printed() -> None:
    given = settings(openai_key="hidden-1", client_secret="hidden-2", storage_connection_string="hidden-3")
    assert "hidden" not in repr(given)


def test_a_wrong_application_secret_is_denied_and_not_shown(doubles: FaultProxy, tmp_path: Path) -> None:
    with opened_provider(azure_settings(doubles, tmp_path, client_secret="hidden-but-wrong")) as azure:
        with pytest.raises(CloudDenied) as caught:
            azure.offer(Capability.SECRETS).get("x", version=None, deadline=Deadline(20))
        assert "hidden" not in str(caught.value)


def test_a_wrong_account_key_is_denied(azurite: Azurite) -> None:
    wrong = azurite.connection_string().replace("AccountKey=Eby8", "AccountKey=Fby8")
    with opened_provider(blob_settings(wrong)) as azure, pytest.raises(CloudDenied):
        azure.offer(Capability.BLOBS).stat("x", deadline=Deadline(20))


@pytest.mark.parametrize("kind", ["black_hole", "drip"])
def test_signing_in_keeps_the_deadline(azure: AzureProvider, doubles: FaultProxy, kind: Any) -> None:
    doubles.arm(Fault(kind), times=0, match=lambda request: request.host.startswith("login."))
    secrets = azure.offer(Capability.SECRETS)
    with pytest.raises(CloudTimeout):
        secrets.set("x", SecretStr("y"), deadline=Deadline(0.6))


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_sign_in_is_not_a_refusal(azure: AzureProvider, doubles: FaultProxy, status: int) -> None:
    fault = Fault("status", status=status, headers={"Retry-After": "3600"})
    doubles.arm(fault, times=0, match=lambda request: request.path.endswith("/token"))
    with pytest.raises(CloudUnavailable):
        azure.offer(Capability.SECRETS).get("x", version=None, deadline=Deadline(20))


def test_no_identity_on_this_machine_is_told_within_the_deadline(doubles: FaultProxy, tmp_path: Path) -> None:
    """The metadata service that answers only inside Azure is reached through the proxy here, which swallows it."""
    given = azure_settings(doubles, tmp_path, credential="managed_identity")
    doubles.arm(Fault("black_hole"), times=0, match=lambda request: request.host == "169.254.169.254")
    with opened_provider(given) as azure:
        secrets = azure.offer(Capability.SECRETS)
        with pytest.raises(CloudUnavailable):
            secrets.get("x", version=None, deadline=Deadline(0.6))


def test_a_silent_name_server_does_not_hold_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    real, released = socket.getaddrinfo, threading.Event()

    def silent(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "silent.example":
            released.wait(60)
        return real("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    given = settings(language_endpoint="https://silent.example", language_key="k")
    with opened_provider(given) as azure:
        text = azure.offer(Capability.TEXT)
        with pytest.raises(CloudTimeout):
            text.language("x", deadline=Deadline(0.5))
        assert not released.is_set(), "the name server is silent still"
        released.set()


def test_a_model_that_refuses_a_temperature_is_asked_without(doubles: FaultProxy, tmp_path: Path) -> None:
    doubles._routes.insert(0, ("*.openai.azure.com", OpenAiDouble(reasoning=True)))
    with opened_provider(azure_settings(doubles, tmp_path)) as azure:
        found = azure.check(Capability.GENERATION, deadline=Deadline(20))
        assert CHAT in found


def test_a_deployment_that_tells_no_tokens_of_a_stream_is_asked_without(doubles: FaultProxy, tmp_path: Path) -> None:
    doubles._routes.insert(0, ("*.openai.azure.com", OpenAiDouble(tells_tokens=False)))
    with opened_provider(azure_settings(doubles, tmp_path)) as azure:
        told: list[Usage] = []
        pieces = azure.offer(Capability.GENERATION).stream(
            [Message("user", "Hello you.")],
            max_tokens=50,
            temperature=0.0,
            deadline=Deadline(20),
            told=lambda _model, usage: told.append(usage),
        )
        assert "".join(pieces) and told == [Usage()]


@pytest.mark.parametrize("capability", sorted(set(Capability) - {Capability.BLOBS}))
def test_checks_say_what_was_found(azure: AzureProvider, capability: Capability) -> None:
    assert azure.check(capability, deadline=Deadline(20))


def test_no_address_of_a_request_is_logged(azure: AzureProvider, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        azure.offer(Capability.TEXT).language("This is it.", deadline=Deadline(20))
        azure.check(Capability.GENERATION, deadline=Deadline(20))
    assert "http" not in caplog.text


def test_the_framework_by_its_given_names(azurite: Azurite, doubles: FaultProxy, tmp_path: Path) -> None:
    """Blobs come from the emulator directly; all else from the doubles."""
    cloud = load_cloud_settings(azure=azure_settings(doubles, tmp_path))
    azure = AzureIntegrationFramework(cloud)
    try:
        assert azure.detect_language("The house is on the hill.")["code"] == "en"
        assert azure.analyze_text_sentiment("It was wonderful.")["label"] == "positive"
        assert "Kafka" in azure.extract_key_phrases("The team is on Kafka.", "en")
        assert "hello" in azure.generate_content("hello")
        schema = {
            "type": "object",
            "properties": {"a": {"type": "integer"}},
            "required": ["a"],
            "additionalProperties": False,
        }
        assert azure.generate_content("hello", schema=schema) == {"a": 1}
        assert len(azure.get_embeddings(["a", "b"])) == 2
        assert azure.get_openai_client().max_retries == 0
        version = azure.set_secret("framework", "value")
        assert azure.get_secret("framework") == azure.get_secret("framework", version) == "value"
        assert [found["name"] for found in azure.list_secrets()] == ["framework"]
        azure.log_metric("m", 1.0, portal="user_portal")
        azure.log_event("e", {"a": "b"})
    finally:
        azure.close()
    blobs = AzureIntegrationFramework(load_cloud_settings(azure=blob_settings(azurite.connection_string())))
    try:
        assert blobs.upload_to_blob(b"data", "framework/x") == "framework/x"
        assert blobs.download_from_blob("framework/x") == b"data"
        assert [found["path"] for found in blobs.list_blobs("framework/")] == ["framework/x"]
        blobs.delete_blob("framework/x")
        assert blobs.list_blobs("framework/") == []
    finally:
        blobs.close()
