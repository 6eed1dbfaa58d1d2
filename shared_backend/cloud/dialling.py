"""Connections of urllib3, which several SDKs stand on, that are opened with `wire.dial` and keep the deadline."""

from __future__ import annotations

from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from shared_backend.cloud import wire
from shared_backend.cloud.heads import WholeHead

# As many as threads may talk to one host at once without opening connections only to throw them away.
POOL = 64


class Dials:
    """Opens the connection with `wire.dial`. Goes before a connection class of urllib3."""

    response_class: Any = WholeHead

    def _new_conn(self: Any) -> Any:
        timeout = self.timeout if isinstance(self.timeout, int | float) else None
        try:
            return wire.dial(self._dns_host, self.port, timeout, self.socket_options or ())
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"{self.host} did not take the connection in time") from error
        except OSError as error:
            raise NewConnectionError(self, f"{self.host} could not be reached: {error}") from error


def pool_classes(*mixins: type) -> dict[str, Any]:
    """The pools by scheme, for a pool manager of urllib3. `mixins`: what an SDK wants of its connections besides."""
    made: dict[str, Any] = {}
    for scheme, connection, pool in (
        ("http", HTTPConnection, HTTPConnectionPool),
        ("https", HTTPSConnection, HTTPSConnectionPool),
    ):
        dialled = type(f"Dialled{connection.__name__}", (*mixins, Dials, connection), {})
        made[scheme] = type(f"Dialled{pool.__name__}", (pool,), {"ConnectionCls": dialled})
    return made
