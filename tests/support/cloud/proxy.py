"""A proxy on this machine that stands before a cloud, or in its place, and breaks what it is told to break.

Clients reach it in one of two ways. As their HTTP proxy: then they keep their real addresses, `CONNECT` ends here with
a certificate of the proxy's own authority (`proxy.authority`), and the host's route answers: a double (a function), or
a server on this machine. Or directly: then the one `upstream` answers. It speaks HTTP/1.1, whole messages at a time.

Faults are armed for the next exchanges: `proxy.arm(Fault("cut_response", at=100))`. The same faults in the same order
break the same bytes; `Fault.drawn(random.Random(seed), …)` draws one.
"""

from __future__ import annotations

import contextlib
import fnmatch
import random
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import trustme

Kind = Literal[
    "cut_request",
    "cut_response",
    "drop_ack",
    "flip_request",
    "flip_response",
    "status",
    "black_hole",
    "drip",
    "wrong_tls",
]
KINDS: tuple[Kind, ...] = (
    "cut_request",
    "cut_response",
    "drop_ack",
    "flip_request",
    "flip_response",
    "status",
    "black_hole",
    "drip",
    "wrong_tls",
)
STATUSES = (401, 403, 404, 409, 412, 429, 500, 502, 503, 504)
_DRIP_S = 0.2


