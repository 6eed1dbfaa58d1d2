"""How a run of a job ends before its work does."""

from __future__ import annotations

from shared_backend.utils.exception_handler import IntelliCVError


class RetryLater(IntelliCVError):
    """It can't be done now. It is tried again by itself."""

    status = 503
    code = "retry_later"

    def __init__(self, message: str | None = None, *, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class JobStopped(BaseException):
    """Somebody wants the run to end: `reason` is pause, cancel, shutdown, or lost (it is another worker's by now).

    No Exception, as asyncio.CancelledError is none: a handler that catches errors must not catch this by accident.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
