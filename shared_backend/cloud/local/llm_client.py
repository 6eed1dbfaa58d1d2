"""The OpenAI SDK on a server of this machine: the client, and what it raises as the clouds' errors by meaning."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from shared_backend.cloud import wire
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
from shared_backend.cloud.local.disk import PROVIDER
from shared_backend.cloud.local.packages import needed
from shared_backend.config.cloud_local import LocalSettings


def llm_client(settings: LocalSettings) -> Any:
    """The SDK's client, without retries of its own. Raises CloudNotConfigured for an address of another machine."""
    if not settings.llm_elsewhere and not is_this_machine(settings.llm_url):
        raise CloudNotConfigured(
            f"INTELLICV_LOCAL_LLM_URL names another machine ({urlsplit(settings.llm_url).hostname}). What is generated "
            "from would be sent there: set INTELLICV_LOCAL_LLM_ELSEWHERE=true if that is meant.",
            provider=PROVIDER,
        )
    openai = needed("openai", install="openai", why="Generation by a language model")
    from shared_backend.cloud.timed_http import timed_client

    return openai.OpenAI(
        base_url=settings.llm_url,
        # Most servers on one's own machine want no key, but the SDK does.
        api_key=settings.llm_key.get_secret_value() or "none",
        max_retries=0,
        http_client=timed_client(),
    )


def is_this_machine(url: str) -> bool:
    """Whether an address is one of the loopback's. No name is looked up: only `localhost` is known to be here."""
    host = (urlsplit(url).hostname or "").partition("%")[0]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextlib.contextmanager
def asking(url: str, deadline: Deadline) -> Iterator[None]:
    """Everything sent inside keeps the deadline, and everything raised inside leaves as a CloudError."""
    import openai

    deadline.check(PROVIDER)
    try:
        with wire.within(deadline):
            yield
    except CloudError as error:
        raise _ours(error) from None
    except openai.OpenAIError as error:
        raise _meaning(error, url) from error
    except Exception as error:
        # Streams that are cut off surface as the HTTP library's own errors, and half answers as anything.
        if type(error).__module__.split(".")[0] in ("httpx2", "httpcore2", "h11"):
            raise CloudUnavailable(f"The connection to {url} broke off.", provider=PROVIDER) from error
        if isinstance(error, ValueError | TypeError | LookupError | AttributeError):
            raise _garbled(url) from error
        raise


def _ours(error: CloudError) -> CloudError:
    # Nothing is stored by generating, so nothing can be in doubt.
    error.provider, error.ambiguous = error.provider or PROVIDER, False
    return error


def _meaning(error: Any, url: str) -> CloudError:
    import openai

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, CloudError):
            return _ours(cause)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, openai.APIStatusError):
        return _by_status(error, url)
    if isinstance(error, openai.APIResponseValidationError):
        return _garbled(url)
    if isinstance(error, openai.APIConnectionError):
        return CloudUnavailable(
            f"The language model's server at {url} can't be reached, or the connection broke off. Is it running?",
            provider=PROVIDER,
        )
    if isinstance(error, openai.APIError):
        return CloudUnavailable(f"The language model's server at {url} broke off.", provider=PROVIDER)
    return CloudNotConfigured(f"The language model's server at {url} can't be used as it is set.", provider=PROVIDER)


def _by_status(error: Any, url: str) -> CloudError:
    status = error.status_code
    if status in (401, 403):
        return CloudDenied(f"{url} refused us. Set INTELLICV_LOCAL_LLM_KEY to its key.", provider=PROVIDER)
    if status == 404:
        return CloudNotConfigured(
            f"{url} does not have this model, or is no OpenAI-compatible server. Set INTELLICV_LOCAL_LLM_MODEL to one "
            "that it lists, and let the address end in /v1 where the server wants that.",
            provider=PROVIDER,
        )
    if status == 429:
        after = error.response.headers.get("retry-after", "")
        seconds = float(after) if after.isascii() and after.isdigit() else None
        return CloudThrottled(f"{url} asks us to slow down.", provider=PROVIDER, retry_after_s=seconds)
    if 300 <= status < 500 and status not in (408, 409):
        return CloudInvalid(f"{url} can't take that ({status}).", provider=PROVIDER)
    return CloudUnavailable(f"{url} is failing ({status}).", provider=PROVIDER)


def _garbled(url: str) -> CloudCorrupted:
    return CloudCorrupted(f"{url} answered what can't be understood.", provider=PROVIDER)
