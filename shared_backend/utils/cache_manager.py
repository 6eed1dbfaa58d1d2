"""CacheManager: answers that were worked out once, by id and by the versions of the data that they were made of."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

T = TypeVar("T")
Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class CacheFigures:
    """What a cache did so far. `hit_rate` is 0 to 1, and None before the first question."""

    entries: int
    capacity: int
    hits: int
    misses: int
    dropped: int

    @property
    def hit_rate(self) -> float | None:
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


class CacheManager:
    """Bounded: what was not used for longest goes first. Threads may share it; each answer is worked out by one.

    There is no expiry by time. The versions are a part of the key: who asks with those that are in use now can't get
    an answer of before, and what is left of earlier versions is dropped as soon as somebody asks with other ones.
    """

    def __init__(self, capacity: int = 1_024) -> None:
        if capacity < 1:
            raise ValueError("a cache holds at least one answer")
        self.capacity = capacity
        self._kept: OrderedDict[tuple[Key, Key], Any] = OrderedDict()
        self._at_work: dict[tuple[Key, Key], threading.Lock] = {}
        self._versions: Key | None = None
        self._hits = self._misses = self._dropped = 0
        self._lock = threading.Lock()

    def get(self, key: Key, versions: Key, make: Callable[[], T]) -> T:
        """The answer for a key and versions; `make` works it out where there is none. What `make` raises is raised, and
        nothing is kept. Callers share the answer, so they must not change it."""
        whole = (key, versions)
        with self._lock:
            self._turn_to(versions)
            if whole in self._kept:
                self._hits += 1
                self._kept.move_to_end(whole)
                return cast(T, self._kept[whole])
            at_work = self._at_work.setdefault(whole, threading.Lock())
        with at_work:
            with self._lock:
                if whole in self._kept:
                    self._hits += 1
                    return cast(T, self._kept[whole])
                self._misses += 1
            try:
                made = make()
            finally:
                with self._lock:
                    self._at_work.pop(whole, None)
            with self._lock:
                self._keep(whole, made)
            return made

    def clear(self) -> None:
        """Forgets everything but the figures."""
        with self._lock:
            self._kept.clear()

    def figures(self) -> CacheFigures:
        """What it did so far."""
        with self._lock:
            return CacheFigures(len(self._kept), self.capacity, self._hits, self._misses, self._dropped)

    def _turn_to(self, versions: Key) -> None:
        if versions == self._versions:
            return
        self._versions = versions
        for whole in [whole for whole in self._kept if whole[1] != versions]:
            del self._kept[whole]
            self._dropped += 1

    def _keep(self, whole: tuple[Key, Key], made: Any) -> None:
        # Whoever began before a switch and ends after it keeps nothing.
        if whole[1] != self._versions:
            return
        self._kept[whole] = made
        while len(self._kept) > self.capacity:
            self._kept.popitem(last=False)
            self._dropped += 1
