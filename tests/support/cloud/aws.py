"""AWS for the contract suite: the real SDK against moto's server, and against doubles at Amazon's own addresses."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from shared_backend.cloud.contract import Capability
from tests.support.cloud.case import ALL, Case, Opened

if TYPE_CHECKING:
    from shared_backend.cloud.aws.provider import AwsProvider
    from shared_backend.config.cloud_aws import AwsSettings
    from tests.support.cloud.proxy import FaultProxy, Request, Response

REGION = "eu-central-1"
BUCKET = "intellicv-tests"
KEY_ID, KEY = "AKIATESTTESTTESTTEST", "the-access-key's-secret"
NAMESPACE = "IntelliCV"
_ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Moto:
    """A running server of moto's, in this process."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def flip_byte(self, path: str, bucket: str = BUCKET) -> None:
        """Changes one bit of a blob where moto keeps it; its checksums stay."""
        from moto.s3.models import s3_backends

        key = s3_backends[_ACCOUNT]["aws"].buckets[bucket].keys[path]
        buffer = key._value_buffer
        buffer.seek(key.contentsize // 2)
        byte = buffer.read(1)[0]
        buffer.seek(key.contentsize // 2)
        buffer.write(bytes([byte ^ 1]))


class StrictS3:
    """Moto for a `FaultProxy`, with what S3 checks and moto does not: a body's checksum, and If-Match for parts."""

    def __init__(self, moto: Moto) -> None:
        self._moto = moto

    def __call__(self, request: Request) -> Response:
        from tests.support.cloud.proxy import Response

        wanted = request.headers.get("x-amz-checksum-sha256")
        found = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
        if wanted and request.method == "PUT" and wanted != found:
            return Response(400, b"<Error><Code>BadDigest</Code></Error>", {"Content-Type": "application/xml"})
        match = request.headers.get("if-match")
        if match and request.method == "POST" and match.strip('"') != self._etag(request):
            return Response(412, b"<Error><Code>PreconditionFailed</Code></Error>", {"Content-Type": "application/xml"})
        return self._forwarded(request)

    def _etag(self, request: Request) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._moto.port, timeout=30)
        with contextlib.closing(connection):
            signed = {"Authorization": request.headers.get("authorization", "")}
            connection.request("HEAD", request.target.partition("?")[0], headers=signed)
            return (connection.getresponse().headers.get("ETag") or "").strip('"')

    def _forwarded(self, request: Request) -> Response:
        from tests.support.cloud.proxy import Response

        connection = http.client.HTTPConnection("127.0.0.1", self._moto.port, timeout=30)
        with contextlib.closing(connection):
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name not in ("expect", "connection", "transfer-encoding", "content-length"):
                    connection.putheader(name, value)
            connection.putheader("content-length", str(len(request.body)))
            connection.endheaders(request.body)
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() != "connection"}
            headers = {("Content-Type" if n.lower() == "content-type" else n): v for n, v in headers.items()}
            body = answer.read()
            length = headers.pop("Content-Length", None) or headers.pop("content-length", None)
            return Response(answer.status, body, {**headers, "Content-Length": length or str(len(body))})


@contextmanager
def running_moto() -> Iterator[Moto]:
    """A server of one's own, on a free port; what it keeps is forgotten at the end."""
    import logging

    from moto.core.model_instances import reset_model_data
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        yield Moto(server.get_host_and_port()[1])
    finally:
        server.stop()
        reset_model_data()


def aws_settings(**given: Any) -> AwsSettings:
    """Settings with a key, from what is given alone."""
    from shared_backend.config.cloud_aws import AwsSettings

    settings: dict[str, Any] = {"region": REGION, "access_key_id": KEY_ID, "secret_access_key": KEY}
    return AwsSettings(_env_file=None, **{**settings, **given})


def moto_settings(moto: Moto, **given: Any) -> AwsSettings:
    """Settings for what moto has."""
    settings = {"endpoint_url": moto.url, "s3_bucket": BUCKET, "cloudwatch_namespace": NAMESPACE}
    return aws_settings(**{**settings, **given})


@contextmanager
def opened_provider(settings: AwsSettings) -> Iterator[AwsProvider]:
    """The provider, closed in the end."""
    from shared_backend.cloud.aws.provider import AwsProvider

    provider = AwsProvider(settings)
    try:
        yield provider
    finally:
        provider.close()


