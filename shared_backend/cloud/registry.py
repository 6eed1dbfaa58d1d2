"""The providers by name. Adding one: a package like `local`, a line below, a fixture for the contract suite."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from shared_backend.cloud.contract import Provider
from shared_backend.cloud.errors import CloudInvalid

# module : factory. A factory takes (CloudSettings, Settings, Database) and makes no call.
PROVIDERS: Mapping[str, str] = {
    "azure": "shared_backend.cloud.azure.provider:azure_provider",
    "aws": "shared_backend.cloud.aws.provider:aws_provider",
    "local": "shared_backend.cloud.local.provider:local_provider",
}


class ProviderRegister:
    """Makes each provider once, when it is first asked for."""

    def __init__(
        self,
        arguments: tuple[Any, ...] = (),
        *,
        factories: Mapping[str, Callable[..., Provider]] | None = None,
    ) -> None:
        self._arguments = arguments
        self._factories = dict(factories or {})
        self._made: dict[str, Provider] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted({*PROVIDERS, *self._factories})

    def get(self, name: str) -> Provider:
        """The provider of that name. Raises CloudInvalid for an unknown one, CloudNotConfigured for what is missing."""
        found = self._made.get(name)
        if found is not None:
            return found
        with self._lock:
            if name not in self._made:
                self._made[name] = self._factory(name)(*self._arguments)
            return self._made[name]

    def close(self) -> None:
        """Closes what was made: connections, pools, threads. What is asked for later is made anew."""
        with self._lock:
            made, self._made = self._made, {}
        for name, provider in made.items():
            try:
                getattr(provider, "close", lambda: None)()
            except Exception as error:
                # One provider's trouble with letting go is no reason to keep the others'.
                structlog.get_logger(__name__).warning("cloud.not_closed", provider=name, error=type(error).__name__)

    def _factory(self, name: str) -> Callable[..., Provider]:
        if name in self._factories:
            return self._factories[name]
        if name not in PROVIDERS:
            raise CloudInvalid(f"{name!r} is not a provider. There is {', '.join(self.names())}.")
        module, _, factory = PROVIDERS[name].partition(":")
        made: Callable[..., Provider] = getattr(importlib.import_module(module), factory)
        return made
