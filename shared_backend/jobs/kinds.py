"""The kinds of jobs, by name, with what runs them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from shared_backend.jobs.errors import RetryLater
from shared_backend.utils.exception_handler import DatabaseUnavailable, InvalidInput

if TYPE_CHECKING:
    from shared_backend.jobs.run import JobRun

Handler = Callable[["JobRun", dict[str, Any]], dict[str, Any] | None]
_NAME = re.compile(r"[a-z][a-z0-9_.]{2,79}")


def may_retry(error: Exception) -> bool:
    """Whether an error is worth another try by itself: a database or a network that was away, and RetryLater."""
    return isinstance(error, DatabaseUnavailable | RetryLater | ConnectionError | TimeoutError)


@dataclass(frozen=True)
class JobKind:
    """One kind of job. `title` names it for people ("Carry blobs to the primary").

    `at_once`: how many may run in the whole fleet, None for no limit. `tries`: how often it is run in all where its
    errors may be tried again; the pause doubles from `backoff_s` up to `backoff_most_s`. `crashes`: how many workers
    may die while they are at it before it counts as the cause. `leaves`: so many threads of each process are kept for
    other kinds where it has more than one, as a job of hours on every one of them would let everything else wait.
    """

    name: str
    title: str
    handler: Handler
    at_once: int | None = None
    leaves: int = 0
    tries: int = 5
    crashes: int = 3
    backoff_s: float = 5.0
    backoff_most_s: float = 300.0
    may_retry: Callable[[Exception], bool] = may_retry

    def pause_s(self, tried: int) -> float:
        """Seconds to wait after so many tries."""
        return float(min(self.backoff_s * 2 ** min(max(tried - 1, 0), 30), self.backoff_most_s))


@dataclass(frozen=True)
class Recurring:
    """A job that is asked for every `every_s` seconds, by whichever worker comes first and by no other.

    `when` looks, at little cost, whether there is anything to do; without it there always is.
    """

    kind: str
    every_s: float
    when: Callable[[Connection], bool] | None = None

    @property
    def key(self) -> str:
        """The key of its jobs: while one of them is open, no other is asked for."""
        return "recurring"


class JobRegister:
    """The kinds that one process knows, and what recurs."""

    def __init__(self) -> None:
        self._kinds: dict[str, JobKind] = {}
        self._recurring: list[Recurring] = []

    def add(self, kind: JobKind) -> None:
        """Registers a kind. Raises InvalidInput for a name that can't be used or is taken."""
        if not _NAME.fullmatch(kind.name):
            raise InvalidInput(f"{kind.name!r} can't name a kind of job: use lower case, digits, dots and underscores.")
        if kind.name in self._kinds:
            raise InvalidInput(f"There is a kind of job {kind.name!r} already.")
        self._kinds[kind.name] = kind

    def every(self, recurring: Recurring) -> None:
        """Makes jobs of a registered kind recur."""
        self.get(recurring.kind)
        self._recurring.append(recurring)

    @property
    def recurring(self) -> tuple[Recurring, ...]:
        """What recurs."""
        return tuple(self._recurring)

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._kinds)

    def __iter__(self) -> Iterator[JobKind]:
        return iter(self._kinds.values())

    def find(self, name: str) -> JobKind | None:
        """The kind of that name, or None: jobs of another release may be of kinds that this one does not know."""
        return self._kinds.get(name)

    def title(self, name: str) -> str:
        """What people call it; its name where this release does not know it."""
        found = self._kinds.get(name)
        return found.title if found else name

    def get(self, name: str) -> JobKind:
        """The kind of that name. Raises InvalidInput that names the nearest."""
        found = self._kinds.get(name)
        if found is None:
            near = difflib.get_close_matches(str(name), self._kinds, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(self.names()) or 'none'}."
            raise InvalidInput(f"{name!r} is not a kind of job. {hint}")
        return found
