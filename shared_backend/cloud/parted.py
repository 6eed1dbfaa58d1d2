"""A provider whose parts are made one by one, each at its first use: nothing is imported that nobody asks for."""

from __future__ import annotations

import importlib
import threading
from abc import ABC, abstractmethod
from typing import Any

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotConfigured


class PartedProvider(ABC):
    """The common half of the `contract.Provider`s that stand on SDKs. `title` names it for people."""

    name: str
    title: str

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}

    @abstractmethod
    def capabilities(self) -> frozenset[Capability]:
        """What its settings are there for."""

    @abstractmethod
    def _make(self, capability: Capability) -> Any:
        """The part. Raises CloudNotConfigured for a setting, ImportError for a package that is missing."""

    @abstractmethod
    def _packages(self, what: str) -> str:
        """What to install for a capability or an SDK."""

    def offer(self, capability: Capability) -> Any:
        """The contract's implementation. Raises CloudNotConfigured that names the setting or package."""
        capability = Capability(capability)
        found = self._made.get(capability)
        return self._once(capability, lambda: self._make(capability)) if found is None else found

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        """A cheap call that shows that it works; answers what was found, in words."""
        found: str = self.offer(capability).check(deadline=deadline)
        return found

    def close(self) -> None:
        """Closes connections and ends threads."""
        with self._lock:
            made, self._made = self._made, {}
        self._close(made)

    @abstractmethod
    def _close(self, made: dict[str, Any]) -> None:
        """Closes what was made."""

    def _once(self, key: str, make: Any) -> Any:
        """What was made under a name, or what is made now. Raises CloudNotConfigured that names a missing package."""
        with self._lock:
            if key not in self._made:
                try:
                    self._made[key] = make()
                except ImportError as error:
                    raise CloudNotConfigured(
                        f"{self.title}'s {key} needs a package that is missing ({error.name}): "
                        f"pip install {self._packages(key)}",
                        provider=self.name,
                    ) from error
            return self._made[key]

    def _imported(self, module: str, name: str) -> Any:
        return getattr(importlib.import_module(f"shared_backend.cloud.{self.name}.{module}"), name)
