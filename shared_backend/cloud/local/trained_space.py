"""A space of embeddings trained from the product's own texts: TF-IDF and a truncated SVD (latent semantic analysis).

A vector is the text's place in the trained space, followed by a short hashed part that also knows words which the
training texts did not have. Training needs scikit-learn; using what was trained needs numpy alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared_backend.cloud.errors import CloudCorrupted, CloudInvalid
from shared_backend.cloud.local.disk import PROVIDER, make_folder, sync_folder, write_whole
from shared_backend.cloud.local.features import VERSION, features, hashed, unit, weights
from shared_backend.cloud.local.packages import needed

MIN_TEXTS = 50
_MAX_DIMENSION = 256
_MAX_FEATURES = 30_000
_HASHED = 64
# What the hashed part weighs against the trained one.
_HASHED_SHARE = 0.3
_CURRENT = "current"


@dataclass(frozen=True)
class TrainedSpace:
    """A trained space. `fingerprint` names its very numbers, and so the data that it was trained from."""

    fingerprint: str
    places: dict[str, int] = field(repr=False)
    # (features,) and (features, trained dimension), float32.
    idf: Any = field(repr=False)
    components: Any = field(repr=False)

    @property
    def dimension(self) -> int:
        """Of the whole vector."""
        return int(self.components.shape[1]) + _HASHED

    def vector(self, text: str) -> Any:
        """The text's unit vector, (dimension,) float64."""
        import numpy

        known = [(self.places[name], weight) for name, weight in weights(text).items() if name in self.places]
        trained = numpy.zeros(self.components.shape[1])
        if known:
            rows = numpy.array([row for row, _ in known])
            tf_idf = unit(numpy.array([weight for _, weight in known]) * self.idf[rows])
            trained = unit(tf_idf @ self.components[rows].astype(numpy.float64))
        return unit(numpy.concatenate([trained, _HASHED_SHARE * hashed(text, _HASHED)]))


def train(texts: Iterable[str], folder: Path) -> TrainedSpace:
    """Trains from texts (at least 50 different ones) and makes the result the current space of the folder.

    Vectors of the space before can't be compared with its vectors: whoever has kept some embeds again.
    Raises CloudInvalid for too few texts, CloudNotConfigured without scikit-learn.
    """
    import numpy

    reason = "Training embeddings"
    extraction = needed("sklearn.feature_extraction.text", install="scikit-learn", why=reason)
    decomposition = needed("sklearn.decomposition", install="scikit-learn", why=reason)
    different = sorted({text for text in texts if text.strip()})
    if len(different) < MIN_TEXTS:
        raise CloudInvalid(
            f"Embeddings are trained from at least {MIN_TEXTS} different texts; there are {len(different)}.",
            provider=PROVIDER,
        )
    # A word of one text alone says nothing of any other text, and may be somebody's name.
    vectorizer = extraction.TfidfVectorizer(
        analyzer=features, min_df=2, max_features=_MAX_FEATURES, sublinear_tf=True, dtype=numpy.float64
    )
    try:
        matrix = vectorizer.fit_transform(different)
    except ValueError:
        raise CloudInvalid("These texts have no words in common to learn from.", provider=PROVIDER) from None
    dimension = min(_MAX_DIMENSION, min(matrix.shape) - 1)
    if dimension < 1:
        raise CloudInvalid("These texts have too few words in common to learn from.", provider=PROVIDER)
    svd = decomposition.TruncatedSVD(n_components=dimension, random_state=0).fit(matrix)
    names = [str(name) for name in vectorizer.get_feature_names_out()]
    idf = vectorizer.idf_.astype(numpy.float32)
    components = numpy.ascontiguousarray(svd.components_.T.astype(numpy.float32))
    space = TrainedSpace(_fingerprint(names, idf, components), _places(names), idf, components)
    _save(space, names, folder)
    return space


def current(folder: Path) -> str | None:
    """The fingerprint of the folder's current space; None where none was trained."""
    try:
        return (folder / _CURRENT).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None


def load(fingerprint: str, folder: Path) -> TrainedSpace:
    """A space that was trained before. Raises CloudCorrupted when its file is missing or is not what was saved."""
    import numpy

    try:
        # Opened here: numpy leaves a file open that is no archive.
        with (folder / f"{fingerprint}.npz").open("rb") as opened, numpy.load(opened, allow_pickle=False) as file:
            names = json.loads(bytes(file["names"]))
            idf, components = file["idf"], file["components"]
        intact = _fingerprint(names, idf, components) == fingerprint
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise _damaged(fingerprint) from error
    except Exception as error:
        # The archive's reader has errors of its own for a file that is cut short.
        if type(error).__module__ not in ("zipfile", "zlib"):
            raise
        raise _damaged(fingerprint) from error
    if not intact:
        raise _damaged(fingerprint)
    return TrainedSpace(fingerprint, _places(names), idf, components)


def _save(space: TrainedSpace, names: list[str], folder: Path) -> None:
    import io

    import numpy

    archive = io.BytesIO()
    text = numpy.frombuffer(json.dumps(names, ensure_ascii=True).encode(), dtype=numpy.uint8)
    numpy.savez_compressed(archive, names=text, idf=space.idf, components=space.components)
    make_folder(folder)
    # The same texts give the same space: then its file is there already.
    with contextlib.suppress(FileExistsError):
        write_whole(folder / f"{space.fingerprint}.npz", archive.getvalue())
    draft = folder / f".{_CURRENT}.{os.urandom(6).hex()}"
    write_whole(draft, space.fingerprint.encode())
    draft.replace(folder / _CURRENT)
    sync_folder(folder)


def _fingerprint(names: list[str], idf: Any, components: Any) -> str:
    digest = hashlib.sha256(f"{VERSION} {_HASHED} {components.shape}".encode())
    digest.update(json.dumps(names).encode())
    digest.update(idf.tobytes())
    digest.update(components.tobytes())
    return digest.hexdigest()[:12]


def _places(names: list[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _damaged(fingerprint: str) -> CloudCorrupted:
    return CloudCorrupted(
        f"The trained embeddings {fingerprint} are damaged or missing. Train them again, or put the file back from a "
        "backup.",
        provider=PROVIDER,
    )
