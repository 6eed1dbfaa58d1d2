"""How botocore reaches AWS: connections whose sockets keep the deadline."""

from __future__ import annotations

import ssl
from typing import Any

from botocore.awsrequest import AWSConnection
from botocore.httpsession import URLLib3Session
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from shared_backend.cloud import wire
from shared_backend.cloud.heads import WholeHead
from shared_backend.config.cloud_aws import AwsSettings

# As many as threads may talk to one host at once without opening connections only to throw them away.
POOL = 64


class _Dials:
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


class _Connection(AWSConnection, _Dials, HTTPConnection):
    pass


class _TlsConnection(AWSConnection, _Dials, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class TimedSession(URLLib3Session):
    """botocore's HTTP session, with the pools exchanged; the certificates are loaded once for all connections."""

    def __init__(self, settings: AwsSettings) -> None:
        self._context: ssl.SSLContext = wire.tls_context(str(settings.ca_file) if settings.ca_file else None)
        super().__init__(
            proxies={"http": settings.proxy, "https": settings.proxy} if settings.proxy else None,
            timeout=(settings.connect_timeout_s, settings.read_timeout_s),
            max_pool_connections=POOL,
        )
        self._pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        self._manager.pool_classes_by_scheme = self._pool_classes_by_scheme

    def _get_ssl_context(self) -> ssl.SSLContext:
        return self._context

    def _setup_ssl_cert(self, conn: Any, url: str, verify: Any) -> None:
        # The context verifies and has its authorities.
        conn.cert_reqs, conn.ca_certs = "CERT_REQUIRED", None
