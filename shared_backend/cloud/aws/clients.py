"""The SDK's clients: signed in by exactly what the settings name, without retries, on sockets that keep the deadline.

Neither the AWS tools' files nor their environment variables are read: what is connected to, and as whom, is what our
settings say. Only the credential `machine` asks where AWS itself puts a role's keys.
"""

from __future__ import annotations

import contextlib
import os
import threading
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.config import Config
from botocore.credentials import CredentialResolver
from botocore.exceptions import BotoCoreError
from botocore.session import Session
from botocore.utils import parse_timestamp

from shared_backend.cloud.aws.connection import TimedSession
from shared_backend.cloud.aws.failures import PROVIDER
from shared_backend.cloud.dialling import POOL
from shared_backend.cloud.errors import CloudNotConfigured
from shared_backend.config.cloud_aws import AwsSettings

# The ways in which a machine has a role; the others read files or the environment's keys.
_MACHINE = ("assume-role-with-web-identity", "container-role", "iam-role")


def needed(settings: AwsSettings, *names: str) -> None:
    """Raises CloudNotConfigured that names every setting of these that is missing."""
    missing = [f"INTELLICV_AWS_{name.upper()}" for name in names if not getattr(settings, name)]
    if missing:
        raise CloudNotConfigured(f"AWS needs the settings {', '.join(missing)}.", provider=PROVIDER)


class AwsClients:
    """One client a service, made when it is first asked for. Threads may share them."""

    def __init__(self, settings: AwsSettings) -> None:
        self.settings = settings
        self._session: Session | None = None
        self._connections: TimedSession | None = None
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def get(self, service: str) -> Any:
        """The client of `s3`, `secretsmanager`, … Makes no call but for a machine's role. Raises CloudNotConfigured."""
        found = self._clients.get(service)
        if found is None:
            with self._lock:
                found = self._clients.get(service) or self._make(service)
                self._clients[service] = found
        return found

    def _make(self, service: str) -> Any:
        given = self.settings
        needed(given, "region")
        options: dict[str, Any] = {}
        if given.credential == "key":
            needed(given, "access_key_id", "secret_access_key")
            assert given.secret_access_key is not None
            options = {
                "aws_access_key_id": given.access_key_id,
                "aws_secret_access_key": given.secret_access_key.get_secret_value(),
                "aws_session_token": given.session_token.get_secret_value() if given.session_token else None,
            }
        elif self._own_session().get_credentials() is None:
            # Not kept: the role's keys may be there the next time.
            missing = CloudNotConfigured(
                "AWS has no role for this machine. Check INTELLICV_AWS_CREDENTIAL.", provider=PROVIDER
            )
            missing.passing = True
            raise missing
        address = (given.s3_endpoint_url if service == "s3" else None) or given.endpoint_url
        try:
            client = self._own_session().create_client(
                service, region_name=given.region, endpoint_url=address, config=self._config(bool(address)), **options
            )
        except (BotoCoreError, ValueError) as error:
            raise CloudNotConfigured(
                f"AWS's settings can't be used for {service}: {error}", provider=PROVIDER
            ) from error
        # botocore has no parameter for how it connects.
        client._endpoint.http_session.close()
        client._endpoint.http_session = self._own_connections()
        if service == "s3":
            # Waiting up to a second for leave to send is a second that the deadline has not.
            client.meta.events.register_last("before-call.s3", _without_expect)
            for operation in ("PutObject", "UploadPart"):
                client.meta.events.register_last(f"before-sign.s3.{operation}", _signed_by_its_checksum)
        return client

    def _own_session(self) -> Session:
        if self._session is None:
            nowhere = (None, None, os.devnull, None)
            session = Session(
                session_vars={
                    "profile": (None, None, None, None),
                    "config_file": nowhere,
                    "credentials_file": nowhere,
                    "ca_bundle": (None, None, None, None),
                }
            )
            if self.settings.credential == "machine":
                resolver: CredentialResolver = session.get_component("credential_provider")
                resolver.providers = [each for each in resolver.providers if each.METHOD in _MACHINE]
                # For the token service, which a workload's role is asked of.
                session.set_default_client_config(self._config(False))
            session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_timestamp)
            self._session = session
        return self._session

    def _own_connections(self) -> TimedSession:
        if self._connections is None:
            self._connections = TimedSession(self.settings)
        return self._connections

    def _config(self, elsewhere: bool) -> Config:
        return Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=self.settings.connect_timeout_s,
            read_timeout=self.settings.read_timeout_s,
            max_pool_connections=POOL,
            signature_version=None,
            # Who asks; and not, put together anew four times a request, all that this machine is made of.
            user_agent="intellicv",
            ignore_configured_endpoint_urls=True,
            request_checksum_calculation="when_supported",
            response_checksum_validation="when_supported",
            s3={"addressing_style": "path" if elsewhere else "auto", "us_east_1_regional_endpoint": "regional"},
        )

    def close(self) -> None:
        """Closes the connections."""
        with self._lock:
            self._clients.clear()
            if self._connections is not None:
                self._connections.close()
                self._connections = None


def _timestamp(told: Any) -> datetime:
    """A time as AWS tells it. That of a header is in one form, and need not be guessed (0.2 ms)."""
    if isinstance(told, str) and told.endswith(" GMT"):
        with contextlib.suppress(ValueError):
            return parsedate_to_datetime(told)
    found: datetime = parse_timestamp(told)
    return found


def _without_expect(params: dict[str, Any], **_: Any) -> None:
    params["headers"].pop("Expect", None)


def _signed_by_its_checksum(request: Any, **_: Any) -> None:
    """The SHA-256 of the body is among the headers that are signed: a second one, of the signature's own, would be one
    more pass over the same bytes (0.8 ms a MiB)."""
    given = request.context.get("client_config")
    if given is not None and "x-amz-checksum-sha256" in request.headers:
        own = {**(given.s3 or {}), "payload_signing_enabled": False}
        request.context["client_config"] = given.merge(Config(s3=own))
