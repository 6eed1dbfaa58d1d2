"""A lexical index of titles: which of many owners, each with several labels, does a title belong to?

The score of an owner is the best of its labels, by characters and by words, and half of what all of its labels taken
together score. On 15,461 vacancy titles against ESCO v1.1 that is a mean reciprocal rank of .366 (each owner counted
alike .371), where characters alone reach .32; cleaning the titles by rules made it worse (docs/knowledge.md).

The index keeps no matrix of labels by n-grams. A label's n-grams are those of its words, so the score of a label is a
sum over its words: words by n-grams and labels by words are all that is needed, a tenth of the memory.
"""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from shared_backend.data_management.title_words import grams_of, singular, words_of

Array = np.ndarray[Any, Any]

# How much all labels together weigh beside the best one.
_TOGETHER = 0.5
# Owners at a time, while the lengths of labels are worked out: the memory that a build takes at its peak.
_CHUNK = 200


class TitleIndex:
    """`labels` of owner 0 first, then those of owner 1, and so on: `owners[i]` is the owner of `labels[i]`.

    Raises ValueError where they are not in that order or an owner has none.
    """

    def __init__(self, labels: Sequence[str], owners: Sequence[int]) -> None:
        ordered = np.asarray(owners, dtype=np.int64)
        if (
            len(ordered) != len(labels)
            or len(labels) == 0
            or np.any(np.diff(ordered) < 0)
            or np.any(np.diff(ordered) > 1)
        ):
            raise ValueError("labels must be grouped by owners 0, 1, 2 …")
        self._starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        self.owners = len(self._starts)
        self.labels = labels
        # The newest answer of each thread: who asks for the scores asks for the best label next.
        self._last = threading.local()
        known: dict[str, str] = {}
        # One object a word, however many labels have it.
        words = [[known.setdefault(word, word) for word in words_of(label)] for label in labels]
        self._by_grams = _ByGrams(words, self._starts)
        self._by_words = _ByWords(words, ordered, self._starts)

    def scores(self, text: str) -> Array:
        """The score of each owner, 0 to 1: 1 is a title that is every label of an owner."""
        best, together = self._parts(text)[1:]
        return (np.maximum.reduceat(best, self._starts) + _TOGETHER * together) / (1 + _TOGETHER)

    def similarity(self, text: str) -> Array:
        """How like each owner's best label is to a title, 0 to 1: 1 has the same words."""
        return np.maximum.reduceat(self._parts(text)[1], self._starts)

    def best_label(self, text: str, owner: int) -> str:
        """The label of an owner that is most like a title."""
        begin = self._starts[owner]
        end = self._starts[owner + 1] if owner + 1 < self.owners else len(self.labels)
        return self.labels[int(begin + np.argmax(self._parts(text)[1][begin:end]))]

    def _parts(self, text: str) -> tuple[str, Array, Array]:
        """(text, the score of each label, the score of each owner's labels together)."""
        kept: tuple[str, Array, Array] | None = getattr(self._last, "parts", None)
        if kept is not None and kept[0] == text:
            return kept
        words = words_of(text)
        grams, grams_together = self._by_grams.scores(words)
        whole, whole_together = self._by_words.scores(words)
        parts = (text, (grams + whole) / 2, (grams_together + whole_together) / 2)
        self._last.parts = parts
        return parts


class _ByGrams:
    """TF-IDF over character n-grams within words."""

    def __init__(self, labels: list[list[str]], starts: Any) -> None:
        self._words = {word: place for place, word in enumerate(sorted({word for label in labels for word in label}))}
        self._grams = {
            gram: place for place, gram in enumerate(sorted({gram for word in self._words for gram in grams_of(word)}))
        }
        words = _counts(map(grams_of, self._words), self._grams)
        self._labels = _counts(labels, self._words)
        chunks = [range(begin, min(begin + _CHUNK, len(starts))) for begin in range(0, len(starts), _CHUNK)]
        ends = np.append(starts, len(labels))
        frequency = np.zeros(len(self._grams), dtype=np.int64)
        for chunk in chunks:
            part = self._labels[ends[chunk.start] : ends[chunk.stop]] @ words
            frequency += np.bincount(part.indices, minlength=len(self._grams))
        self._idf = _idf(frequency, len(labels))
        label_norms, owner_norms = [], []
        for chunk in chunks:
            part = (self._labels[ends[chunk.start] : ends[chunk.stop]] @ words).multiply(self._idf).tocsr()
            label_norms.append(_norms(part))
            own = starts[chunk.start : chunk.stop] - ends[chunk.start]
            owner_norms.append(_norms(_grouped(sparse.diags_array(1 / label_norms[-1]) @ part, own)))
        self._label_norms, self._owner_norms = np.concatenate(label_norms), np.concatenate(owner_norms)
        # Queries meet the weights twice: once here, once in their own vector.
        self._words_by_grams = words.multiply(self._idf).tocsr()
        self._starts = starts

    def scores(self, words: list[str]) -> tuple[Array, Array]:
        """(of each label, of each owner's labels together)."""
        grams = [gram for word in words for gram in grams_of(word)]
        query, norm = _query(grams, self._grams, self._idf)
        if norm == 0:
            return _nothing(len(self._label_norms), len(self._owner_norms))
        alike = self._words_by_grams @ (query / norm)
        labels = (self._labels @ alike) / self._label_norms
        return labels, np.add.reduceat(labels, self._starts) / self._owner_norms


