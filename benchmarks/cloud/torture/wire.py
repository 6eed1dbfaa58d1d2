"""The same schedules through the real SDKs, to a server of this machine, over a wire that breaks."""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.cloud.torture.bucket import Change, flipped
from benchmarks.cloud.torture.mortal import Mortal
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.deadline import Deadline
from tests.support.cloud.proxy import STATUSES, Fault, FaultProxy, Request

# How long a call may take in all: long enough for a busy machine, short for the many that meet a black hole. Seconds.
DEADLINE_S = 2.0
SCHEDULES_BUCKET = "intellicv-schedules"
_KINDS = ("cut_request", "cut_response", "drop_ack", "flip_request", "flip_response", "status", "black_hole", "drip")


class _Ticking:
    """A provider's blobs in a process that may be killed before or after each call."""

    def __init__(self, blobs: Any, life: Mortal) -> None:
        self._blobs = blobs
        self._life = life
        self.provider = blobs.provider

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._blobs, name)

        def ticking(*args: Any, **kwargs: Any) -> Any:
            self._life.tick()
            answer = call(*args, **kwargs)
            self._life.tick()
            return answer

        return ticking


class _Offering:
    name = "primary"

    def __init__(self, blobs: _Ticking) -> None:
        self._blobs = blobs

    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.BLOBS})

    def offer(self, capability: Capability) -> Any:
        return self._blobs


class Server:
    """What stands behind the proxy: `objects` reads it directly, `write` is somebody else's."""

    def __init__(
        self,
        name: str,
        proxy: FaultProxy,
        provider: Any,
        objects: Callable[[], dict[str, bytes]],
        write: Callable[[str, bytes | None], None],
        flip: Callable[[str], None] | None,
        *,
        tls: bool,
    ) -> None:
        self.name = name
        self.proxy = proxy
        self.provider = provider
        self.objects = objects
        self.write = write
        # Flips a bit where it lies.
        self.flip = flip
        self.tls = tls


