"""What our call costs over the bare SDK's: the same server, the same bytes, one after the other in turns.

Ours is the orchestrator's public `put` and `get` on a durable SQLite: spooled, hashed, journal asked, noted. Bare is
the SDK's own client with its defaults, which knows neither whether the bytes are those that were stored nor whose.
"""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.figures import Figure, Report
from benchmarks.lockstep.setup import folder, settings_in
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.database.migrate import migrate
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from tests.support.cloud.azurite import free_port

SIZES = {"4k": 4 * 1024, "1m": 1024 * 1024}
# More than any part of either remembers, in turns: what was just used is no cheaper.
_PATHS = 160
_LIMIT = 1.10


@dataclass(frozen=True)
class Side:
    """One way to store and to fetch an object by its path."""

    put: Callable[[str, bytes], object]
    get: Callable[[str], bytes]
    checked_put: Callable[[str, bytes], object] | None = (
        None  # with the SDK's own check of what arrives, where it is off
    )


def run(report: Report, *, quick: bool) -> None:
    """overhead_put_4k, overhead_get_4k, overhead_put_1m, overhead_get_1m: the worst of the clouds; then each alone.

    Azure's SDK sends no checksum unless it is asked to (boto3 does): beside it stands our put over its checked one."""
    found: dict[str, dict[str, tuple[float, float, float]]] = {}
    for name, opened in (("aws", aws_sides), ("azure", azure_sides), ("local", local_sides)):
        with folder() as path, contextlib.ExitStack() as stack:
            try:
                ours, bare = stack.enter_context(opened(path))
            except pytest.skip.Exception as error:
                Console().print(f"  without {name}: {error}")
                continue
            for size, length in SIZES.items():
                rounds = (60 if quick else 400) if size == "4k" else (25 if quick else 150)
                for call, measured in _measure(ours, bare, os.urandom(length), rounds).items():
                    found.setdefault(f"overhead_{call}_{size}", {})[name] = measured
    checked = {key: found.pop(key) for key in tuple(found) if "checked" in key}
    for key, by_provider in found.items():
        clouds = {name: measured for name, measured in by_provider.items() if name != "local"}
        words = "; ".join(
            f"{name} {one * 1000:.2f} ms, bare {other * 1000:.2f}" for name, (_, one, other) in clouds.items()
        )
        report.add(Figure(key, max(ratio for ratio, _, _ in clouds.values()), "×", _LIMIT, "lower", words))
    for key, by_provider in (found | checked).items():
        for name, (ratio, one, other) in by_provider.items():
            bare_words = "the store called directly" if name == "local" else "the bare SDK"
            bare_words += " with its own check of what arrives" if "checked" in key else ""
            words = f"ours {one * 1000:.2f} ms, {bare_words} {other * 1000:.2f} ms"
            report.add(Figure(f"{key}_{name}", ratio, "×", None, "lower", words))


def _measure(ours: Side, bare: Side, content: bytes, rounds: int) -> dict[str, tuple[float, float, float]]:
    """(median ratio, our median, bare median) by call."""
    calls: dict[str, tuple[Callable[[str], object], Callable[[str], object]]] = {
        "put": (lambda path: ours.put(path, content), lambda path: bare.put(path, content)),
        "get": (ours.get, bare.get),
    }
    if (checked_put := bare.checked_put) is not None:
        calls["put_checked"] = (calls["put"][0], lambda path: checked_put(path, content))
    stored: dict[str, None] = {}
    for number in range(8):
        path = f"bench/{len(content)}/{number}.bin"
        ours.put(path, content), bare.put(f"bare-{path}", content)
        assert ours.get(path) == bare.get(f"bare-{path}") == content
        stored[path] = None
    measured = {}
    for name, (our_call, bare_call) in calls.items():
        mine: list[float] = []
        control: list[float] = []
        for number in range(rounds):
            # Of those to fetch all are there: each was stored by the calls before.
            path = f"bench/{len(content)}/{number % (len(stored) if name == 'get' else _PATHS)}.bin"
            stored[path] = None
            turns = ((our_call, mine, path), (bare_call, control, f"bare-{path}"))
            for call, times, where in turns if number % 2 else reversed(turns):
                begin = time.perf_counter()
                call(where)
                times.append(time.perf_counter() - begin)
        ratio = statistics.median(one / other for one, other in zip(mine, control, strict=True))
        measured[name] = (round(ratio, 3), statistics.median(mine), statistics.median(control))
    return measured


