"""Who is told of what happens to the journal, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shared_backend.database.unit_of_work import UnitOfWork

# `drained`: nothing waits for a provider any more; `conflict_kept`: ours was put beside somebody else's.
Reconciled = Literal["drained", "conflict_kept"]


@dataclass(frozen=True)
class Listeners:
    """Each is called last in its transaction. `journaled`: a write waits for its primary from now on."""

    journaled: Callable[[UnitOfWork], None] = lambda _uow: None
    reconciled: Callable[[UnitOfWork, Reconciled], None] = lambda _uow, _what: None
