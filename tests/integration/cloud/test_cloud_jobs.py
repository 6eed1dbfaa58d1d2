"""The clouds' long work as jobs: run by a worker, told as progress, tried again while a cloud is away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.backend_config import Settings
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.jobs.kinds import JobRegister
from shared_backend.services.backend import Backend
from shared_backend.services.cloud_jobs import CARRY_OVER, CLEAN, REEMBED, add_cloud_jobs
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from shared_backend.services.jobs import Jobs
from shared_backend.services.portal_bridge import PortalBridge
from tests.support.cloud_fakes import FakeProvider, LetterEmbeddings
from tests.support.cloud_memory import MemoryProvider
from tests.support.jobs import QUICK, SYSTEM, ended, wait_until


class Stage:
    """Two clouds, and a worker that runs their jobs."""

    def __init__(self, database: Database) -> None:
        self.azure, self.local = MemoryProvider("azure"), MemoryProvider("local")
        self.letters = LetterEmbeddings("azure", "azure/letters/8")
        providers = {
            "azure": FakeProvider("azure", blobs=self.azure, embeddings=self.letters),
            "local": FakeProvider("local", blobs=self.local),
        }
        register = ProviderRegister(factories={name: (lambda p=made: p) for name, made in providers.items()})  # type: ignore[misc]
        self.cloud = CloudServicesOrchestrator(
            {}, settings=load_cloud_settings(), database=database, providers=register
        )
        kinds = JobRegister()
        add_cloud_jobs(kinds, lambda: self.cloud, database)
        self.jobs = Jobs(database, kinds, lambda *_: None)
        self.runner = self.jobs.runner(pace=QUICK)
        self.runner.start()

    def run(self, kind: str, payload: dict[str, str]):  # type: ignore[no-untyped-def]
        job = self.jobs.enqueue(kind, payload, actor=SYSTEM, source="script")
        self.runner.hint()
        return ended(self.jobs, job.id)


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    made = Stage(database)
    yield made
    made.runner.stop()
    made.cloud.close()


@pytest.fixture
def bridge(settings: Settings, database: Database) -> Iterator[PortalBridge]:
    backend = Backend.open(settings)
    yield backend.bridge
    backend.close()


def test_everything_is_carried_over(stage: Stage) -> None:
    for number in range(5):
        stage.cloud.put(b"12345", f"p{number}")
    stage.cloud.switch(Capability.BLOBS, "local", None, actor=Actor.system("test"), source="script")
    job = stage.run(CARRY_OVER, {"capability": "blobs"})
    assert (job.state, job.result) == ("done", {"copied": 5, "bytes": 25, "kept_beside": 0})
    assert (job.progress_done, job.progress_unit) == (5, "objects")
    assert len(stage.local.objects) == 5


def test_what_can_not_be_carried_over_is_said_at_once(stage: Stage) -> None:
    assert stage.run(CARRY_OVER, {"capability": "texts"}).state == "failed"
    assert "blobs or of secrets" in stage.run(CARRY_OVER, {"capability": "texts"}).error


def test_profiles_are_embedded_anew(stage: Stage, bridge: PortalBridge) -> None:
    for name, label in (("ann", "aaa"), ("bob", "bbb"), ("cem", "")):
        bridge.save("user_profile", name, {"basics": {"label": label, "name": name}}, source="script", actor=SYSTEM)
    job = stage.run(REEMBED, {"kind": "user_profile"})
    assert (job.state, job.result) == ("done", {"space": "azure/letters/8", "embedded": 2, "forgotten": 0})
    assert [near.subject for near in stage.cloud.nearest("user_profile", "ab b").value] == ["bob", "ann"]
    bridge.delete("user_profile", "bob", source="script", actor=SYSTEM)
    assert stage.run(REEMBED, {}).result["forgotten"] == 1
    assert stage.run(REEMBED, {"kind": "weather"}).state == "failed"


def test_a_cloud_that_is_away_is_tried_again(stage: Stage, bridge: PortalBridge) -> None:
    bridge.save("user_profile", "ann", {"basics": {"label": "aaa"}}, source="script", actor=SYSTEM)
    stage.letters.away = CloudUnavailable("away")
    job = stage.jobs.enqueue(REEMBED, {}, actor=SYSTEM, source="script")
    stage.runner.hint()
    wait_until(lambda: "away" in (stage.jobs.get(job.id, actor=SYSTEM).error or ""))
    assert stage.jobs.get(job.id, actor=SYSTEM).is_open


def test_what_uploads_left_is_removed(stage: Stage) -> None:
    stage.cloud.put(b"1", "x")
    stage.cloud.switch(Capability.BLOBS, "local", None, actor=Actor.system("test"), source="script")
    stage.cloud.put(b"2", "x")
    # It recurs too: whichever run comes first removes it.
    assert stage.run(CLEAN, {}).state == "done"
    assert not stage.azure.objects