def follow(link: str) -> bytes:
    """What anybody gets from a link. Moto looks at no signature, so it is looked at here as S3 would."""
    if not _is_signed(link):
        raise PermissionError("SignatureDoesNotMatch")
    try:
        with urllib.request.urlopen(link, timeout=10) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        error.close()
        raise PermissionError(str(error)) from error


def _is_signed(link: str) -> bool:
    """Whether Signature Version 4, in an address, is ours and has not passed."""
    parts = urlsplit(link)
    query = dict(parse_qsl(parts.query))
    signature = query.pop("X-Amz-Signature", "")
    asked = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in sorted(query.items()))
    path = quote(unquote(parts.path), safe="/-_.~")
    request = f"GET\n{path}\n{asked}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    stamp, scope = query["X-Amz-Date"], query["X-Amz-Credential"].partition("/")[2]
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{KEY}".encode()
    for step in (*scope.split("/"), text):
        key = hmac.digest(key, step.encode(), "sha256")
    begun = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    in_time = datetime.now(UTC) < begun + timedelta(seconds=int(query["X-Amz-Expires"]))
    return in_time and hmac.compare_digest(signature, key.hex())


@contextmanager
def aws_doubles(**given: Any) -> Iterator[FaultProxy]:
    """A proxy behind which Amazon's addresses answer; `given` is for the double of Bedrock."""
    from tests.support.cloud.doubles_bedrock import BedrockDouble
    from tests.support.cloud.doubles_comprehend import ComprehendDouble
    from tests.support.cloud.proxy import FaultProxy

    with FaultProxy() as proxy:
        proxy.route("comprehend.*.amazonaws.com", ComprehendDouble())
        proxy.route("bedrock-runtime.*.amazonaws.com", BedrockDouble(**given))
        yield proxy


def double_settings(proxy: FaultProxy, folder: Path, **given: Any) -> AwsSettings:
    """Settings for what the doubles have, through that proxy."""
    from tests.support.cloud import doubles_bedrock

    settings = {
        "bedrock_model": doubles_bedrock.CHAT,
        "bedrock_embedding_model": doubles_bedrock.TITAN,
        "bedrock_embedding_dimension": 256,
        "proxy": proxy.url,
        "ca_file": proxy.write_authority(folder),
    }
    return aws_settings(**{**settings, **given})


def monitored(provider: AwsProvider, start: str) -> set[str]:
    """The names of metrics, events and traces in moto that begin so."""
    metrics = provider.client("cloudwatch").list_metrics(Namespace=NAMESPACE)["Metrics"]
    lines = provider.client("logs").filter_log_events(logGroupName="/intellicv", limit=10_000)["events"]
    said = [json.loads(line["message"]) for line in lines]
    names = [metric["MetricName"] for metric in metrics] + [line.get("event") or line["trace"] for line in said]
    return {name for name in names if name.startswith(start)}


@contextmanager
def _open_moto(folder: Path) -> Iterator[Opened]:
    with running_moto() as moto, opened_provider(moto_settings(moto)) as provider:
        yield Opened(
            provider, flip_byte=moto.flip_byte, follow=follow, monitored=lambda start: monitored(provider, start)
        )


@contextmanager
def _open_doubles(folder: Path) -> Iterator[Opened]:
    with aws_doubles() as proxy, opened_provider(double_settings(proxy, folder)) as provider:
        yield Opened(provider)


@contextmanager
def _open_cohere(folder: Path) -> Iterator[Opened]:
    from tests.support.cloud import doubles_bedrock as bedrock

    given = {"bedrock_embedding_model": bedrock.COHERE, "bedrock_embedding_dimension": bedrock.COHERE_DIMENSION}
    with aws_doubles() as proxy, opened_provider(double_settings(proxy, folder, **given)) as provider:
        yield Opened(provider)


_MOTO = frozenset({Capability.BLOBS, Capability.SECRETS, Capability.MONITORING})

CASES = (
    Case("aws", _MOTO, _open_moto),
    Case("aws/doubles", ALL - _MOTO, _open_doubles),
    Case("aws/cohere", frozenset({Capability.EMBEDDINGS}), _open_cohere),
)
