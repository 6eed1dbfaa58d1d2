"""An answer that is cut off anywhere is an error of the contract, never half an answer taken for a whole one."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cloud.torture.wire import Server, azurite_server, moto_server
from shared_backend.cloud.contract import BlobInfo, Capability, Condition
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError
from tests.support.cloud.proxy import Fault

CONTENT = b"some bytes"
META = {"icv_write_id": "one-of-ours"}


@pytest.fixture(scope="module", params=[moto_server, azurite_server], ids=["aws", "azure"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with request.param(tmp_path_factory.mktemp("authority")) as running:
        yield running


def put(server: Server, path: str) -> BlobInfo:
    info: BlobInfo = server.provider.offer(Capability.BLOBS).put(
        path,
        io.BytesIO(CONTENT),
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        content_type="text/plain",
        metadata=META,
        condition=Condition(),
        deadline=Deadline(30),
    )
    return info


def read(blobs: Any) -> tuple[str, dict[str, str], bytes]:
    with blobs.open("cut", deadline=Deadline(30)) as (info, chunks):
        return info.etag, dict(info.metadata), b"".join(chunks)


@pytest.mark.parametrize("name", ["put", "stat", "open"])
def test_half_an_answer_is_an_error(server: Server, name: str, tmp_path: Path) -> None:
    blobs = server.provider.offer(Capability.BLOBS)
    whole = put(server, "cut")
    calls = {
        "put": lambda: put(server, "cut").metadata,
        "stat": lambda: blobs.stat("cut", deadline=Deadline(30)).metadata,
        "open": lambda: read(blobs)[1:],
    }
    wanted = {"put": META, "stat": META, "open": (META, CONTENT)}[name]
    failed = 0
    for at in range(1, 900, 13):
        server.proxy.arm(Fault("cut_response", at=at))
        with contextlib.suppress(CloudError):
            found = calls[name]()
            assert found == wanted, f"cut after {at} bytes"
            continue
        failed += 1
    server.proxy.clear()
    assert failed > 10
    assert blobs.stat("cut", deadline=Deadline(30)).sha256 == whole.sha256
