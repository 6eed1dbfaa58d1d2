"""What the Azure SDKs raise, as the clouds' errors by meaning."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
)

from shared_backend.cloud.asking import framed
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudAlreadyExists,
    CloudCorrupted,
    CloudDenied,
    CloudError,
    CloudInvalid,
    CloudNotConfigured,
    CloudNotFound,
    CloudPrecondition,
    CloudThrottled,
    CloudUnavailable,
)

PROVIDER = "azure"
SIGN_IN = "Entra ID"
# What arrived was not what was sent.
_CORRUPTED = frozenset({"Md5Mismatch", "Crc64Mismatch", "InvalidMd5"})
# 409s that pass by themselves.
_PASSING = frozenset({"ContainerBeingDeleted", "OperationTimedOut", "ObjectIsBeingDeleted", "ObjectIsBeingRecovered"})
_BY_STATUS: Mapping[int, tuple[type[CloudError], str]] = {
    304: (CloudPrecondition, "It has been changed since you last read it."),
    401: (CloudDenied, "{service} refused our credentials{why}. Check the keys and roles of Azure."),
    403: (CloudDenied, "{service} refused our credentials{why}. Check the keys and roles of Azure."),
    404: (CloudNotFound, "{service} has nothing by that name."),
    409: (CloudAlreadyExists, "{service} has something by that name already{why}."),
    412: (CloudPrecondition, "It has been changed since you last read it."),
    429: (CloudThrottled, "{service} asks us to slow down."),
}


@contextlib.contextmanager
def calling(service: str, deadline: Deadline, *, writes: bool = False) -> Iterator[None]:
    """Everything sent inside keeps the deadline, and everything raised inside leaves as a CloudError.

    `writes`: with a lost answer it may have happened all the same, so the error is ambiguous.
    """
    with framed(
        PROVIDER,
        service,
        deadline,
        writes=writes,
        sdk_errors=(AzureError,),
        translate=lambda error: translate(cast(AzureError, error), service, writes=writes),
    ):
        yield


def translate(error: AzureError, service: str, *, writes: bool = False) -> CloudError:
    """The error by meaning. Nothing of a request or a key is in its message."""
    for cause in causes(error):
        if isinstance(cause, CloudError):  # A deadline that passed where the SDK wraps whatever it meets.
            cause.provider, cause.ambiguous = cause.provider or PROVIDER, cause.ambiguous and writes
            return cause
    if isinstance(error, IncompleteReadError | DecodeError):
        return CloudCorrupted(f"{service} gave half an answer.", provider=PROVIDER, ambiguous=writes)
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None) or getattr(error, "status_code", None)
    if isinstance(error, HttpResponseError) and isinstance(status, int):
        return _by_status(status, error, response, service, writes=writes)
    if type(error).__name__ == "CredentialUnavailableError":
        return CloudNotConfigured(
            "Azure has no such identity for this machine. Check INTELLICV_AZURE_CREDENTIAL.", provider=PROVIDER
        )
    if isinstance(error, ClientAuthenticationError):
        # A refusal stands alone; what stands before something else was not answered, or not with an answer.
        for cause in causes(error):
            if isinstance(cause, AzureError) and not isinstance(cause, ClientAuthenticationError):
                return translate(cause, SIGN_IN)
        if error.__cause__ is not None:
            return CloudUnavailable(f"{SIGN_IN} can't sign us in at the moment.", provider=PROVIDER)
        return CloudDenied("Entra ID refused to sign us in. Check the Azure credential settings.", provider=PROVIDER)
    if isinstance(error, ServiceRequestError):
        return _unreachable(error, service, writes=writes)
    return CloudUnavailable(f"The connection to {service} broke off.", provider=PROVIDER, ambiguous=writes)


def _by_status(status: int, error: HttpResponseError, response: Any, service: str, *, writes: bool) -> CloudError:
    code = error_code(error)
    headers = getattr(response, "headers", None) or {}
    after = retry_after_s(headers)
    if code in _CORRUPTED:
        return CloudCorrupted(f"{service} got other bytes than we sent.", provider=PROVIDER)
    if code in _PASSING:
        return CloudUnavailable(
            f"{service} is busy with an earlier deletion.", provider=PROVIDER, retry_after_s=after, ambiguous=False
        )
    known = _BY_STATUS.get(status)
    if known:
        kind, text = known
        return kind(
            text.format(service=service, why=f" ({code})" if code else ""), provider=PROVIDER, retry_after_s=after
        )
    if 400 <= status < 500 and status not in (407, 408):
        return CloudInvalid(f"{service} can't take that{f' ({code})' if code else ''}.", provider=PROVIDER)
    return CloudUnavailable(
        f"{service} is failing ({status}{f', {code}' if code else ''}).",
        provider=PROVIDER,
        ambiguous=writes,
        retry_after_s=after,
    )


def _unreachable(error: BaseException, service: str, *, writes: bool) -> CloudError:
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CloudUnavailable(
                f"The certificate shown for {service} can't be trusted: {cause.verify_message}.", provider=PROVIDER
            )
        if isinstance(cause, ssl.SSLError):
            # Whether the handshake broke or the answer to a write is not to be seen from here.
            return CloudUnavailable(f"The TLS connection to {service} broke.", provider=PROVIDER, ambiguous=writes)
    return CloudUnavailable(f"{service} can't be reached.", provider=PROVIDER)


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that stands behind it, wherever the layers between have put it."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, *cause.args]
        waiting += [getattr(cause, "reason", None), getattr(cause, "inner_exception", None)]


def error_code(error: Any) -> str:
    """Azure's own word for what was wrong, or nothing: the innermost, which says most."""
    found = getattr(error, "error_code", None)
    if found:
        return str(getattr(found, "value", found))
    node, code = getattr(error, "error", None), ""
    while node is not None:
        get = node.get if isinstance(node, dict) else lambda name, node=node: getattr(node, name, None)
        code = str(get("code") or code)
        node = get("innererror")
    return code


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that the answer asks us to wait; None where it does not say."""
    for name, unit in (("retry-after-ms", 1000), ("x-ms-retry-after-ms", 1000), ("Retry-After", 1)):
        value = headers.get(name) or headers.get(name.lower())
        if not value:
            continue
        try:
            return max(0.0, float(value) / unit)
        except ValueError:
            pass
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            continue
        return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None
    return None
