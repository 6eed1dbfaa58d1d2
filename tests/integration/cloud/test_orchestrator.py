"""The orchestrator's given face, its routes, and switching while it runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.errors import CloudInvalid, CloudUnavailable
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.backend_config import load_settings
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.database.tables import MonitoringRow
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from shared_backend.utils.exception_handler import PermissionDenied
from tests.support.cloud_fakes import FakeProvider
from tests.support.cloud_memory import MemoryProvider

OPERATOR = Actor("ada", Role.ADMIN, "Ada")


@pytest.fixture
def clouds() -> dict[str, MemoryProvider]:
    return {"azure": MemoryProvider("azure"), "local": MemoryProvider("local")}


@pytest.fixture
def orchestrator(database: Database, clouds: dict[str, MemoryProvider]) -> Iterator[CloudServicesOrchestrator]:
    register = ProviderRegister(factories={name: (lambda p=provider: p) for name, provider in clouds.items()})  # type: ignore[misc]
    made = CloudServicesOrchestrator({}, settings=load_cloud_settings(), database=database, providers=register)
    yield made
    made.close()


def test_upload_and_download_by_their_given_names(
    orchestrator: CloudServicesOrchestrator, clouds: dict[str, MemoryProvider]
) -> None:
    where = orchestrator.upload(b"bytes", "cv/a.pdf")
    assert where == "azure:cv/a.pdf"
    assert orchestrator.download("cv/a.pdf") == orchestrator.download(where) == b"bytes"
    clouds["azure"].away = CloudUnavailable("away")
    assert orchestrator.upload(b"more", "cv/b.pdf") == "local:cv/b.pdf"
    assert orchestrator.download("cv/b.pdf") == b"more"
    assert orchestrator.pending() == {"pending": 1}


def test_a_configuration_of_ones_own(database: Database, clouds: dict[str, MemoryProvider]) -> None:
    register = ProviderRegister(factories={name: (lambda p=provider: p) for name, provider in clouds.items()})  # type: ignore[misc]
    orchestrator = CloudServicesOrchestrator(
        {"primary": "local", "fallback": "none"},
        settings=load_cloud_settings(),
        database=database,
        providers=register,
    )
    assert orchestrator.upload(b"x", "a") == "local:a"
    assert not clouds["azure"].objects
    orchestrator.close()


def test_switching_counts_at_once_and_rolls_back(
    orchestrator: CloudServicesOrchestrator, clouds: dict[str, MemoryProvider]
) -> None:
    orchestrator.switch(Capability.BLOBS, "local", "azure", actor=OPERATOR, source="admin_portal", reason="costs")
    assert orchestrator.upload(b"x", "a") == "local:a"
    assert orchestrator.roll_back(Capability.BLOBS, actor=OPERATOR, source="admin_portal").primary == "azure"
    assert orchestrator.upload(b"x", "b") == "azure:b"


def test_a_provider_that_does_not_work_is_not_switched_to(
    orchestrator: CloudServicesOrchestrator, clouds: dict[str, MemoryProvider]
) -> None:
    clouds["local"].away = CloudUnavailable("no disk")
    with pytest.raises(CloudUnavailable, match="no disk"):
        orchestrator.switch(Capability.BLOBS, "local", None, actor=OPERATOR, source="admin_portal")
    assert orchestrator.route(Capability.BLOBS).primary == "azure"


def test_only_operators_switch(orchestrator: CloudServicesOrchestrator) -> None:
    analyst = Actor("ann", Role.ANALYST)
    with pytest.raises(PermissionDenied):
        orchestrator.switch(Capability.BLOBS, "local", None, actor=analyst, source="admin_portal")


def test_an_unknown_provider_or_service_is_named(orchestrator: CloudServicesOrchestrator) -> None:
    with pytest.raises(CloudInvalid, match="aws, azure, local"):
        orchestrator.switch(Capability.BLOBS, "gcp", None, actor=OPERATOR, source="admin_portal")
    with pytest.raises(CloudInvalid, match="text, generation, embeddings"):
        orchestrator.get_ai_service("vision")


def test_explain_says_who_serves_and_which_check_failed(
    orchestrator: CloudServicesOrchestrator, clouds: dict[str, MemoryProvider]
) -> None:
    clouds["azure"].away = CloudUnavailable("away")
    blobs = next(each for each in orchestrator.explain() if each.capability == "blobs")
    assert (blobs.route.primary, blobs.route.fallback, blobs.why) == ("azure", "local", "by configuration")
    assert [(finding.provider, finding.problem) for finding in blobs.findings] == [("azure", "away"), ("local", None)]


def test_what_is_measured_goes_where_the_route_says_and_stops_nobody(database: Database) -> None:
    settings = load_cloud_settings()
    local = CloudServicesOrchestrator(settings=settings, database=database, product=load_settings())
    local.metric("cv.parsed", 3, unit="files")
    local.event("cv.parsed", {"kind": "pdf"})
    with pytest.raises(ZeroDivisionError), local.trace("cv.parse"):
        raise ZeroDivisionError
    assert local.flush_monitoring()
    with database.read() as connection:
        rows = connection.execute(select(MonitoringRow.kind, MonitoringRow.name)).all()
    assert sorted(rows) == [("event", "cv.parsed"), ("metric", "cv.parsed"), ("trace", "cv.parse")]
    local.close()
    nobody = ProviderRegister(
        factories={"azure": lambda: FakeProvider("azure"), "local": lambda: FakeProvider("local")}
    )
    nowhere = CloudServicesOrchestrator({}, settings=settings, database=database, providers=nobody)
    nowhere.metric("a", 1)
    nowhere.event("a")
    with nowhere.trace("a"):
        pass
    assert nowhere.flush_monitoring()
