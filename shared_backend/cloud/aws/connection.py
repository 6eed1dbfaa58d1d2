"""How botocore reaches AWS: connections whose sockets keep the deadline."""

from __future__ import annotations

import ssl
from typing import Any

from botocore.awsrequest import AWSConnection
from botocore.httpsession import URLLib3Session

from shared_backend.cloud import wire
from shared_backend.cloud.dialling import POOL, pool_classes
from shared_backend.config.cloud_aws import AwsSettings


class TimedSession(URLLib3Session):
    """botocore's HTTP session, with the pools exchanged; the certificates are loaded once for all connections."""

    def __init__(self, settings: AwsSettings) -> None:
        self._context: ssl.SSLContext = wire.tls_context(str(settings.ca_file) if settings.ca_file else None)
        super().__init__(
            proxies={"http": settings.proxy, "https": settings.proxy} if settings.proxy else None,
            timeout=(settings.connect_timeout_s, settings.read_timeout_s),
            max_pool_connections=POOL,
        )
        self._pool_classes_by_scheme = pool_classes(AWSConnection)
        self._manager.pool_classes_by_scheme = self._pool_classes_by_scheme

    def _get_ssl_context(self) -> ssl.SSLContext:
        return self._context

    def _setup_ssl_cert(self, conn: Any, url: str, verify: Any) -> None:
        # The context verifies and has its authorities.
        conn.cert_reqs, conn.ca_certs = "CERT_REQUIRED", None
