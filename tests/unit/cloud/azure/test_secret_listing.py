"""A vault with many secrets: listed in time, without a value leaving it, and never held against the vault."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared_backend.cloud.azure.provider import AzureProvider
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudTimeout, CloudTooMuch
from shared_backend.cloud.registry import ProviderRegister
from tests.support.cloud.azure import azure_settings, opened_provider
from tests.support.cloud.doubles_key_vault import EntraDouble, KeyVaultDouble
from tests.support.cloud.proxy import Fault, FaultProxy, Request, Response

NAMES = [f"secret-{number:02}" for number in range(40)]
ANSWER_S = 0.1


class Vault:
    """A vault that takes its time for each answer, and remembers what it was asked."""

    def __init__(self) -> None:
        self._double = KeyVaultDouble(page=25)
        self.pause_s = 0.0
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.path}")
        time.sleep(self.pause_s)
        return self._double(request)


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def before_it(vault: Vault) -> Iterator[FaultProxy]:
    with FaultProxy() as proxy:
        proxy.route("login.microsoftonline.com", EntraDouble())
        proxy.route("*.vault.azure.net", vault)
        yield proxy


@pytest.fixture
def azure(before_it: FaultProxy, vault: Vault, tmp_path: Path) -> Iterator[AzureProvider]:
    with opened_provider(azure_settings(before_it, tmp_path)) as provider:
        for name in NAMES:
            provider.offer(Capability.SECRETS).set(name, SecretStr("x"), deadline=Deadline(20))
        vault.asked.clear()
        vault.pause_s = ANSWER_S
        yield provider


def caller_of(azure: AzureProvider) -> Caller:
    return Caller(ProviderRegister(factories={"azure": lambda: azure}))


def test_names_are_asked_about_side_by_side_and_no_value_leaves_the_vault(azure: AzureProvider, vault: Vault) -> None:
    begin = time.monotonic()
    listed = azure.offer(Capability.SECRETS).list(deadline=Deadline(20))
    took = time.monotonic() - begin
    assert [info.name for info in listed] == NAMES
    assert took < len(NAMES) * ANSWER_S * 0.8
    assert all(asked == "GET /secrets" or asked.endswith("/versions") for asked in vault.asked)


def test_a_listing_that_is_too_long_for_its_time_does_not_shut_the_vault_out(
    azure: AzureProvider, vault: Vault
) -> None:
    caller = caller_of(azure)
    vault.pause_s = 0.35
    for _ in range(3):
        with pytest.raises(CloudTooMuch, match="INTELLICV_CLOUD_SECRETS_DEADLINE_S"):
            caller.on_one("azure", Capability.SECRETS, lambda s, d: s.list(deadline=d), Deadline(1.4))
    breaker = caller.breaker("azure", Capability.SECRETS).info()
    assert (breaker.state, breaker.failures) == ("closed", 0)
    assert caller.tally("azure", Capability.SECRETS).failures == 0


def test_a_vault_that_falls_silent_in_the_middle_is_late_and_it_counts(
    azure: AzureProvider, before_it: FaultProxy
) -> None:
    before_it.arm(Fault("black_hole"), times=0, match=lambda request: request.path.endswith("/versions"))
    caller = caller_of(azure)
    with pytest.raises(CloudTimeout) as caught:
        caller.on_one("azure", Capability.SECRETS, lambda s, d: s.list(deadline=d), Deadline(1.5))
    assert not isinstance(caught.value, CloudTooMuch)
    assert caller.breaker("azure", Capability.SECRETS).info().failures == 1


def test_what_others_have_named_as_we_would_not_is_listed_too(azure: AzureProvider, before_it: FaultProxy) -> None:
    azure.offer(Capability.SECRETS)._client.set_secret("Made-By-Hand", "x")
    assert "Made-By-Hand" in [info.name for info in azure.offer(Capability.SECRETS).list(deadline=Deadline(20))]
