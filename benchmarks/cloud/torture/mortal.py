"""A process that can be killed between any two steps that the outside world can see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared_backend.database.engine import Database
from shared_backend.database.unit_of_work import UnitOfWork


class Killed(BaseException):
    """The process is gone. Nothing in the product may catch this, as nothing catches SIGKILL."""


class Mortal:
    """Counts the steps of a process; once dead, every further step dies too, so that no clean-up reaches outside."""

    def __init__(self) -> None:
        self._left: int | None = None
        self.dead = False

    def doom(self, steps: int) -> None:
        """It dies at that step from now."""
        self._left = steps

    def spare(self) -> None:
        """It lives on."""
        self._left = None

    def tick(self) -> None:
        """One step. Raises Killed."""
        if self._left is not None and not self.dead:
            self._left -= 1
            self.dead = self._left <= 0
        if self.dead:
            raise Killed


class MortalDatabase(Database):
    """The product's database, with a step before each transaction and one after its commit. Kills leave the file's
    pages with the system, so it need not wait for the disk."""

    def __init__(self, url: str, life: Mortal) -> None:
        super().__init__(url, synchronous="OFF")
        self._life = life

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        self._life.tick()
        with super().write() as uow:
            yield uow
        self._life.tick()
