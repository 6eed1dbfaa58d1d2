"""AWS behind a proxy that breaks what it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared_backend.cloud.aws.provider import AwsProvider
from tests.support.cloud.aws import (
    Moto,
    StrictS3,
    aws_doubles,
    double_settings,
    moto_settings,
    opened_provider,
    running_moto,
)
from tests.support.cloud.proxy import FaultProxy


@pytest.fixture(scope="package")
def moto() -> Iterator[Moto]:
    """One server for all tests here; they keep apart by their names."""
    with running_moto() as running:
        yield running


@pytest.fixture(scope="package")
def _stores(moto: Moto) -> Iterator[tuple[FaultProxy, AwsProvider]]:
    with FaultProxy(StrictS3(moto)) as proxy, opened_provider(moto_settings(moto, endpoint_url=proxy.url)) as provider:
        yield proxy, provider


@pytest.fixture(scope="package")
def _minds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FaultProxy, AwsProvider]]:
    folder = tmp_path_factory.mktemp("authority")
    with aws_doubles() as proxy, opened_provider(double_settings(proxy, folder)) as provider:
        yield proxy, provider


@pytest.fixture
def moto_proxy(_stores: tuple[FaultProxy, AwsProvider]) -> Iterator[FaultProxy]:
    """What stands before the server."""
    yield _stores[0]
    _stores[0].clear()


@pytest.fixture
def stores(_stores: tuple[FaultProxy, AwsProvider], moto_proxy: FaultProxy) -> AwsProvider:
    """AWS with blobs, secrets and monitoring, through the proxy."""
    return _stores[1]


@pytest.fixture
def doubles(_minds: tuple[FaultProxy, AwsProvider]) -> Iterator[FaultProxy]:
    """What stands before the doubles."""
    yield _minds[0]
    _minds[0].clear()


@pytest.fixture
def minds(_minds: tuple[FaultProxy, AwsProvider], doubles: FaultProxy) -> AwsProvider:
    """AWS with texts, generation and embeddings."""
    return _minds[1]
