"""The OpenAI SDK on Azure: the client, and what it raises as the clouds' errors by meaning."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import openai
from azure.core.exceptions import AzureError

from shared_backend.cloud import wire
from shared_backend.cloud.azure.credentials import needed, token_credential
from shared_backend.cloud.azure.failures import PROVIDER, SIGN_IN, causes, retry_after_s, translate
from shared_backend.cloud.azure.transport import AzureTransport, quiet
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import (
    CloudCorrupted,
    CloudDenied,
    CloudError,
    CloudInvalid,
    CloudNotConfigured,
    CloudThrottled,
    CloudUnavailable,
)
from shared_backend.cloud.timed_http import timed_client
from shared_backend.config.cloud_azure import AzureSettings

SERVICE = "Azure OpenAI"
_SCOPE = "https://cognitiveservices.azure.com/.default"


def openai_client(settings: AzureSettings, transport: AzureTransport) -> openai.AzureOpenAI:
    """The SDK's client, without retries of its own. Raises CloudNotConfigured that names the missing setting."""
    needed(settings, "openai_endpoint")
    for library in ("openai", "httpx2"):
        quiet(library)
    key: str | None = None
    token: Callable[[], str] | None = None
    if settings.credential == "key":
        needed(settings, "openai_key")
        assert settings.openai_key is not None
        key = settings.openai_key.get_secret_value()
    else:
        credential = token_credential(settings, transport)

        def token() -> str:
            return str(credential.get_token(_SCOPE).token)

    return openai.AzureOpenAI(
        azure_endpoint=settings.openai_endpoint or "",
        api_key=key,
        azure_ad_token_provider=token,
        api_version=settings.openai_api_version,
        max_retries=0,
        http_client=timed_client(
            authorities=str(settings.ca_file) if settings.ca_file else None,
            proxy=settings.proxy,
            connect_s=settings.connect_timeout_s,
            read_s=settings.read_timeout_s,
        ),
    )


@contextlib.contextmanager
def asking(deadline: Deadline) -> Iterator[None]:
    """Everything sent inside keeps the deadline, and everything raised inside leaves as a CloudError."""
    deadline.check(PROVIDER)
    try:
        with wire.within(deadline):
            yield
    except CloudError as error:
        error.provider, error.ambiguous = error.provider or PROVIDER, False
        raise
    except openai.OpenAIError as error:
        raise _translate(error) from error
    except AzureError as error:
        raise translate(error, SIGN_IN) from error
    except Exception as error:
        # Cut-off streams surface as the HTTP library's own errors, and half answers as anything.
        if type(error).__module__.split(".")[0] in ("httpx2", "httpcore2", "h11"):
            raise CloudUnavailable(f"The connection to {SERVICE} broke off.", provider=PROVIDER) from error
        if isinstance(error, ValueError | TypeError | LookupError | AttributeError):
            raise _garbled() from error
        raise


def _garbled() -> CloudCorrupted:
    return CloudCorrupted(f"{SERVICE} answered what can't be understood.", provider=PROVIDER)


def _translate(error: openai.OpenAIError) -> CloudError:
    for cause in causes(error):
        if isinstance(cause, CloudError):
            cause.provider, cause.ambiguous = cause.provider or PROVIDER, False
            return cause
    if isinstance(error, openai.APIStatusError):
        return _by_status(error)
    if isinstance(error, openai.APIConnectionError):
        why = next((str(cause) for cause in causes(error) if "CERTIFICATE" in str(cause).upper()), "")
        if why:
            return CloudUnavailable(f"The certificate shown for {SERVICE} can't be trusted.", provider=PROVIDER)
        return CloudUnavailable(f"{SERVICE} can't be reached, or the connection broke off.", provider=PROVIDER)
    if isinstance(error, openai.APIResponseValidationError):
        return _garbled()
    if isinstance(error, openai.APIError):
        # An error in the middle of a stream, told in the stream itself.
        return CloudUnavailable(f"{SERVICE} broke off{_word(error)}.", provider=PROVIDER)
    return CloudNotConfigured(f"{SERVICE} can't be used with these settings.", provider=PROVIDER)


def _by_status(error: openai.APIStatusError) -> CloudError:
    status, after = error.status_code, retry_after_s(error.response.headers)
    if status in (401, 403):
        return CloudDenied(f"{SERVICE} refused our credentials. Check the key and roles.", provider=PROVIDER)
    if status == 404:
        # A deployment is a setting, so this is nothing that a caller asked for in vain.
        return CloudNotConfigured(
            f"{SERVICE} has no such deployment or API version. Check INTELLICV_AZURE_OPENAI_DEPLOYMENT, "
            "INTELLICV_AZURE_OPENAI_EMBEDDING_DEPLOYMENT and INTELLICV_AZURE_OPENAI_API_VERSION.",
            provider=PROVIDER,
        )
    if status == 429:
        return CloudThrottled(f"{SERVICE} asks us to slow down.", provider=PROVIDER, retry_after_s=after)
    if status < 500 and status not in (407, 408, 409):
        return CloudInvalid(f"{SERVICE} can't take that{_word(error)}.", provider=PROVIDER)
    return CloudUnavailable(f"{SERVICE} is failing ({status}).", provider=PROVIDER, retry_after_s=after)


def _word(error: openai.APIError) -> str:
    return f" ({error.code})" if isinstance(error.code, str) and error.code else ""


def tokens(usage: Any, name: str) -> int | None:
    """A count out of what the SDK says of usage, or None."""
    found = getattr(usage, name, None)
    return found if isinstance(found, int) else None
