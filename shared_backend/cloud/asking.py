"""The frame of every call through an SDK: the deadline holds inside it, and a CloudError leaves it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from shared_backend.cloud import wire
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudError

# The SDKs read headers and bodies without asking whether they are whole.
_MISREAD = (ValueError, TypeError, LookupError, AttributeError)


@contextlib.contextmanager
def framed(
    provider: str,
    service: str,
    deadline: Deadline,
    *,
    writes: bool,
    sdk_errors: tuple[type[Exception], ...],
    translate: Callable[[Exception], CloudError],
    misread: tuple[type[Exception], ...] = (),
) -> Iterator[None]:
    """`writes`: with a lost answer it may have happened all the same, so the error is ambiguous. What the SDK raises is
    translated; what it stumbles over (`misread`, and what is always a stumble) is CloudCorrupted."""
    deadline.check(provider)
    try:
        with wire.within(deadline):
            yield
    except CloudError as error:
        error.provider = error.provider or provider
        error.ambiguous = error.ambiguous and writes
        raise
    except Exception as error:
        if isinstance(error, misread) or (isinstance(error, _MISREAD) and not isinstance(error, sdk_errors)):
            raise CloudCorrupted(
                f"{service} answered what can't be understood: {type(error).__name__}.",
                provider=provider,
                ambiguous=writes,
            ) from error
        if isinstance(error, sdk_errors):
            raise translate(error) from error
        raise
