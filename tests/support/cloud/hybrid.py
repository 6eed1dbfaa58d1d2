"""A mix for the contract suite: each capability from whom the orchestrator's routes say, over Azure, AWS and here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared_backend.cloud.contract import Capability, Provider
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from tests.support.cloud.case import ALL, Case, Opened

ROUTES = {
    "primary": "local",
    "fallback": None,
    "blobs_primary": "aws",
    "blobs_fallback": "local",
    "text_primary": "azure",
    "generation_primary": "azure",
    "embeddings_primary": "azure",
}


class Mixed:
    """Whoever serves, as the orchestrator has it."""

    name = "hybrid"

    def __init__(self, orchestrator: CloudServicesOrchestrator) -> None:
        self._orchestrator = orchestrator

    def _serving(self, capability: Capability) -> Provider:
        return self._orchestrator.caller.providers.get(self._orchestrator.serving(capability).primary)

    def capabilities(self) -> frozenset[Capability]:
        return ALL

    def offer(self, capability: Capability) -> Any:
        return self._serving(capability).offer(capability)

    def check(self, capability: Capability, *, deadline: Deadline) -> str:
        return self._serving(capability).check(capability, deadline=deadline)


@contextmanager
def _open(folder: Path) -> Iterator[Opened]:
    from tests.support.cloud import aws, azure, local

    azure_folder = folder / "azure"
    azure_folder.mkdir()
    with (
        aws.running_moto() as moto,
        aws.opened_provider(aws.moto_settings(moto)) as amazon,
        azure.azure_doubles() as proxy,
        azure.opened_provider(azure.azure_settings(proxy, azure_folder)) as microsoft,
        local.local_provider(folder) as here,
    ):
        made: dict[str, Provider] = {"aws": amazon, "azure": microsoft, "local": here}
        register = ProviderRegister(factories={name: (lambda p=each: p) for name, each in made.items()})  # type: ignore[misc]
        mixed = Mixed(
            CloudServicesOrchestrator(
                ROUTES, settings=load_cloud_settings(), database=here.database, providers=register
            )
        )
        served = {str(each): mixed._serving(each).name for each in Capability}
        assert set(served.values()) == set(made), f"no mix: {served}"
        yield Opened(
            mixed,
            flip_byte=moto.flip_byte,
            follow=aws.follow,
            monitored=lambda start: local.monitored(here, start),
        )


CASES = (Case("hybrid", ALL, _open),)
