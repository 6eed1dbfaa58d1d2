from __future__ import annotations

import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudInvalid, CloudNotConfigured
from shared_backend.cloud.local.embeddings import FolderEmbeddings, LocalEmbeddings
from shared_backend.cloud.local.provider import LocalProvider
from tests.support.cloud.local import flip_byte, training_texts

LONG = Deadline(86_400)  # made when the tests are collected: longer than any run of them
# The first of the vector of "data engineer": (place, value).
HASHED = [(0, 0.176777), (27, 0.176777), (33, 0.176777)]


def nearness(first: list[float], second: list[float]) -> float:
    """Cosine; vectors have length 1."""
    return sum(a * b for a, b in zip(first, second, strict=True))


@pytest.fixture
def own(tmp_path: Path) -> LocalEmbeddings:
    return LocalEmbeddings(tmp_path)


@pytest.mark.parametrize("trained", [False, True])
def test_alike_texts_are_near_and_vectors_have_length_one(own: LocalEmbeddings, trained: bool) -> None:
    if trained:
        own.train(training_texts())
    texts = ["data engineer", "Data Engineers", "nurse", "数据工程师", "!!!", "x" * 4000]
    vectors = own.embed(texts, deadline=LONG).vectors
    assert all(math.isclose(nearness(vector, vector), 1.0, abs_tol=1e-9) for vector in vectors)
    assert nearness(vectors[0], vectors[1]) > 0.6 > nearness(vectors[0], vectors[2])


def test_hashed_vectors_are_the_same_everywhere(own: LocalEmbeddings) -> None:
    found = own.embed(["data engineer"], deadline=LONG)
    assert found.space == "local/hashed-1/512"
    # If this fails, features or hashing have changed: then VERSION must change too.
    assert [(place, round(value, 6)) for place, value in enumerate(found.vectors[0]) if value][:3] == HASHED


def test_trained_vectors_know_what_goes_together(own: LocalEmbeddings) -> None:
    pairs = [("cardiology", "heart"), ("welding", "steel"), ("tax", "accounts")]
    own.train(f"{first} and {second} number {count}" for first, second in pairs for count in range(20))
    heart, steel, cardiology = own.embed(["heart", "steel", "cardiology"], deadline=LONG).vectors
    assert nearness(heart, cardiology) > 0.6 > nearness(steel, cardiology)


def test_a_space_is_named_by_what_it_was_trained_from(own: LocalEmbeddings, tmp_path: Path) -> None:
    before = own.space()
    first = own.train(training_texts())
    assert first != before
    assert own.train(reversed([*training_texts(), *training_texts()])) == first, "order and repetition say nothing"
    assert own.train([*training_texts(), "one more text"]) != first
    assert LocalEmbeddings(tmp_path).space() == own.space(), "another process has it too"


def test_whoever_has_loaded_a_space_notices_that_another_was_trained(own: LocalEmbeddings, tmp_path: Path) -> None:
    own.train(training_texts())
    own.embed(["nurse"], deadline=LONG)
    space = LocalEmbeddings(tmp_path).train([*training_texts(), "a nurse is something else"])
    assert own.embed(["nurse"], deadline=LONG).space == space == own.space()


def test_a_word_of_one_text_alone_is_not_kept(own: LocalEmbeddings, tmp_path: Path) -> None:
    own.train([*training_texts(), "Wilhelmina Oberholzer"])
    (file,) = tmp_path.glob("*.npz")
    import numpy

    with numpy.load(file, allow_pickle=False) as opened:
        names = bytes(opened["names"]).decode()
    assert "wilhelmina" not in names
    assert "=engineer" in names
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("texts", [[], ["same"] * 500, [f"t{number}" for number in range(49)], [" "] * 60])
def test_too_little_to_learn_from_is_said(own: LocalEmbeddings, texts: list[str]) -> None:
    with pytest.raises(CloudInvalid, match="at least 50"):
        own.train(texts)
    assert own.space().startswith("local/hashed")


@pytest.mark.parametrize("damage", ["flip", "cut", "gone", "empty"])
def test_a_damaged_space_is_found(own: LocalEmbeddings, tmp_path: Path, damage: str) -> None:
    own.train(training_texts())
    (file,) = tmp_path.glob("*.npz")
    if damage == "flip":
        flip_byte(file, file.stat().st_size // 2)
    elif damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[: 0 if damage == "empty" else 1000])
    with pytest.raises(CloudCorrupted, match="Train them again"):
        LocalEmbeddings(tmp_path).embed(["nurse"], deadline=LONG)


def test_training_names_the_package_that_it_needs(own: LocalEmbeddings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.decomposition", None)
    with pytest.raises(CloudNotConfigured, match="pip install scikit-learn"):
        own.train(training_texts())


def test_a_folder_with_a_model_needs_its_package_and_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CloudNotConfigured, match="no folder"):
        FolderEmbeddings(tmp_path / "none").space()
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(CloudNotConfigured, match="pip install sentence-transformers"):
        FolderEmbeddings(tmp_path).space()


def test_a_folder_with_a_model_is_a_space_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class SentenceTransformer:
        def __init__(self, folder: str, *, local_files_only: bool) -> None:
            assert local_files_only, "it would be downloaded"

        def get_sentence_embedding_dimension(self) -> int:
            return 2

        def encode(self, texts: list[str], **_options: Any) -> list[list[float]]:
            return [[float(len(text)), 1.0] for text in texts]

    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=SentenceTransformer))
    folder = tmp_path / "My Model v2"
    folder.mkdir()
    (folder / "weights").write_bytes(b"1")
    found = FolderEmbeddings(folder).embed(["a"] * 40 + ["bb"], deadline=LONG)
    assert found.vectors == [[1.0, 1.0]] * 40 + [[2.0, 1.0]]
    assert found.space.startswith("local/my-model-v2-")
    assert found.space.endswith("/2")
    (folder / "weights").write_bytes(b"2")
    assert FolderEmbeddings(folder).space() != found.space


def test_what_it_is_is_said(provider: LocalProvider) -> None:
    assert isinstance(provider.embeddings, LocalEmbeddings)
    assert "nothing was trained yet" in provider.embeddings.check(deadline=LONG)
    provider.embeddings.train(training_texts())
    assert "trained from the product's own texts" in provider.embeddings.check(deadline=LONG)
