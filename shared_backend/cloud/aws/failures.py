"""What botocore raises, as the clouds' errors by meaning."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import exceptions as boto
from botocore.eventstream import ParserError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

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

PROVIDER = "aws"
_DENIED = "{service} refused our credentials ({code}). Check the keys and roles of AWS."
_CHANGED = "It has been changed since you last read it."
_SLOWER = "{service} asks us to slow down."
_BY_CODE: Mapping[str, tuple[type[CloudError], str]] = {
    **dict.fromkeys(
        ("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"),
        (CloudCorrupted, "{service} got other bytes than we sent."),
    ),
    **dict.fromkeys(
        (
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "throttlingException",
            "ThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "LimitExceededException",
            "ServiceQuotaExceededException",
        ),
        (CloudThrottled, _SLOWER),
    ),
    **dict.fromkeys(
        (
            "AccessDenied",
            "AccessDeniedException",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException",
        ),
        (CloudDenied, _DENIED),
    ),
    "RequestTimeTooSkewed": (CloudDenied, "{service} refused us because this machine's clock is wrong. Set it right."),
    **dict.fromkeys(
        ("ResourceNotFoundException", "NoSuchKey", "NoSuchBucket", "NoSuchUpload"),
        (CloudNotFound, "{service} has nothing by that name."),
    ),
    "ResourceExistsException": (CloudAlreadyExists, "{service} has something by that name already."),
    "validationException": (CloudInvalid, "{service} can't take that ({code})."),
    # Two conditional writes at once: one of them is to look again.
    "ConditionalRequestConflict": (CloudPrecondition, _CHANGED),
}
# Refusals that pass by themselves.
_PASSING = frozenset(
    {
        "InternalServiceError",
        "ModelErrorException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "OperationAborted",
        "RequestTimeout",
        "RequestTimeoutException",
        "internalServerException",
        "modelStreamErrorException",
        "serviceUnavailableException",
    }
)
_BY_STATUS: Mapping[int, tuple[type[CloudError], str]] = {
    304: (CloudPrecondition, _CHANGED),
    401: (CloudDenied, _DENIED),
    403: (CloudDenied, _DENIED),
    404: (CloudNotFound, "{service} has nothing by that name."),
    409: (CloudAlreadyExists, "{service} has something by that name already ({code})."),
    412: (CloudPrecondition, _CHANGED),
    429: (CloudThrottled, _SLOWER),
}
# The request never left.
_UNSENT = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)
_UNSIGNED = (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError)


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
        sdk_errors=(boto.BotoCoreError, boto.ClientError, HTTPError),
        translate=lambda error: translate(error, service, writes=writes),
        misread=(ParserError, ResponseParserError),
    ):
        yield


def translate(error: Exception, service: str, *, writes: bool = False) -> CloudError:
    """The error by meaning. Nothing of a request or a key is in its message."""
    if isinstance(error, boto.ClientError):
        return _refused(error, service, writes=writes)
    for cause in causes(error):
        if isinstance(cause, CloudError):
            # Our sockets' own word, which botocore has wrapped.
            cause.provider = cause.provider or PROVIDER
            cause.ambiguous = cause.ambiguous and writes
            return cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CloudUnavailable(
                f"The certificate shown for {service} can't be trusted: {cause.verify_message}.", provider=PROVIDER
            )
    if isinstance(error, boto.FlexibleChecksumError):
        return CloudCorrupted(f"{service} gave other bytes than it stored.", provider=PROVIDER)
    if isinstance(error, _UNSIGNED):
        return CloudNotConfigured(
            "AWS has no role for this machine. Check INTELLICV_AWS_CREDENTIAL and the keys.", provider=PROVIDER
        )
    if isinstance(error, boto.ParamValidationError):
        return CloudInvalid(f"{service} can't take that.", provider=PROVIDER)
    if isinstance(error, _UNSENT):
        return CloudUnavailable(f"{service} can't be reached.", provider=PROVIDER)
    return CloudUnavailable(f"The connection to {service} broke off.", provider=PROVIDER, ambiguous=writes)


def _refused(error: boto.ClientError, service: str, *, writes: bool) -> CloudError:
    code, status = error_code(error), status_of(error)
    after = retry_after_s(error)
    known = _BY_CODE.get(code)
    if known is None and code not in _PASSING:
        known = _BY_STATUS.get(status)
    if known:
        kind, text = known
        return kind(text.format(service=service, code=code or status), provider=PROVIDER, retry_after_s=after)
    if 400 <= status < 500 and status != 408 and code not in _PASSING:
        return CloudInvalid(f"{service} can't take that ({code or status}).", provider=PROVIDER)
    return CloudUnavailable(
        f"{service} is failing ({code or status}).",
        provider=PROVIDER,
        ambiguous=writes and code != "OperationAborted",
        retry_after_s=after,
    )


def error_code(error: BaseException | None) -> str:
    """AWS's own word for what was wrong, or nothing."""
    answer: Any = getattr(error, "response", None) or {}
    code = str(answer.get("Error", {}).get("Code") or "")
    return "" if code.isdigit() else code


def status_of(error: boto.ClientError) -> int:
    """The HTTP status; 0 in the middle of a stream."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def retry_after_s(error: boto.ClientError) -> float | None:
    """Seconds that the answer asks us to wait; None where it does not say."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


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
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
        waiting += list(getattr(cause, "kwargs", {}).values()) if isinstance(cause, boto.BotoCoreError) else []
