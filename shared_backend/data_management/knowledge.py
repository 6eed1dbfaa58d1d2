"""Knowledge: the datasets that are in use at one moment, and the views that are made of them on first use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from shared_backend.data_management.dataset import Dataset
from shared_backend.data_management.knowledge_file import base_file, read_knowledge
from shared_backend.utils.exception_handler import NotFound

V = TypeVar("V")


class Knowledge:
    """Datasets by source. It never changes: after a switch there is another one, with another `key`."""

    def __init__(self, datasets: Mapping[str, Dataset]) -> None:
        self._datasets = dict(datasets)
        self.key = tuple(sorted(dataset.manifest.version for dataset in self._datasets.values()))
        self._views: dict[Any, Any] = {}
        self._lock = threading.RLock()

    @classmethod
    def shipped(cls) -> Knowledge:
        """What this release of the product ships: needs no database."""
        return cls(read_knowledge(base_file()))

    def __contains__(self, source: str) -> bool:
        return source in self._datasets

    def __getitem__(self, source: str) -> Dataset:
        """The dataset of a source. Raises NotFound where none was imported or shipped."""
        found = self._datasets.get(source)
        if found is None:
            raise NotFound(f"There is no {source} dataset. Import one: `intellicv knowledge import {source} FOLDER`.")
        return found

    def find(self, source: str) -> Dataset | None:
        """The dataset of a source, or None."""
        return self._datasets.get(source)

    def datasets(self) -> list[Dataset]:
        """All, by source."""
        return [self._datasets[source] for source in sorted(self._datasets)]

    def sources(self, *names: str) -> list[dict[str, str]]:
        """Source and vintage of each dataset that an answer was made of."""
        return [self._datasets[name].facts() for name in names if name in self._datasets]

    def view(self, make: Callable[[Knowledge], V]) -> V:
        """What `make` gives for this knowledge: made once, on first use."""
        with self._lock:
            if make not in self._views:
                self._views[make] = make(self)
            return self._views[make]
