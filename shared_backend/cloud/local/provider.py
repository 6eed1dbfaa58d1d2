"""The local provider: every capability, on this machine, without a connection to anywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.local.blobs import LocalBlobs
from shared_backend.cloud.local.disk import PROVIDER, make_folder, meaningful
from shared_backend.cloud.local.sealing_key import KeySource
from shared_backend.cloud.local.secrets import LocalSecrets
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_local import LocalSettings
from shared_backend.database.engine import Database
from shared_backend.utils.clock import Clock, utc_now


class LocalProvider:
    """A `Provider`. Parts are made on first use, so that nothing is loaded that nobody asks for.

    `durable=False` leaves out the syncs of blobs: for measurements and tests, where data may be lost.
    """

    name = PROVIDER

    def __init__(
        self,
        settings: Settings,
        local: LocalSettings,
        database: Database,
        *,
        clock: Clock = utc_now,
        durable: bool = True,
    ) -> None:
        self._settings = settings
        self._local = local
        self._database = database
        self._clock = clock
        self._durable = durable
        self.folder: Path = local.root(settings)

    def capabilities(self) -> frozenset[Capability]:
        """See Provider."""
        return frozenset(self._offers)

    def offer(self, capability: Capability) -> Any:
        """See Provider."""
        return self._offers[capability]()

    @property
    def _offers(self) -> dict[Capability, Callable[[], Any]]:
        return {
            Capability.BLOBS: lambda: self.blobs,
            Capability.SECRETS: lambda: self.secrets,
        }

    @cached_property
    def blobs(self) -> LocalBlobs:
        """Files."""
        return LocalBlobs(
            self.folder / "blobs",
            base_url=self._settings.gateway_url,
            secret_key=self._settings.secret_key.get_secret_value(),
            clock=self._clock,
            durable=self._durable,
        )

    @cached_property
    def secrets(self) -> LocalSecrets:
        """Sealed files."""
        keys = KeySource(self._settings.var_dir, self._local.secrets_key.get_secret_value())
        return LocalSecrets(self.folder / "secrets", keys, clock=self._clock)

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        """See Provider."""
        deadline.check(PROVIDER)
        with meaningful(self.folder):
            make_folder(self.folder)
        return f"{self.offer(capability).__class__.__name__} in {self.folder}"

    def close(self) -> None:
        """Lets go of what was opened."""
