"""One transaction, and what is to happen once it is safe."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection


class UnitOfWork:
    """What a writer holds while its transaction is open. It never commits: the edge that opened it does."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._after_commit: list[Callable[[], None]] = []

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name

    def after_commit(self, action: Callable[[], None]) -> None:
        """Runs `action` when the transaction is durable; never when it was rolled back."""
        self._after_commit.append(action)

    def committed(self) -> None:
        """Called by the database after the commit."""
        for action in self._after_commit:
            action()
