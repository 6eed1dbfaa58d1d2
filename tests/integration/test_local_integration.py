"""This machine as a cloud by its given names, from the settings of the environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared_backend.cloud.errors import CloudAlreadyExists, CloudInvalid, CloudNotFound
from shared_backend.config.backend_config import Settings
from shared_backend.services import local_integration
from shared_backend.services.backend import close_backend, get_backend
from shared_backend.services.embedding_texts import embedding_texts, profile_texts
from shared_backend.services.local_integration import LocalStorageProvider, get_local_llm
from tests.support.cloud.local import training_texts


@pytest.fixture
def storage(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalStorageProvider]:
    monkeypatch.setenv("INTELLICV_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("INTELLICV_ENVIRONMENT", "test")
    made = LocalStorageProvider()
    yield made
    made.close()
    close_backend()


def test_files(storage: LocalStorageProvider) -> None:
    assert storage.save(b"content", "cv/Ada.pdf", metadata={"kind": "cv"}) == "cv/Ada.pdf"
    assert storage.load("cv/Ada.pdf") == b"content"
    info = storage.info("cv/Ada.pdf")
    assert (info.content_type, dict(info.metadata)) == ("application/pdf", {"kind": "cv"})
    storage.save(b"again", "cv/Ada.pdf")
    with pytest.raises(CloudAlreadyExists):
        storage.save(b"third", "cv/Ada.pdf", overwrite=False)
    assert storage.list_files("cv/") == ["cv/Ada.pdf"]
    settings: Settings = get_backend().settings
    assert storage.get_link("cv/Ada.pdf").startswith(settings.gateway_url)
    storage.delete("cv/Ada.pdf")
    with pytest.raises(CloudNotFound):
        storage.load("cv/Ada.pdf")


def test_all_pages_of_a_listing(storage: LocalStorageProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_integration, "_PAGE", 2)
    for name in "abcde":
        storage.save(b"", name)
    assert storage.list_files() == list("abcde")


def test_secrets(storage: LocalStorageProvider) -> None:
    first = storage.set_secret("api-key", "one")
    storage.set_secret("api-key", "two")
    assert (storage.get_secret("api-key"), storage.get_secret("api-key", first)) == ("two", "one")
    assert storage.list_secrets() == ["api-key"]


def test_texts(storage: LocalStorageProvider) -> None:
    assert storage.analyze_text_sentiment("I love this place, it is wonderful.")["label"] == "positive"
    assert storage.analyze_text_sentiment("J'adore cet endroit.", "fr")["label"] == "unsupported"
    assert storage.detect_language("Ich arbeite seit fünf Jahren in Graz.")["code"] == "de"
    assert "Apache Kafka" in storage.extract_key_phrases("The team runs Apache Kafka in production.")


def test_the_language_model_is_a_template_that_says_so(storage: LocalStorageProvider) -> None:
    found = storage.generate_content('{"title": "Cook"}', system="Be brief.")
    assert found["model"] == "template:facts"
    assert "without a language model" in found["text"]
    assert get_local_llm().provider == "local"
    with pytest.raises(CloudInvalid):
        storage.generate_content("A cook.", schema={"type": "object"})


def test_metrics_and_events(storage: LocalStorageProvider) -> None:
    storage.log_metric("m", 1.5, "ms")
    storage.log_event("e", {"a": "b"})


def test_embeddings_learn_from_what_profiles_say_of_work_and_from_nothing_that_names_a_person(
    storage: LocalStorageProvider,
) -> None:
    bridge = get_backend().bridge
    for number in range(60):
        bridge.sync_user_data(
            f"c{number}",
            {
                "basics": {"name": f"Wilhelmina{number}", "label": f"Nurse {number}", "summary": "Secret prose."},
                "work": [{"name": "Acme Hospital", "position": f"Ward nurse {number}", "startDate": "2019"}],
                "skills": [{"name": "Care", "keywords": ["wounds", f"skill {number}"]}],
            },
        )
    texts = list(embedding_texts(get_backend().database))
    assert len(texts) == 180
    assert texts[0] == "Ward nurse 0"
    assert not any(word in text for text in texts for word in ("Wilhelmina", "Acme", "prose", "2019"))
    space = storage.train_embeddings()
    found = storage.get_embeddings(["ward nurse", "wound care"])
    assert found["space"] == space
    assert [len(vector) for vector in found["vectors"]] == [found["dimension"]] * 2
    assert storage.train_embeddings(training_texts()) != space


def test_an_empty_profile_has_no_texts() -> None:
    assert list(profile_texts({})) == []
    assert list(profile_texts({"basics": None, "work": [{"position": None}], "skills": [{"keywords": []}]})) == []
