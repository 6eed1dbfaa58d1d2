"""Sockets that keep the deadline, for every SDK.

An SDK's timeout is per read: a server that drips a byte a second is never late for it. These sockets look at the
deadline of the operation (`within`) before each send and receive, and wait no longer than what is left. What they
raise, CloudTimeout, is no OSError, so that no layer between takes it for something to try again.

TLS takes part by `SSLContext.sslsocket_class`, which urllib3, httpcore and botocore all go through; `dial` opens the
plain sockets, and looks names up on a thread of its own, for a name server may be silent too.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudTimeout

T = TypeVar("T")
_deadline: ContextVar[Deadline | None] = ContextVar("cloud_deadline", default=None)


@contextlib.contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """What this thread sends and receives inside is done by then, or raises CloudTimeout."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def _late(deadline: Deadline, *, ambiguous: bool) -> CloudTimeout:
    return CloudTimeout(f"No answer within {deadline.seconds:g} s.", ambiguous=ambiguous)


class _Timed:
    """A socket's waits, each cut to what is left. Goes before a socket class."""

    # None: the library has set no timeout of its own.
    _own_timeout: float | None = None

    def __del__(self) -> None:
        # An SDK forgets a connection whose answer nobody wants any more, and leaves it to the collector.
        with contextlib.suppress(Exception):
            cast(Any, self)._real_close()

    def settimeout(self, value: float | None) -> None:
        self._own_timeout = value
        cast(Any, super()).settimeout(value)

    def gettimeout(self) -> float | None:
        return self._own_timeout

    def _timed(self, call: Callable[..., T], *args: Any, ambiguous: bool = True) -> T:
        deadline = _deadline.get()
        own = self._own_timeout
        if deadline is None:
            cast(Any, super()).settimeout(own)
            return call(*args)
        if own == 0:  # The library polls: there is nothing to wait for.
            return call(*args)
        left = deadline.left
        if left <= 0:
            raise _late(deadline, ambiguous=ambiguous)
        cast(Any, super()).settimeout(left if own is None else min(own, left))
        try:
            return call(*args)
        except TimeoutError:
            if deadline.left <= 0.005:
                raise _late(deadline, ambiguous=ambiguous) from None
            raise

    # `*args` as the socket module has them.
    def recv(self, *args: Any) -> bytes:
        return cast(bytes, self._timed(cast(Any, super()).recv, *args))

    def recv_into(self, *args: Any) -> int:
        return cast(int, self._timed(cast(Any, super()).recv_into, *args))

    def send(self, *args: Any) -> int:
        return cast(int, self._timed(cast(Any, super()).send, *args))

    def sendall(self, *args: Any) -> None:
        self._timed(cast(Any, super()).sendall, *args)


class TimedSocket(_Timed, socket.socket):
    """A plain socket that keeps the deadline."""


class TimedTlsSocket(_Timed, ssl.SSLSocket):
    """A TLS socket that keeps the deadline; made by a context of `tls_context`."""

    def do_handshake(self, block: bool = False) -> None:
        self._timed(super().do_handshake, block, ambiguous=False)


def tls_context(authorities: str | None = None) -> ssl.SSLContext:
    """A context that verifies, trusting the file `authorities` or, without one, what certifi ships."""
    if not authorities:
        import certifi

        authorities = certifi.where()
    context = ssl.create_default_context(cafile=authorities)
    context.sslsocket_class = TimedTlsSocket
    return context


def dial(host: str, port: int, timeout: float | None, options: Iterable[tuple[Any, ...]] = ()) -> TimedSocket:
    """A connected socket. `timeout` (s) is for all addresses of the host together.

    Raises CloudTimeout when the deadline passed, OSError otherwise.
    """
    patience = Deadline(timeout if timeout is not None else 60.0)
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in _addresses(host, port, patience):
        own = TimedSocket(family, kind, protocol)
        try:
            for option in options:
                own.setsockopt(*option)
            own.settimeout(timeout)
            socket.socket.settimeout(own, _left(patience))
            own.connect(address)
        except OSError as error:
            own.close()
            failure = error
            _left(patience)
        except BaseException:
            own.close()
            raise
        else:
            return own
    raise failure


def _left(patience: Deadline) -> float:
    deadline = _deadline.get()
    if deadline is not None and deadline.left <= 0.005:
        raise _late(deadline, ambiguous=False)
    if patience.left <= 0:
        raise TimeoutError("timed out")
    return patience.left if deadline is None else min(patience.left, deadline.left)


def _addresses(host: str, port: int, patience: Deadline) -> list[Any]:
    host = host.strip("[]")
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host.partition("%")[0])
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    answer: list[Any] = []
    failure: list[BaseException] = []

    def look_up() -> None:
        try:
            answer.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except BaseException as error:
            failure.append(error)

    # Nothing ends a look-up that waits for a silent name server; it ends by itself after the resolver's own timeout.
    thread = threading.Thread(target=look_up, name="cloud-look-up", daemon=True)
    thread.start()
    thread.join(_left(patience))
    if failure:
        raise failure[0]
    if not answer:
        _left(patience)
        raise TimeoutError(f"the name {host} could not be looked up in time")
    return answer
