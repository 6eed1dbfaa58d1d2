"""Vectors from texts, on this machine: hashed, trained from the product's own texts, or by a model of the user's."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from shared_backend.cloud.contract import Vectors
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotConfigured
from shared_backend.cloud.inputs import check_embedded
from shared_backend.cloud.local import trained_space
from shared_backend.cloud.local.disk import PROVIDER, meaningful
from shared_backend.cloud.local.features import VERSION, hashed
from shared_backend.cloud.local.packages import needed
from shared_backend.cloud.local.trained_space import TrainedSpace

HASHED_DIMENSION = 512
_HASHED_SPACE = f"{PROVIDER}/hashed-{VERSION}/{HASHED_DIMENSION}"


class LocalEmbeddings:
    """An `Embeddings` of our own. Until something was trained, vectors are hashed: they know spelling, not meaning."""

    provider = PROVIDER

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loading = threading.Lock()
        self._loaded: TrainedSpace | None = None

    def space(self) -> str:
        """See Embeddings. Changes when somebody trains anew, in whatever process."""
        trained = self._current()
        return _HASHED_SPACE if trained is None else _name(trained)

    def embed(self, texts: Sequence[str], *, deadline: Deadline) -> Vectors:
        """See Embeddings. Vectors have length 1."""
        check_embedded(texts)
        deadline.check(PROVIDER)
        trained = self._current()
        vectors = []
        for text in texts:
            deadline.check(PROVIDER)
            found = hashed(text, HASHED_DIMENSION) if trained is None else trained.vector(text)
            vectors.append(found.tolist())
        if trained is None:
            return Vectors(_HASHED_SPACE, HASHED_DIMENSION, vectors)
        return Vectors(_name(trained), trained.dimension, vectors)

    def train(self, texts: Iterable[str]) -> str:
        """Trains from texts (at least 50 different ones) and answers the new space's name.

        Raises CloudInvalid for too few texts, CloudNotConfigured without scikit-learn.
        """
        with meaningful(self._folder):
            trained_space.train(texts, self._folder)
        return self.space()

    def check(self, *, deadline: Deadline) -> str:
        """What it is, in words."""
        space = self.embed(["a text"], deadline=deadline).space
        kind = "trained from the product's own texts" if space != _HASHED_SPACE else "hashed, nothing was trained yet"
        return f"{space}, {kind}"

    def _current(self) -> TrainedSpace | None:
        with meaningful(self._folder):
            fingerprint = trained_space.current(self._folder)
            if fingerprint is None:
                return None
            with self._loading:
                if self._loaded is None or self._loaded.fingerprint != fingerprint:
                    self._loaded = trained_space.load(fingerprint, self._folder)
                return self._loaded


class FolderEmbeddings:
    """An `Embeddings` by a sentence-transformers model in a folder. Nothing is downloaded."""

    provider = PROVIDER

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loading = threading.RLock()

    def space(self) -> str:
        """See Embeddings. The name holds the folder's name and a fingerprint of the model's files."""
        return self._known[1]

    def embed(self, texts: Sequence[str], *, deadline: Deadline) -> Vectors:
        """See Embeddings. The model can't be stopped in the middle of a batch, so batches are small."""
        check_embedded(texts)
        deadline.check(PROVIDER)
        model, space, dimension = self._known
        vectors: list[list[float]] = []
        for start in range(0, len(texts), 16):
            deadline.check(PROVIDER)
            found = model.encode(list(texts[start : start + 16]), normalize_embeddings=True, show_progress_bar=False)
            vectors += [[float(number) for number in vector] for vector in found]
        return Vectors(space, dimension, vectors)

    def check(self, *, deadline: Deadline) -> str:
        """What it is, in words."""
        return f"{self.embed(['a text'], deadline=deadline).space} from {self._folder}"

    @cached_property
    def _known(self) -> tuple[Any, str, int]:
        with self._loading:
            if not self._folder.is_dir():
                raise CloudNotConfigured(
                    f"INTELLICV_LOCAL_EMBEDDING_FOLDER names {self._folder}, which is no folder.", provider=PROVIDER
                )
            module = needed(
                "sentence_transformers", install="sentence-transformers", why="A model folder for embeddings"
            )
            with meaningful(self._folder):
                model = module.SentenceTransformer(str(self._folder), local_files_only=True)
                fingerprint = _fingerprint(self._folder)
            dimension = int(model.get_sentence_embedding_dimension())
            label = re.sub(r"[^a-z0-9.-]+", "-", self._folder.name.lower()).strip("-") or "model"
            return model, f"{PROVIDER}/{label}-{fingerprint}/{dimension}", dimension


def _name(trained: TrainedSpace) -> str:
    return f"{PROVIDER}/trained-{trained.fingerprint}/{trained.dimension}"


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        with file.open("rb") as opened:
            while chunk := opened.read(1024 * 1024):
                digest.update(chunk)
    return digest.hexdigest()[:12]
