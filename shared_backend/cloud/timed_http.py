"""An HTTP client for the OpenAI SDK on sockets that keep the deadline (see `wire`).

It follows no redirects and reads no environment: what it connects to is what the settings say, nothing else.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from select import POLLIN, poll
from typing import Any

import httpcore2
import httpx2

from shared_backend.cloud import wire

_CONNECTIONS = 64


def timed_client(
    *, authorities: str | None = None, proxy: str | None = None, connect_s: float = 5.0, read_s: float = 60.0
) -> httpx2.Client:
    """A client whose waits end with the deadline of `wire.within`. `authorities`: a file of certificates to trust."""
    timeout = httpx2.Timeout(read_s, connect=connect_s)
    transport = _Transport(wire.tls_context(authorities), proxy)
    return httpx2.Client(transport=transport, trust_env=False, timeout=timeout, follow_redirects=False)


class _Transport(httpx2.HTTPTransport):
    """httpx's transport with the pool exchanged: httpx has no parameter for how it dials."""

    def __init__(self, context: ssl.SSLContext, proxy: str | None) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool.close()
        options: dict[str, Any] = {
            "ssl_context": context,
            "max_connections": _CONNECTIONS,
            "max_keepalive_connections": _CONNECTIONS,
            "keepalive_expiry": 60.0,
            "network_backend": _Backend(),
        }
        self._pool = httpcore2.HTTPProxy(proxy, **options) if proxy else httpcore2.ConnectionPool(**options)


class _Backend(httpcore2.NetworkBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), *(socket_options or ())]
            return _Stream(wire.dial(host, port, timeout, options))
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error


class _Stream(httpcore2.NetworkStream):
    """One connection. What waits too long raises CloudTimeout from the socket itself."""

    def __init__(self, own: socket.socket) -> None:
        self._socket = own

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(timeout)
        try:
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore2.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        self._socket.settimeout(timeout)
        try:
            self._socket.sendall(buffer)
        except TimeoutError as error:
            raise httpcore2.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        self._socket.settimeout(timeout)
        try:
            return _Stream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
        except OSError as error:
            self.close()
            kind = httpcore2.ConnectTimeout if isinstance(error, TimeoutError) else httpcore2.ConnectError
            raise kind(str(error)) from error
        except BaseException:
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket):
            return self._socket
        if info == "socket":
            return self._socket
        if info == "is_readable":
            # Something to read on an idle connection is its end.
            if self._socket.fileno() < 0:
                return True
            waiting = poll()  # Not select, which knows no more than 1,024 files.
            waiting.register(self._socket, POLLIN)
            return bool(waiting.poll(0))
        return None