@dataclass(frozen=True)
class Request:
    """What a client sent. Names of headers are in lower case; `path` is decoded, `target` is as it was sent."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    raw: bytes = field(repr=False, default=b"")

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, str]:
        return {
            key: values[0] for key, values in parse_qs(self.target.partition("?")[2], keep_blank_values=True).items()
        }


@dataclass(frozen=True)
class Response:
    """What a double answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        given = {"Content-Type": "application/json", "Content-Length": str(len(self.body)), **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        return f"HTTP/1.1 {self.status} Status\r\n{lines}\r\n".encode() + self.body


Double = Callable[[Request], Response]
Upstream = Double | tuple[str, int]


@dataclass(frozen=True)
class Fault:
    """One way to break an exchange. `at`: which byte of the request or the response, from its very first."""

    kind: Kind
    at: int = 0
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def drawn(source: random.Random, size: int, kinds: tuple[Kind, ...] = KINDS) -> Fault:
        """One at random, with a byte among the first `size`."""
        kind, status = source.choice(kinds), source.choice(STATUSES)
        headers = {"Retry-After": "3600"} if status in (429, 503) else {}
        return Fault(kind, at=source.randrange(max(1, size)), status=status, headers=headers)


@dataclass
class _Armed:
    fault: Fault
    left: int
    match: Callable[[Request], bool]


class FaultProxy:
    """See the module. Use it as a context; it listens on 127.0.0.1."""

    def __init__(self, upstream: Upstream | None = None) -> None:
        self.authority = trustme.CA()
        self._impostor = trustme.CA()
        self._upstream = upstream
        self._routes: list[tuple[str, Upstream]] = []
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()
        self._contexts: dict[tuple[str, bool], ssl.SSLContext] = {}
        self._open: set[socket.socket] = set()
        self._server: socketserver.ThreadingTCPServer | None = None
        self._ended = threading.Event()
        self.port = 0
        # What was asked, oldest first.
        self.seen: list[Request] = []

    def __enter__(self) -> FaultProxy:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.down()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write_authority(self, folder: Path) -> Path:
        """The authority's certificate as a PEM file in that folder, for clients to trust."""
        path = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(str(path))
        return path

    def route(self, host: str, upstream: Upstream) -> None:
        """Who answers for hosts like that (`*.vault.azure.net`)."""
        self._routes.append((host, upstream))

    def arm(self, fault: Fault, *, times: int = 1, match: Callable[[Request], bool] = lambda _: True) -> None:
        """Breaks the next `times` exchanges that match (0: all, until `clear`). A TLS fault breaks any connection."""
        with self._lock:
            self._armed.append(_Armed(fault, times or -1, match))
        if fault.kind == "wrong_tls":
            self._hang_up()

    def clear(self) -> None:
        """Nothing is broken any more."""
        with self._lock:
            self._armed.clear()

    def down(self) -> None:
        """The port is dead and every connection cut."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self._hang_up()

    def up(self) -> None:
        """Listens, on the same port as before."""
        handle = self._connection

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True
            request_queue_size = 256

            def finish_request(self, request: Any, client_address: Any) -> None:
                handle(request)

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that went away is what we are here for."""

        self._server = Server(("127.0.0.1", self.port), socketserver.BaseRequestHandler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True, name="fault-proxy").start()

    def _hang_up(self) -> None:
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # One connection

    def _connection(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open.add(connection)
        try:
            with contextlib.suppress(OSError, ssl.SSLError, _Cut):
                self._serve(connection, "")
        finally:
            with self._lock:
                self._open.discard(connection)
            with contextlib.suppress(OSError):
                connection.close()

    def _serve(self, connection: socket.socket, host: str) -> None:
        reader = connection.makefile("rb")
        while (request := _read_request(reader, connection, host)) is not None:
            if request.method == "CONNECT":
                connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                name = request.target.rpartition(":")[0]
                with self._tls(name).wrap_socket(connection, server_side=True) as secured, self._kept(secured):
                    self._serve(secured, name)
                return
            self.seen.append(request)
            self._exchange(connection, request)

    @contextlib.contextmanager
    def _kept(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)

    def _tls(self, host: str) -> ssl.SSLContext:
        wrong = self._take(lambda armed: armed.fault.kind == "wrong_tls") is not None
        with self._lock:
            context = self._contexts.get((host, wrong))
            if context is None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                (self._impostor if wrong else self.authority).issue_cert(host).configure_cert(context)
                self._contexts[host, wrong] = context
        return context

    def _take(self, wanted: Callable[[_Armed], bool]) -> Fault | None:
        with self._lock:
            for armed in self._armed:
                if wanted(armed):
                    armed.left -= 1
                    if armed.left == 0:
                        self._armed.remove(armed)
                    return armed.fault
        return None

    def _exchange(self, connection: socket.socket, request: Request) -> None:
        fault = self._take(lambda armed: armed.fault.kind != "wrong_tls" and armed.match(request))
        kind = fault.kind if fault else None
        if fault is None:
            connection.sendall(self._answer(request))
        elif kind == "status":
            connection.sendall(Response(fault.status, b"", fault.headers).encode())
        elif kind == "black_hole":
            self._ended.wait()
        elif kind == "drop_ack":
            self._answer(request)
            raise _Cut
        elif kind == "cut_request":
            self._cut_request(request, fault.at)
        elif kind == "flip_request":
            connection.sendall(self._answer(_flipped_request(request, fault.at)))
        elif kind == "flip_response":
            connection.sendall(_flipped(self._answer(request), fault.at))
        elif kind == "cut_response":
            answer = self._answer(request)
            connection.sendall(answer[: min(fault.at, len(answer) - 1)])
            raise _Cut
        elif kind == "drip":
            for byte in self._answer(request):
                connection.sendall(bytes([byte]))
                if self._ended.wait(_DRIP_S):
                    raise _Cut

    def _find(self, host: str) -> Upstream:
        for pattern, upstream in self._routes:
            if fnmatch.fnmatchcase(host, pattern):
                return upstream
        if self._upstream is None:
            return lambda request: Response(502, f"no route to {request.host}".encode())
        return self._upstream

    def _answer(self, request: Request) -> bytes:
        upstream = self._find(request.host)
        if callable(upstream):
            answer = upstream(request).encode()
            head, _, _ = answer.partition(b"\r\n\r\n")
            return head + b"\r\n\r\n" if request.method == "HEAD" else answer
        with socket.create_connection(upstream, 30) as forward:
            forward.sendall(request.raw)
            forward.settimeout(60)
            parts = []
            while part := forward.recv(1 << 18):
                parts.append(part)
        return _kept_alive(b"".join(parts))

    def _cut_request(self, request: Request, at: int) -> None:
        upstream = self._find(request.host)
        if not callable(upstream):
            with socket.create_connection(upstream, 30) as forward:
                forward.sendall(request.raw[: min(at, len(request.raw) - 1)])
        raise _Cut


class _Cut(Exception):
    """This connection ends here."""


def _read_request(reader: Any, connection: socket.socket, host: str) -> Request | None:
    line = reader.readline()
    if not line.strip():
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    kept: list[bytes] = []
    while (header := reader.readline()).strip():
        name, _, value = header.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
        if name.strip().lower() not in ("expect", "connection", "proxy-connection", "transfer-encoding"):
            kept.append(header)
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    chunked = "chunked" in headers.get("transfer-encoding", "")
    body = _read_chunks(reader) if chunked else reader.read(int(headers.get("content-length", 0)))
    if chunked:
        kept.append(b"Content-Length: %d\r\n" % len(body))
    if "://" in target.partition("?")[0]:  # The absolute form, which clients use towards a proxy without TLS.
        parts = urlsplit(target)
        host, target = parts.hostname or "", target.split(parts.netloc, 1)[1] or "/"
    host = host or headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    raw = b"".join([f"{method} {target} HTTP/1.1\r\n".encode("latin-1"), *kept, b"Connection: close\r\n\r\n", body])
    return Request(method, host, target, headers, body, raw)


def _read_chunks(reader: Any) -> bytes:
    parts = []
    while size := int(reader.readline().split(b";")[0], 16):
        parts.append(reader.read(size))
        reader.readline()
    while reader.readline().strip():
        pass
    return b"".join(parts)


def _kept_alive(answer: bytes) -> bytes:
    """A server's answer as it would be on a connection that stays: without its own "close", and with a length."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    names = [line.partition(b":")[0].lower() for line in lines[1:]]
    status = int(lines[0].split()[1]) if lines[0].count(b" ") else 502
    if b"content-length" not in names and b"transfer-encoding" not in names and status not in (204, 304):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _flipped(data: bytes, at: int) -> bytes:
    at = min(at, len(data) - 1)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _flipped_request(request: Request, at: int) -> Request:
    """With one byte of the body flipped, or of the headers where there is none."""
    raw = _flipped(request.raw, len(request.raw) - len(request.body) + at if request.body else at)
    body = raw[len(raw) - len(request.body) :] if request.body else b""
    return Request(request.method, request.host, request.target, request.headers, body, raw)
