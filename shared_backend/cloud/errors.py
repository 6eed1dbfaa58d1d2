"""What can go wrong with a cloud, by meaning: the same few errors for every provider.

CloudError
├── CloudNotFound         404  may not fail over: the other provider can't know better
├── CloudAlreadyExists    409  may not
├── CloudPrecondition     412  may not: somebody else has written since
├── CloudDenied           403  may not: credentials are to be mended, not gone around
├── CloudInvalid          422  may not: it would be refused everywhere
├── CloudThrottled        429  may; `retry_after_s` says when this provider will have us again
├── CloudUnavailable      503  may: away, slow, cut off, or failing
│   ├── CloudTimeout      504  our own deadline passed
│   │   └── CloudTooMuch  504  while the provider kept answering: says nothing against it
│   ├── CloudNotConfigured 503 a setting or package is missing; the message names it
│   ├── CloudOtherFolder  503  this machine's folder is not the one: says nothing of what is in that
│   └── CloudSpoolFull    503  our own disk for temporary files: says nothing of the provider
└── CloudCorrupted        502  may: what came back is not what was stored

`ambiguous` says that a write may have happened although it failed: the answer was lost on the way.
"""

from __future__ import annotations

from shared_backend.utils.exception_handler import IntelliCVError


class CloudError(IntelliCVError):
    """The cloud provider did not do what it was asked."""

    status = 502
    code = "cloud_error"
    may_fail_over = False

    def __init__(
        self,
        message: str | None = None,
        *,
        provider: str = "",
        ambiguous: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.ambiguous = ambiguous
        self.retry_after_s = retry_after_s
        self.attempts = 1


class CloudNotFound(CloudError):
    """There is nothing by that name."""

    status = 404
    code = "cloud_not_found"


class CloudAlreadyExists(CloudError):
    """There is something by that name already."""

    status = 409
    code = "cloud_already_exists"


class CloudPrecondition(CloudError):
    """It has been changed since you last read it."""

    status = 412
    code = "cloud_precondition"


class CloudDenied(CloudError):
    """The provider refused our credentials. Check the keys and roles of this provider."""

    status = 403
    code = "cloud_denied"


class CloudInvalid(CloudError):
    """The provider can't take that."""

    status = 422
    code = "cloud_invalid"


class CloudThrottled(CloudError):
    """The provider asks us to slow down."""

    status = 429
    code = "cloud_throttled"
    may_fail_over = True


class CloudUnavailable(CloudError):
    """The provider can't be reached or is failing."""

    status = 503
    code = "cloud_unavailable"
    may_fail_over = True


class CloudTimeout(CloudUnavailable):
    """The provider took longer than the time there was."""

    status = 504
    code = "cloud_timeout"


class CloudTooMuch(CloudTimeout):
    """The provider kept answering, and has more than could be asked for in the time there was."""

    code = "cloud_too_much"


class CloudNotConfigured(CloudUnavailable):
    """A setting or a package for this provider is missing."""

    code = "cloud_not_configured"
    # Whether it may be there the next moment (a machine's role); what is missing for good is passed over.
    passing = False


class CloudOtherFolder(CloudUnavailable):
    """This process' folder of files is not the one that the database knows."""

    code = "cloud_other_folder"


class CloudSpoolFull(CloudUnavailable):
    """The disk for temporary files is full. Free some space there and try again."""

    code = "cloud_spool_full"


class CloudCorrupted(CloudError):
    """What came back is not what was stored."""

    code = "cloud_corrupted"
    may_fail_over = True