class _ByWords:
    """TF-IDF over singular words; how rare a word is, is told by owners, not by labels, of which some have many."""

    def __init__(self, labels: list[list[str]], owners: Any, starts: Any) -> None:
        forms = [[singular(word) for word in label] for label in labels]
        self._words = {word: place for place, word in enumerate(sorted({word for label in forms for word in label}))}
        counts = _counts(forms, self._words)
        frequency = np.bincount(_grouped(counts, starts).indices, minlength=len(self._words))
        self._idf = _idf(frequency, int(owners[-1]) + 1)
        weighted = counts.multiply(self._idf).tocsr()
        self._labels = (sparse.diags_array(1 / _norms(weighted)) @ weighted).astype(np.float32).tocsr()
        self._owner_norms = _norms(_grouped(self._labels, starts))
        self._starts = starts

    def scores(self, words: list[str]) -> tuple[Array, Array]:
        """(of each label, of each owner's labels together)."""
        query, norm = _query(list(map(singular, words)), self._words, self._idf)
        if norm == 0:
            return _nothing(self._labels.shape[0], len(self._owner_norms))
        labels = self._labels @ (query / norm)
        return labels, np.add.reduceat(labels, self._starts) / self._owner_norms


def _query(terms: list[str], places: dict[str, int], idf: Array) -> tuple[Array, float]:
    """The weights of a title's terms, and their length; terms that no label has make it longer, so that a title of
    which little is known is like nothing."""
    weights = np.zeros(len(places), dtype=np.float32)
    unknown: Counter[str] = Counter()
    for term in terms:
        place = places.get(term)
        if place is None:
            unknown[term] += 1
        else:
            weights[place] += 1
    weights *= idf
    rarest = float(idf.max())
    missing = sum((number * rarest) ** 2 for number in unknown.values())
    known = float(np.dot(weights, weights))
    return weights, (known + missing) ** 0.5 if known else 0.0


def _counts(rows: Iterable[Iterable[str]], places: dict[str, int]) -> Any:
    """A sparse matrix of how often each row has each term."""
    columns: array[int] = array("i")
    pointers: array[int] = array("i", [0])
    for row in rows:
        columns.extend(places[term] for term in row)
        pointers.append(len(columns))
    values = np.ones(len(columns), dtype=np.float32)
    shape = (len(pointers) - 1, len(places))
    counted = sparse.csr_array(
        (values, np.frombuffer(columns, np.int32), np.frombuffer(pointers, np.int32)), shape=shape
    )
    counted.sum_duplicates()
    return counted


def _grouped(matrix: Any, starts: Any) -> Any:
    """The sums of the rows of each owner."""
    size = matrix.shape[0]
    lengths = np.diff(np.append(starts, size))
    rows = np.repeat(np.arange(len(starts)), lengths)
    ones = np.ones(size, dtype=np.float32)
    return (sparse.csr_array((ones, (rows, np.arange(size))), shape=(len(starts), size)) @ matrix).tocsr()


def _idf(frequency: Any, documents: int) -> Array:
    """Inverse document frequency, smoothed: log((1 + n) / (1 + df)) + 1."""
    return (np.log((1 + documents) / (1 + frequency)) + 1).astype(np.float32)


def _norms(matrix: Any) -> Array:
    squared = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    return np.sqrt(np.maximum(squared, 1e-12)).astype(np.float32)


def _nothing(labels: int, owners: int) -> tuple[Array, Array]:
    return np.zeros(labels, dtype=np.float32), np.zeros(owners, dtype=np.float32)


def grouped_labels(owned: Iterable[Iterable[str]]) -> tuple[list[str], list[int]]:
    """Labels and owners for an index, of each owner's labels; each label once an owner."""
    labels: list[str] = []
    owners: list[int] = []
    for owner, each in enumerate(owned):
        for label in dict.fromkeys(label for label in each if words_of(label)):
            labels.append(label)
            owners.append(owner)
    return labels, owners
