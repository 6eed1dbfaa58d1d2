"""Whether a call is back by its deadline, whatever is done to the wire: every fault kind, through the real SDKs."""

from __future__ import annotations

import contextlib
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.cloud.setup import SERVERS, server, template
from benchmarks.cloud.torture.wire import SCHEDULES_BUCKET, Server
from benchmarks.figures import Figure, Report, percentile
from benchmarks.lockstep.setup import folder
from shared_backend.cloud.blob_service import BlobService
from shared_backend.cloud.breaker import Breaker
from shared_backend.cloud.calls import Caller
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudError
from shared_backend.cloud.local.blobs import LocalBlobs
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.database.engine import Database
from tests.support.cloud.proxy import Fault

DEADLINE_S = 1.0
_KINDS = ("cut_request", "cut_response", "drop_ack", "flip_request", "flip_response", "black_hole", "drip", "wrong_tls")
_STATUSES = (401, 403, 404, 409, 412, 429, 500, 503)
_CONTENT = b"some bytes " * 40
# How long the control is watched.
_WATCHED_S = 4.0


class _Offer:
    def __init__(self, name: str, blobs: Any) -> None:
        self.name = name
        self._blobs = blobs

    def offer(self, _capability: Capability) -> Any:
        return self._blobs


def run(report: Report, *, quick: bool) -> None:
    """deadline_overrun_p99: returned ÷ deadline over all fault kinds, calls and servers."""
    ratios: dict[str, list[float]] = {}
    control = ""
    with folder() as path:
        made = template(path)
        for name in SERVERS:
            with server(name, path) as running:
                if running is None:
                    continue
                # One each: who has served is kept in it.
                database = Database(f"sqlite:///{shutil.copyfile(made, path / f'{name}.db')}", synchronous="OFF")
                for kind, ratio in _measure(running, database, path, rounds=1 if quick else 4):
                    ratios.setdefault(f"{name} {kind}", []).append(ratio)
                database.dispose()
                if name == "aws":
                    control = _bare_under_drip(running)
    everything = [ratio for found in ratios.values() for ratio in found]
    worst = max(ratios, key=lambda kind: max(ratios[kind]))
    beside = f"{len(everything)} calls of {DEADLINE_S:g} s, worst {max(everything):.3f} ({worst}); {control}"
    report.add(Figure("deadline_overrun_p99", round(percentile(everything, 0.99), 3), "×", 1.1, "lower", beside))


def _measure(running: Server, database: Database, path: Path, rounds: int) -> Iterator[tuple[str, float]]:
    local = LocalBlobs(path / running.name, base_url="http://127.0.0.1", secret_key="x" * 40, durable=False)
    primary = _Offer(running.name, running.provider.offer(Capability.BLOBS))
    register = ProviderRegister(
        factories={running.name: lambda: primary, "local": lambda: _Offer("local", local)}  # type: ignore[dict-item, return-value]
    )
    chance = random.Random(11)

    def service() -> BlobService:
        # A breaker of its own for each call: an open one would answer at once.
        return BlobService(Caller(register, breaker=lambda: Breaker(threshold=10**9)), database)

    alone, both = (running.name, None), (running.name, "local")
    running.write("deadline", _CONTENT)
    calls: dict[str, Callable[[str], object]] = {
        "get": lambda _: service().get(alone, "deadline", deadline=Deadline(DEADLINE_S)),
        "stat": lambda _: service().stat(alone, "deadline", deadline=Deadline(DEADLINE_S)),
        "put": lambda to: service().put(alone, to, _CONTENT, deadline=Deadline(DEADLINE_S)),
        "put with failover": lambda to: service().put(both, to, _CONTENT, deadline=Deadline(DEADLINE_S)),
    }
    calls["get"]("")
    for number in range(rounds):
        for name, call in calls.items():
            for kind in (*_KINDS, *map(str, _STATUSES), "dead_port"):
                if kind == "wrong_tls" and not running.tls:
                    continue
                _break(running, kind, chance)
                begin = time.monotonic()
                with contextlib.suppress(CloudError):
                    call(f"{number}-{name.replace(' ', '-')}-{kind}")
                elapsed = time.monotonic() - begin
                running.proxy.clear()
                if kind == "dead_port":
                    running.proxy.up()
                yield f"{name}, {kind}", elapsed / DEADLINE_S


def _break(running: Server, kind: str, chance: random.Random) -> None:
    proxy = running.proxy
    if kind == "dead_port":
        proxy.down()
    elif kind.isdigit():
        proxy.arm(Fault("status", status=int(kind), headers={"Retry-After": "3600"}), times=0)
    else:
        proxy.arm(Fault(kind, at=chance.randrange(300)), times=0)  # type: ignore[arg-type]


def _bare_under_drip(running: Server) -> str:
    """boto3 told to wait 1 s at most, on a server that drips: watched for a while, then left."""
    import boto3
    from botocore.config import Config

    from tests.support.cloud.aws import KEY, KEY_ID, REGION
    from tests.support.cloud.proxy import FaultProxy

    done = threading.Event()
    with FaultProxy(running.proxy._find("any")) as proxy:
        client = boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=proxy.url,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=KEY,
            config=Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1}),
        )
        proxy.arm(Fault("drip"), times=0)

        def get() -> None:
            try:
                client.get_object(Bucket=SCHEDULES_BUCKET, Key="deadline")["Body"].read()
            except Exception:  # The control may end as it likes: only when is asked.
                return
            finally:
                done.set()

        begin = time.monotonic()
        threading.Thread(target=get, daemon=True).start()
        late = not done.wait(_WATCHED_S)
        elapsed = time.monotonic() - begin
    return (
        f"bare boto3 with timeouts of 1 s under drip: {'still waiting after' if late else 'back after'} {elapsed:.1f} s"
    )