class WirePrimary:
    """A `Primary` on a server. Each schedule begins with it empty."""

    def __init__(self, server: Server, chance: random.Random) -> None:
        self._server = server
        self._chance = chance
        self._weather = 0.0
        self._away = ""
        self._context = ""
        self._flipped: dict[str, bytes] = {}
        self.met: list[str] = []
        server.proxy.clear()
        for path in server.objects():
            server.write(path, None)
        self._seen: dict[str, bytes] = {}

    def provider(self, life: Mortal) -> Any:
        return _Offering(_Ticking(self._server.provider.offer(Capability.BLOBS), life))

    def weather(self, chance: float) -> None:
        self._weather = chance
        self._away = self._chance.choice(("dead_port", "dead_port", "status", "black_hole")) if chance == 1.0 else ""

    def begin(self, context: str) -> None:
        self._context = context
        self.met.clear()
        proxy = self._server.proxy
        if self._away == "dead_port":
            proxy.down()
            self.met.append("dead_port")
        elif self._away:
            proxy.arm(Fault(self._away, status=503), times=0)  # type: ignore[arg-type]
            self.met.append(self._away)
        elif self._chance.random() < self._weather * 1.5:
            self._arm()

    def _arm(self) -> None:
        """One fault, at the first, second or third exchange of the step that it can befall."""
        kinds = (*_KINDS, "wrong_tls") if self._server.tls else _KINDS
        kind, status = self._chance.choice(kinds), self._chance.choice(STATUSES)
        headers = {"Retry-After": "3600"} if status == 429 else {}
        at = self._chance.randrange(400)
        skip = self._chance.choice((0, 0, 1, 2))
        wanted: Callable[[Request], bool] = lambda _request: True  # noqa: E731
        if kind == "flip_response":
            # Under TLS no flipped byte arrives; what is checked end to end is what an object has in it.
            wanted, at = _gets_object, -2 - at % 8
        elif kind == "flip_request":
            wanted = _puts_object

        def match(request: Request) -> bool:
            nonlocal skip
            if not wanted(request):
                return False
            skip -= 1
            return skip < 0

        self._server.proxy.arm(Fault(kind, at=at, status=status, headers=headers), match=match)  # type: ignore[arg-type]
        self.met.append(str(status) if kind == "status" else kind)

    def end(self) -> list[Change]:
        self._server.proxy.clear()
        if self._away == "dead_port":
            self._server.proxy.up()
        return self._changes("us", self._context)

    def by_other(self, path: str, content: bytes | None) -> list[Change]:
        self._server.write(path, content)
        return self._changes("other", "")

    def objects(self) -> dict[str, bytes]:
        now = self._server.objects()
        for path, damaged in list(self._flipped.items()):
            if now.get(path) == damaged:
                now[path] = flipped(damaged, len(damaged) // 2)
            else:
                del self._flipped[path]
        return now

    def flip(self, path: str) -> None:
        if self._server.flip is None:
            return
        if path not in self.objects():
            return
        self._server.flip(path)
        if self._flipped.pop(path, None) is None:
            self._flipped[path] = self._server.objects()[path]

    def mend(self) -> None:
        self.objects()
        for path in list(self._flipped):
            self.flip(path)

    def _changes(self, by: str, context: str) -> list[Change]:
        before, after = self._seen, self.objects()
        self._seen = after
        # What is kept beside comes first: it is judged by who had written last before it.
        paths = sorted({*before, *after}, key=lambda path: (".conflict-" not in path, path))
        return [
            Change(by, context, path, before.get(path), after.get(path))
            for path in paths
            if before.get(path) != after.get(path)
        ]


def _gets_object(request: Request) -> bool:
    return request.method == "GET" and "list-type" not in request.target and "comp=" not in request.target


def _puts_object(request: Request) -> bool:
    return request.method == "PUT" and bool(request.body)


@contextmanager
def moto_server(folder: Path) -> Iterator[Server]:
    """boto3 over TLS and a proxy to moto, which is stricter than it is by itself."""
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer
    from moto.s3.models import s3_backends

    from tests.support.cloud.aws import Moto, StrictS3, aws_settings, opened_provider

    def objects() -> dict[str, bytes]:
        buckets = s3_backends["123456789012"]["aws"].buckets
        return (
            {path: bytes(key.value) for path, key in buckets[SCHEDULES_BUCKET].keys.items()}
            if SCHEDULES_BUCKET in buckets
            else {}
        )

    with contextlib.ExitStack() as stack:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        stack.callback(server.stop)
        moto = Moto(server.get_host_and_port()[1])
        proxy = stack.enter_context(FaultProxy())
        proxy.route("*", StrictS3(moto))
        settings = aws_settings(
            s3_bucket=SCHEDULES_BUCKET,
            endpoint_url="https://s3.eu-central-1.amazonaws.com",
            proxy=proxy.url,
            ca_file=proxy.write_authority(folder),
        )
        provider = stack.enter_context(opened_provider(settings))
        direct = stack.enter_context(opened_provider(aws_settings(s3_bucket=SCHEDULES_BUCKET, endpoint_url=moto.url)))
        client = direct.client("s3")
        # All servers of moto's in a process have one memory, so what is ours has a name of its own.
        with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
            client.create_bucket(
                Bucket=SCHEDULES_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )

        def write(path: str, content: bytes | None) -> None:
            if content is None:
                client.delete_object(Bucket=SCHEDULES_BUCKET, Key=path)
            else:
                client.put_object(Bucket=SCHEDULES_BUCKET, Key=path, Body=content)

        yield Server(
            "aws", proxy, provider, objects, write, lambda path: moto.flip_byte(path, SCHEDULES_BUCKET), tls=True
        )


@contextmanager
def azurite_server(_folder: Path) -> Iterator[Server]:
    """azure-storage-blob through a proxy to Azurite."""
    from azure.core.exceptions import ResourceNotFoundError
    from azure.storage.blob import BlobServiceClient

    from tests.support.cloud.azure import blob_settings, opened_provider
    from tests.support.cloud.azurite import running_azurite

    with contextlib.ExitStack() as stack:
        azurite = stack.enter_context(running_azurite())
        proxy = stack.enter_context(FaultProxy(("127.0.0.1", azurite.port)))
        settings = blob_settings(azurite.connection_string(proxy.port))
        provider = stack.enter_context(opened_provider(settings))
        service = stack.enter_context(BlobServiceClient.from_connection_string(azurite.connection_string()))
        container = service.get_container_client(settings.storage_container)
        container.create_container()
        container.get_container_properties()
        provider.offer(Capability.BLOBS).list("", after=None, limit=1, deadline=Deadline(30))

        def objects() -> dict[str, bytes]:
            return {item.name: container.download_blob(item.name).readall() for item in container.list_blobs()}

        def write(path: str, content: bytes | None) -> None:
            if content is not None:
                container.upload_blob(path, content, overwrite=True)
                return
            with contextlib.suppress(ResourceNotFoundError):
                container.delete_blob(path)

        yield Server("azure", proxy, provider, objects, write, None, tls=False)
