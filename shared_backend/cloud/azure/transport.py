"""How the Azure SDKs reach Azure: one pool of connections whose sockets keep the deadline."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from shared_backend.cloud import wire
from shared_backend.cloud.contents import Digest
from shared_backend.cloud.dialling import POOL, pool_classes
from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.config.cloud_azure import AzureSettings

T = TypeVar("T")
# Bytes that are read of an answer at a time: a chunk of a blob in one piece need not be put together (1 ms a MiB). How
# long that may take is the sockets' to say.
_PIECE = 4 * 1024 * 1024
# Bytes that are hashed while the next ones are on their way.
_HASHED = 256 * 1024


class _Adapter(HTTPAdapter):
    def __init__(self, authorities: str | None) -> None:
        self._context = wire.tls_context(authorities)
        self._classes = pool_classes()
        super().__init__(
            pool_connections=16,
            pool_maxsize=POOL,
            max_retries=Retry(total=False, redirect=False, raise_on_status=False),
        )

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, blocksize=32768, **kwargs)
        self._dialling(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, blocksize=32768, **kwargs)
        self._dialling(manager)
        return manager

    def _dialling(self, manager: Any) -> None:
        manager.pool_classes_by_scheme = dict(self._classes)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the context verifies, and loads its authorities once instead of for each connection."""


class _Body:
    """An answer's body. One that is cut off ends in CloudUnavailable: the storage SDK takes what urllib3 raises for
    something to try again twice, asleep for a second each time, whatever its retries are set to.

    If `hashing`, it is hashed as it arrives, in the time in which there is nothing to do but wait: `first` is the first
    piece that was handed out, and its SHA-256, until somebody takes it.
    """

    def __init__(self, stream: Callable[..., Iterator[bytes]], *, hashing: bool) -> None:
        self._stream: Callable[..., Iterator[bytes]] | None = stream
        self._hashing = hashing
        self.first: tuple[bytes, Digest] | None = None

    def stream(self, amt: int, *args: Any, **kwargs: Any) -> Iterator[bytes]:
        """As urllib3's: pieces of `amt` bytes, and what is left. Once."""
        # The answer has this body, and this its stream: let go, or only the collector would free them both.
        stream, self._stream = self._stream, None
        assert stream is not None
        try:
            if self._hashing:
                yield from self._hashed(stream, amt, *args, **kwargs)
            else:
                yield from stream(amt, *args, **kwargs)
        except (HTTPError, OSError) as error:
            raise CloudUnavailable("The connection to Azure broke off in the middle of an answer.") from error

    def _hashed(self, stream: Callable[..., Iterator[bytes]], amt: int, *args: Any, **kwargs: Any) -> Iterator[bytes]:
        pieces, size, digest = list[bytes](), 0, hashlib.sha256()
        for piece in stream(min(amt, _HASHED), *args, **kwargs):
            pieces.append(piece)
            size += len(piece)
            if self._hashing:
                digest.update(piece)
            if size >= amt:
                yield self._whole(pieces, digest)
                pieces, size = [], 0
        if pieces:
            yield self._whole(pieces, digest)

    def _whole(self, pieces: list[bytes], digest: Digest) -> bytes:
        whole = b"".join(pieces)
        if self._hashing:
            self.first, self._hashing = (whole, digest), False
        return whole


class _Session(requests.Session):
    """Sends what the SDKs have made ready as it is. To make it ready once more, and look for cookies, redirects and
    credentials that are switched off, takes requests 0.3 ms a call."""

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        """As requests has it, for bytes or no body at all; anything else goes its way there."""
        body = options.get("data")
        if args or options.get("files") or not (body is None or isinstance(body, bytes)):
            return super().request(method, url, *args, **options)
        request = requests.PreparedRequest()
        request.method, request.url, request.body = method, url, body or None
        request.headers = CaseInsensitiveDict({**self.headers, **options["headers"]})
        request.prepare_content_length(request.body)
        response = self.get_adapter(url).send(
            request,
            stream=options.get("stream", False),
            timeout=options["timeout"],
            verify=options["verify"],
            cert=options["cert"],
            proxies=options.get("proxies") or self.proxies,
        )
        if not options.get("stream"):
            _ = response.content  # which gives the connection back
        return response


class AzureTransport(RequestsTransport):
    """The SDKs' transport. Neither retries, follows redirects, nor reads the environment for proxies."""

    def __init__(self, settings: AzureSettings) -> None:
        # The SDKs' logs have addresses in them, and these have the names of people's files.
        quiet("azure")
        self._thread = threading.local()
        session = _Session()
        session.trust_env = False
        adapter = _Adapter(str(settings.ca_file) if settings.ca_file else None)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        if settings.proxy:
            session.proxies = {"http": settings.proxy, "https": settings.proxy}
        super().__init__(
            session=session,
            session_owner=False,
            use_env_settings=False,
            connection_timeout=settings.connect_timeout_s,
            read_timeout=settings.read_timeout_s,
            connection_data_block_size=_PIECE,
        )

    def send(self, request: Any, *, proxies: Any = None, **kwargs: Any) -> Any:
        """Sends it on this thread, within the thread's deadline."""
        # The storage SDK sets its own waits of 20 and 60 s on each call: ours hold.
        kwargs.pop("connection_timeout", None)
        kwargs.pop("read_timeout", None)
        kwargs["connection_verify"] = True
        response = super().send(request, proxies=proxies, **kwargs)
        raw: Any = response.internal_response.raw
        if kwargs.get("stream") and hasattr(raw, "stream"):
            hashing = getattr(self._thread, "hashing", False)
            body = _Body(raw.stream, hashing=hashing)
            raw.stream = body.stream
            self._thread.stream = raw
            if hashing:
                self._thread.body = body
        return response

    def hashing(self, call: Callable[[], T]) -> tuple[T, tuple[bytes, Digest] | None]:
        """What a call gives that receives a blob's beginning, with the first piece of that and its SHA-256."""
        self._thread.hashing, self._thread.body = True, None
        try:
            value = call()
            body: _Body | None = self._thread.body
            if body is None:
                return value, None
            first, body.first = body.first, None
            return value, first
        finally:
            self._thread.hashing, self._thread.body = False, None

    @contextlib.contextmanager
    def closing_streams(self) -> Iterator[None]:
        """Closes what this thread was receiving when an error ends it: an SDK that can't read an answer's head leaves
        its connection open."""
        self._thread.stream = None
        try:
            yield
        except BaseException:
            if self._thread.stream is not None:
                self._thread.stream.close()
            raise
        finally:
            self._thread.stream = None

    def dispose(self) -> None:
        """Closes the connections. The SDKs' own clients leave them open for the others."""
        self.session.close()


def quiet(logger: str) -> None:
    """Keeps a library's chatter out of the logs, unless somebody has set its level."""
    found = logging.getLogger(logger)
    if found.level == logging.NOTSET:
        found.setLevel(logging.WARNING)


def client_options(transport: AzureTransport) -> dict[str, Any]:
    """What every client of the SDKs is made with: our transport, and no retries of their own."""
    off = {"retry_total": 0, "retry_connect": 0, "retry_read": 0, "retry_status": 0, "permit_redirects": False}
    return {"transport": transport, **off}