@contextmanager
def _ours(path: Path, name: str, provider: Any) -> Iterator[Side]:
    database = Database(f"sqlite:///{path / 'intellicv.db'}")
    migrate(database)
    register = ProviderRegister(
        (load_cloud_settings(), settings_in(path), database), factories={name: lambda *_: provider}
    )
    orchestrator = CloudServicesOrchestrator(
        {"primary": name, "fallback": "local"}, settings=load_cloud_settings(), database=database, providers=register
    )
    try:
        yield Side(lambda path, content: orchestrator.put(content, path), lambda path: orchestrator.get(path).value)
    finally:
        orchestrator.recorder.close()
        database.dispose()


@contextmanager
def aws_sides(path: Path) -> Iterator[tuple[Side, Side]]:
    """boto3 and moto, which has a process of its own."""
    import boto3

    from tests.support.cloud.aws import BUCKET, KEY, KEY_ID, REGION, aws_settings, opened_provider

    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        url = f"http://127.0.0.1:{port}"
        client = boto3.client(
            "s3", region_name=REGION, endpoint_url=url, aws_access_key_id=KEY_ID, aws_secret_access_key=KEY
        )
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        bare = Side(
            lambda path, content: client.put_object(Bucket=BUCKET, Key=path, Body=content),
            lambda path: client.get_object(Bucket=BUCKET, Key=path)["Body"].read(),
        )
        settings = aws_settings(s3_bucket=BUCKET, endpoint_url=url)
        with opened_provider(settings) as provider, _ours(path, "aws", provider) as ours:
            yield ours, bare
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def azure_sides(path: Path) -> Iterator[tuple[Side, Side]]:
    """azure-storage-blob and Azurite."""
    from azure.storage.blob import BlobServiceClient

    from tests.support.cloud.azure import blob_settings, opened_provider
    from tests.support.cloud.azurite import running_azurite

    with running_azurite() as azurite:
        settings = blob_settings(azurite.connection_string())
        with (
            BlobServiceClient.from_connection_string(azurite.connection_string()) as service,
            opened_provider(settings) as provider,
            _ours(path, "azure", provider) as ours,
        ):
            container = service.get_container_client(settings.storage_container)
            container.create_container()
            bare = Side(
                lambda path, content: container.get_blob_client(path).upload_blob(content, overwrite=True),
                lambda path: container.get_blob_client(path).download_blob().readall(),
                lambda path, content: container.get_blob_client(path).upload_blob(
                    content, overwrite=True, validate_content=True
                ),
            )
            yield ours, bare


@contextmanager
def local_sides(path: Path) -> Iterator[tuple[Side, Side]]:
    """This machine's own store, durable, beside the same store called directly."""
    import hashlib
    import io

    from shared_backend.cloud.contract import Condition
    from shared_backend.cloud.deadline import Deadline
    from shared_backend.cloud.local.provider import LocalProvider
    from shared_backend.config.cloud_local import LocalSettings

    database = Database(f"sqlite:///{path / 'direct.db'}")
    migrate(database)
    provider = LocalProvider(settings_in(path), LocalSettings(), database)
    blobs = provider.offer(Capability.BLOBS)

    def put(path: str, content: bytes) -> None:
        blobs.put(
            path,
            io.BytesIO(content),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content_type="application/octet-stream",
            metadata={},
            condition=Condition(),
            deadline=Deadline(30),
        )

    def get(path: str) -> bytes:
        with blobs.open(path, deadline=Deadline(30)) as (_info, chunks):
            return b"".join(chunks)

    with _ours(path, "local", provider) as ours:
        yield ours, Side(put, get)
    database.dispose()


def _wait(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("moto did not listen within 60 s")
