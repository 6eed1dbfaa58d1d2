"""The worker process: reads frames from its input, answers on its output, and ends with its input.

Started as `python -m shared_backend.data_management.worker.child`, never by multiprocessing: its spawn would run the
parent's `__main__` again, which in a portal is a page or a server, and its fork would inherit sockets and locks.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from datetime import date
from typing import Any

from shared_backend.data_management.documents.errors import Outcome
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.worker.frames import packed, read_frame

_FORBIDDEN = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.bind",
    "socket.sendto",
    "ftplib.connect",
    "urllib.Request",
)


def main() -> int:
    """Until the input ends."""
    stdin = os.fdopen(os.dup(0), "rb")
    stdout = os.fdopen(os.dup(1), "wb")
    # What a library prints must not come between the frames.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    first = read_frame(stdin)
    if first is None:
        return 0
    limits = Limits(**first[0]["limits"])
    confine(limits)
    from shared_backend.data_management.warm import warm

    warm()
    gc.freeze()
    _answer(stdout, {"ready": True})
    while (frame := read_frame(stdin)) is not None:
        header, body = frame
        answer, go_on = _work(header, body, limits)
        _answer(stdout, answer)
        if not go_on:
            return 0
    return 0


def _work(header: dict[str, Any], body: bytes, limits: Limits) -> tuple[dict[str, Any], bool]:
    from shared_backend.data_management.parse_here import parse_here
    from shared_backend.data_management.parse_result import ParseResult

    name = header.get("name", "")
    try:
        as_of = date.fromisoformat(header["as_of"]) if header.get("as_of") else None
        result = parse_here(body, name, limits, as_of)
        return {"result": result.to_dict(), "rss_mb": _rss_mb()}, True
    except MemoryError:
        outcome, detail = Outcome.TOO_MUCH_MEMORY, ""
    except RecursionError:
        outcome, detail = Outcome.BROKEN, "nested too deeply"
    except Exception as error:
        # A fault of ours or of a library's in one document is that document's outcome; the type says where to look.
        outcome, detail = Outcome.CRASHED, type(error).__name__
    failed = ParseResult.failed(outcome, detail, name=name, size=len(body))
    # After such an end nobody knows what state it is in.
    return {"result": failed.to_dict(), "rss_mb": _rss_mb()}, False


def _answer(stream: Any, header: dict[str, Any]) -> None:
    stream.write(packed(header))
    stream.flush()


def confine(limits: Limits) -> None:
    """Limits that the system enforces, and no network."""

    def refuse(event: str, _arguments: Any) -> None:
        if event in _FORBIDDEN:
            raise PermissionError("A document leads nowhere: the parser has no network.")

    sys.addaudithook(refuse)
    with contextlib.suppress(ImportError):
        import resource

        for kind, most in (
            (resource.RLIMIT_AS, limits.memory_mb * 2**20),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 200 * 2**20),
            (resource.RLIMIT_NOFILE, 128),
        ):
            with contextlib.suppress(ValueError, OSError):
                hard = resource.getrlimit(kind)[1]
                resource.setrlimit(kind, (min(most, hard) if hard != resource.RLIM_INFINITY else most, hard))


def _rss_mb() -> float:
    import psutil  # type: ignore[import-untyped]

    return float(psutil.Process().memory_info().rss) / 2**20


if __name__ == "__main__":
    sys.exit(main())
