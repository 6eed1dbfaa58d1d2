"""Azure behind a proxy that breaks what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared_backend.cloud.azure.provider import AzureProvider
from tests.support.cloud.azure import azure_doubles, azure_settings, blob_settings, opened_provider
from tests.support.cloud.azurite import Azurite, running_azurite
from tests.support.cloud.proxy import FaultProxy


@pytest.fixture(scope="package")
def azurite() -> Iterator[Azurite]:
    """One emulator for all tests here; they keep apart by their paths."""
    with running_azurite() as running:
        yield running


@pytest.fixture
def blob_proxy(azurite: Azurite) -> Iterator[FaultProxy]:
    """What stands before the emulator."""
    with FaultProxy(("127.0.0.1", azurite.port)) as proxy:
        yield proxy


@pytest.fixture
def azure_blobs(azurite: Azurite, blob_proxy: FaultProxy) -> Iterator[AzureProvider]:
    """Azure with blobs alone, through the proxy."""
    with opened_provider(blob_settings(azurite.connection_string(blob_proxy.port))) as provider:
        yield provider


@pytest.fixture
def doubles() -> Iterator[FaultProxy]:
    """What stands before everything but blobs."""
    with azure_doubles() as proxy:
        yield proxy


@pytest.fixture
def azure(doubles: FaultProxy, tmp_path: Path) -> Iterator[AzureProvider]:
    """Azure with everything but blobs."""
    with opened_provider(azure_settings(doubles, tmp_path)) as provider:
        yield provider
