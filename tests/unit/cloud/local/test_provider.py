from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from shared_backend.cloud.contract import Capability, Message
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotConfigured
from shared_backend.cloud.local.provider import LocalProvider
from tests.support.cloud.local import local_provider, local_settings, training_texts
from tests.unit.cloud.local.conftest import put, read

LONG = Deadline(86_400)  # made when the tests are collected: longer than any run of them


@pytest.mark.parametrize("capability", Capability)
def test_every_capability_is_offered_without_any_setting_and_says_what_it_is(
    provider: LocalProvider, capability: Capability
) -> None:
    assert provider.capabilities() == frozenset(Capability)
    assert provider.offer(capability).provider == "local"
    assert provider.offer(capability) is provider.offer(capability)
    assert provider.check(capability, deadline=LONG)


def test_a_server_that_is_set_is_used_instead_of_templates(tmp_path: Path) -> None:
    with local_provider(tmp_path, local_settings(llm_url="http://127.0.0.1:9", llm_model="m")) as provider:
        assert type(provider.generation).__name__ == "LocalLLM"


def test_a_folder_that_is_set_is_used_instead_of_our_own_vectors(tmp_path: Path) -> None:
    with (
        local_provider(tmp_path, local_settings(embedding_folder=tmp_path / "none")) as provider,
        pytest.raises(CloudNotConfigured),
    ):
        provider.check(Capability.EMBEDDINGS, deadline=LONG)


def test_nothing_is_connected_to(provider: LocalProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[Any] = []

    def count(*args: Any, **_kwargs: Any) -> Any:
        reached.append(args)
        raise OSError("the network is cut")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, count)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, count)
    put(provider.blobs, "cv/a.txt", b"content")
    assert read(provider.blobs, "cv/a.txt") == b"content"
    provider.blobs.link("cv/a.txt", seconds=60, deadline=LONG)
    provider.secrets.set("a", SecretStr("value"), deadline=LONG)
    assert provider.secrets.get("a", version=None, deadline=LONG).value.get_secret_value() == "value"
    for text in ("I love this.", "Je déteste ce produit.", "数据工程师"):
        provider.text.language(text, deadline=LONG)
        provider.text.sentiment(text, language=None, deadline=LONG)
        provider.text.key_phrases(text, language=None, deadline=LONG)
    provider.embeddings.embed(["nurse"], deadline=LONG)
    provider.embeddings.train(training_texts())  # type: ignore[union-attr]
    provider.embeddings.embed(["nurse"], deadline=LONG)
    asked = [Message("user", "Hello. Who are you?")]
    provider.generation.generate(asked, max_tokens=50, temperature=0, schema=None, deadline=LONG)
    provider.monitoring.event("x", {})
    assert provider.monitoring.flush(deadline=Deadline(20))
    for capability in Capability:
        provider.check(capability, deadline=LONG)
    assert reached == []
