"""The local provider: every capability, on this machine, without a connection to anywhere."""

from __future__ import annotations

import os
import shutil
from functools import cached_property
from pathlib import Path
from typing import Any

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudDenied
from shared_backend.cloud.local.blobs import LocalBlobs
from shared_backend.cloud.local.disk import PROVIDER, make_folder, meaningful
from shared_backend.cloud.local.embeddings import FolderEmbeddings, LocalEmbeddings
from shared_backend.cloud.local.generation import LocalLLM
from shared_backend.cloud.local.home import Home
from shared_backend.cloud.local.monitoring import LocalMonitoring
from shared_backend.cloud.local.sealing_key import KeySource
from shared_backend.cloud.local.secrets import LocalSecrets
from shared_backend.cloud.local.templates import TemplateGeneration
from shared_backend.cloud.local.text import LocalText
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_config import CloudSettings
from shared_backend.config.cloud_local import LocalSettings
from shared_backend.database.engine import Database, ping
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
        self.database = database
        self._clock = clock
        self._durable = durable
        self.folder: Path = local.root(settings)

    def capabilities(self) -> frozenset[Capability]:
        """See Provider. All of them, always: this machine needs no settings."""
        return frozenset(Capability)

    def offer(self, capability: Capability) -> Any:
        """See Provider."""
        return getattr(self, capability.value)

    @cached_property
    def blobs(self) -> LocalBlobs:
        """Files."""
        return LocalBlobs(
            self.folder / "blobs",
            base_url=self._settings.gateway_url,
            secret_key=self._settings.secret_key.get_secret_value(),
            clock=self._clock,
            durable=self._durable,
            home=self.home,
        )

    @cached_property
    def home(self) -> Home:
        """Whether the folder of the files is the one that the database knows."""
        return Home(self.folder / "blobs", self.database)

    def warning(self, capability: Capability) -> str | None:
        """What an operator should see to though the provider serves, in words."""
        return self.home.problem() if capability is Capability.BLOBS else None

    @cached_property
    def secrets(self) -> LocalSecrets:
        """Sealed files."""
        keys = KeySource(self._settings.var_dir, self._local.secrets_key.get_secret_value())
        return LocalSecrets(self.folder / "secrets", keys, clock=self._clock)

    @cached_property
    def text(self) -> LocalText:
        """Language, tone and key phrases."""
        return LocalText()

    @cached_property
    def generation(self) -> LocalLLM | TemplateGeneration:
        """The language model that the settings name, or templates."""
        return LocalLLM(self._local) if self._local.llm_url else TemplateGeneration()

    @cached_property
    def embeddings(self) -> LocalEmbeddings | FolderEmbeddings:
        """The model folder that the settings name, or what was trained, or hashed vectors."""
        if self._local.embedding_folder is not None:
            return FolderEmbeddings(self._local.embedding_folder)
        return LocalEmbeddings(self.folder / "embeddings")

    @cached_property
    def monitoring(self) -> LocalMonitoring:
        """Metrics and events in the database."""
        return LocalMonitoring(self.database, keep_days=self._local.monitoring_days, clock=self._clock)

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        """See Provider."""
        deadline.check(PROVIDER)
        if capability in (Capability.GENERATION, Capability.EMBEDDINGS):
            found: str = self.offer(capability).check(deadline=deadline)
            return found
        if capability is Capability.BLOBS:
            return self._check_blobs(deadline)
        if capability is Capability.SECRETS:
            count = len(self.secrets.list(deadline=deadline))
            return f"{count} secret{'' if count == 1 else 's'} in {self.folder / 'secrets'}"
        if capability is Capability.TEXT:
            language = self.text.language("This is a short English sentence.", deadline=deadline)
            return f"language ({language.name} was told), tone in English, key phrases; all on this machine"
        with self.database.read() as connection:
            ping(connection)
        return f"records go into the database and are kept for {self._local.monitoring_days} days"

    def close(self) -> None:
        """Writes what monitoring still has, and closes connections."""
        for part in ("monitoring", "generation"):
            made = self.__dict__.get(part)
            if made is not None and hasattr(made, "close"):
                made.close()

    def _check_blobs(self, deadline: Deadline) -> str:
        self.blobs.list("", after=None, limit=1, deadline=deadline)
        with meaningful(self.folder):
            make_folder(self.folder)
            free = shutil.disk_usage(self.folder).free
            if not os.access(self.folder, os.W_OK):
                raise CloudDenied(f"{self.folder} may not be written to by this process.", provider=PROVIDER)
        return f"{self.folder / 'blobs'}, {free / 1e9:.1f} GB free"


def local_provider(cloud: CloudSettings, settings: Settings, database: Database) -> LocalProvider:
    """The register's factory."""
    return LocalProvider(settings, cloud.local, database)
