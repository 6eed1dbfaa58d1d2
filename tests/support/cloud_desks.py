"""A backend whose clouds are two in memory: `azure` first, `local` behind it, with secrets on both."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from shared_backend.cloud.contract import BlobInfo, Capability, SecretInfo, SecretVersion
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudNotFound
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.services.backend import Backend
from shared_backend.services.cloud_jobs import journal_listeners
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from tests.support.cloud_memory import MemoryProvider


class _Secrets:
    """Secrets in a dictionary; away when their provider is."""

    def __init__(self, owner: TwoProvider) -> None:
        self.provider = owner.name
        self._owner = owner
        self._numbers = itertools.count(1)
        self.held: dict[str, list[SecretVersion]] = {}

    def get(self, name: str, *, version: str | None, deadline: Deadline) -> SecretVersion:
        return self._of(name)[0]

    def set(self, name: str, value: SecretStr, *, deadline: Deadline) -> SecretInfo:
        self._owner.answer()
        made = SecretVersion(SecretInfo(name, f"v{next(self._numbers)}", datetime.now(UTC)), value)
        self.held.setdefault(name, []).insert(0, made)
        return made.info

    def list(self, *, deadline: Deadline) -> list[SecretInfo]:
        self._owner.answer()
        return [versions[0].info for _name, versions in sorted(self.held.items())]

    def versions(self, name: str, *, deadline: Deadline) -> list[SecretInfo]:
        return [each.info for each in self._of(name)]

    def delete(self, name: str, *, deadline: Deadline) -> None:
        self._of(name)
        del self.held[name]

    def _of(self, name: str) -> list[SecretVersion]:
        self._owner.answer()
        if name not in self.held:
            raise CloudNotFound(f"There is no secret {name}.")
        return self.held[name]


class TwoProvider(MemoryProvider):
    """Blobs and secrets in memory. `away` fails both."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.secrets = _Secrets(self)

    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.BLOBS, Capability.SECRETS})

    def offer(self, capability: Capability) -> Any:
        return self.secrets if capability is Capability.SECRETS else super().offer(capability)

    def answer(self) -> None:
        """Raises what makes it seem away."""
        self._maybe_fail()

    def hold(self, path: str, content: bytes) -> None:
        """Puts an object there behind everybody's back."""
        sha256 = hashlib.sha256(content).hexdigest()
        info = BlobInfo(path, len(content), sha256, "text/plain", {}, uuid.uuid4().hex, datetime.now(UTC))
        self.objects[path] = (info, content)


def cloud_of_two(backend: Backend) -> tuple[TwoProvider, TwoProvider]:
    """Gives the backend clouds in memory; answers primary and fallback."""
    azure, local = TwoProvider("azure"), TwoProvider("local")
    providers = ProviderRegister(factories={"azure": lambda: azure, "local": lambda: local})
    backend._cloud = CloudServicesOrchestrator(
        settings=load_cloud_settings(),
        database=backend.database,
        providers=providers,
        clock=backend.clock,
        listeners=journal_listeners(backend.bus, backend.jobs, backend.portal),
    )
    return azure, local
