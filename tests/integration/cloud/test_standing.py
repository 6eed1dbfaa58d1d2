"""A provider that was never configured is passed over: it is not away, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from shared_backend.cloud.contract import Capability
from shared_backend.cloud.errors import CloudNotConfigured, CloudUnavailable
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.backend_config import load_settings
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from tests.support.cloud_fakes import FakeProvider
from tests.support.cloud_memory import MemoryProvider

OPERATOR = Actor("ada", Role.ADMIN, "Ada")


Make = Callable[..., CloudServicesOrchestrator]


@pytest.fixture
def orchestrator_of(database: Database) -> Iterator[Make]:
    """Makes one over these providers, by name."""
    with ExitStack() as stack:

        def make(**providers: FakeProvider) -> CloudServicesOrchestrator:
            register = ProviderRegister(factories={name: (lambda p=made: p) for name, made in providers.items()})  # type: ignore[misc]
            cloud = CloudServicesOrchestrator({}, settings=load_cloud_settings(), database=database, providers=register)
            stack.callback(cloud.close)
            return cloud

        yield make


@pytest.fixture
def azure() -> FakeProvider:
    return FakeProvider("azure")


@pytest.fixture
def local() -> FakeProvider:
    return FakeProvider("local", blobs=MemoryProvider("local"))


@pytest.fixture
def cloud(orchestrator_of: Make, azure: FakeProvider, local: FakeProvider) -> CloudServicesOrchestrator:
    return orchestrator_of(azure=azure, local=local)


def test_the_next_one_serves_and_nothing_is_journaled(cloud: CloudServicesOrchestrator) -> None:
    outcome = cloud.put(b"x", "a")
    assert (outcome.provider, outcome.degraded, outcome.pending_sync) == ("local", False, False)
    assert cloud.pending() == {}
    assert cloud.caller.breaker("azure", Capability.BLOBS).info().failures == 0


def test_explain_says_what_is_missing_and_who_serves_instead(cloud: CloudServicesOrchestrator) -> None:
    blobs, secrets = cloud.explain(check=False)[:2]
    assert (blobs.serves, blobs.route.primary) == ("local", "azure")
    assert blobs.why == ("by configuration. azure is passed over: azure lacks INTELLICV_AZURE_BLOBS. local serves")
    assert secrets.serves is None and "nobody serves" in secrets.why


def test_where_nobody_is_configured_the_error_says_what_the_primary_lacks(cloud: CloudServicesOrchestrator) -> None:
    with pytest.raises(CloudNotConfigured, match="INTELLICV_AZURE_SECRETS"):
        cloud.list_secrets()


def test_configured_later_it_serves_and_what_is_elsewhere_stays_readable(
    orchestrator_of: Make, cloud: CloudServicesOrchestrator, azure: FakeProvider, local: FakeProvider
) -> None:
    cloud.put(b"early", "a")
    azure.parts["blobs"] = store = MemoryProvider("azure")
    later = orchestrator_of(azure=azure, local=local)
    assert later.serving(Capability.BLOBS).primary == "azure"
    assert later.get("a").value == b"early"
    assert later.put(b"late", "b").provider == "azure"
    assert [item.path for item in later.list().value.items] == ["a", "b"]
    (difference,) = later.difference(Capability.BLOBS)
    assert (difference.source, difference.target, difference.objects, difference.size) == ("local", "azure", 1, 5)
    assert later.carry_over(Capability.BLOBS)["local"].complete
    assert store.objects["a"][1] == b"early"
    assert later.get("a").provider == "azure"
    assert later.formers(Capability.BLOBS) == ()


def test_taken_out_of_the_configuration_again_it_is_named_and_not_denied(
    orchestrator_of: Make, azure: FakeProvider, local: FakeProvider
) -> None:
    azure.parts["blobs"] = MemoryProvider("azure")
    orchestrator_of(azure=azure, local=local).put(b"x", "a")
    del azure.parts["blobs"]
    without = orchestrator_of(azure=azure, local=local)
    with pytest.raises(CloudUnavailable, match="INTELLICV_AZURE_BLOBS"):
        without.get("a")
    with pytest.raises(CloudUnavailable, match="INTELLICV_AZURE_BLOBS"):
        without.get("never written")


def test_a_setting_that_arrives_is_noticed_without_a_restart(
    cloud: CloudServicesOrchestrator, azure: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared_backend.cloud import standing

    assert cloud.serving(Capability.BLOBS).primary == "local"
    azure.parts["blobs"] = MemoryProvider("azure")
    monkeypatch.setattr(standing, "_ASK_AGAIN_S", 0.0)
    assert cloud.serving(Capability.BLOBS).primary == "azure"


def test_a_switch_back_to_an_unconfigured_default_is_a_switch_to_who_serves(
    cloud: CloudServicesOrchestrator, azure: FakeProvider
) -> None:
    cloud.switch(Capability.BLOBS, "local", None, actor=OPERATOR, source="script")
    assert cloud.roll_back(Capability.BLOBS, actor=OPERATOR, source="script").primary == "azure"
    assert cloud.put(b"x", "a").provider == "local"
    with pytest.raises(CloudUnavailable, match="INTELLICV_AZURE_BLOBS"):
        cloud.switch(Capability.BLOBS, "azure", None, actor=OPERATOR, source="script")


def test_out_of_the_box_this_machine_serves_everything(database: Database) -> None:
    cloud = CloudServicesOrchestrator(settings=load_cloud_settings(), database=database, product=load_settings())
    try:
        for each in cloud.explain(check=False):
            assert each.serves == "local" and "INTELLICV_AZURE" in each.passed_over["azure"], each.capability
        assert cloud.upload(b"x", "a/b.txt") == "local:a/b.txt"
        assert cloud.language("Das ist ein deutscher Satz.").value.code == "de"
        assert cloud.get_ai_service("generation").provider == "local"
    finally:
        cloud.close()
