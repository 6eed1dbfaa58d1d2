"""Who serves a capability as things stand: the route's providers, less those that nothing was configured for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.errors import CloudError, CloudNotConfigured
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.cloud_config import Route

_ASK_AGAIN_S = 10.0


@dataclass(frozen=True)
class Standing:
    """The route, and who of it serves. `passed_over`: why not, in words, by provider."""

    route: Route
    primary: str
    fallback: str | None
    passed_over: Mapping[str, str] = field(default_factory=dict)

    @property
    def pair(self) -> tuple[str, str | None]:
        """Primary and fallback of those that serve."""
        return self.primary, self.fallback

    @property
    def notes(self) -> tuple[str, ...]:
        """Why it is not as the route says, in words."""
        return tuple(f"{name} is passed over: {words}" for name, words in self.passed_over.items())


class Standings:
    """Tells them. A provider without settings or package is passed over at once and is no failure: it is not away, and
    nothing waits for it."""

    def __init__(self, providers: ProviderRegister) -> None:
        self._providers = providers
        self._lacking: dict[tuple[str, Capability], tuple[float, str]] = {}

    def of(self, capability: Capability, route: Route) -> Standing:
        """Who serves by this route. Where nobody is configured, the primary, whose error says what it lacks."""
        names = [name for name in (route.primary, route.fallback) if name]
        lacking = {name: words for name in names if (words := self.lacking(name, capability))}
        serve = [name for name in names if name not in lacking]
        if not serve:
            return Standing(route, route.primary, None, lacking)
        return Standing(route, serve[0], serve[1] if len(serve) > 1 else None, lacking)

    def lacking(self, name: str, capability: Capability) -> str | None:
        """Which setting or package a provider lacks for a capability, in words; None when it has all."""
        key = (name, capability)
        known = self._lacking.get(key)
        if known is not None and time.monotonic() - known[0] < _ASK_AGAIN_S:
            return known[1]
        try:
            self._providers.get(name).offer(capability)
        except CloudNotConfigured as error:
            if error.passing:
                return None
            self._lacking[key] = (time.monotonic(), str(error))
            return str(error)
        except CloudError:
            # Whatever else is wrong with it, it says so itself when it is called.
            return None
        self._lacking.pop(key, None)
        return None
