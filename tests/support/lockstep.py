"""Lockstep for tests: a state to write to, people who write, and waiting without sleeping longer than needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from shared_backend.database.engine import Database
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.lockstep.kinds import KindRegister
from shared_backend.lockstep.requests import SaveRequest
from shared_backend.lockstep.shared_state import SharedStateManager

ADMIN = Actor("admin-1", Role.ADMIN, "Grace")
CANDIDATE = Actor("c1", Role.CANDIDATE, "Ada")


def shared_state(database: Database, **options: Any) -> SharedStateManager:
    """The state over a database, with the product's kinds."""
    return SharedStateManager(database, KindRegister(), **options)


def edit(
    data: dict[str, Any], *, of: str = "c1", by: Actor = ADMIN, kind: str = "user_profile", **given: Any
) -> SaveRequest:
    """A save request, from the portal that the actor works in."""
    source = given.pop("source", "user_portal" if by.role is Role.CANDIDATE else "admin_portal")
    return SaveRequest(kind, of, data, source, by, **given)


def eventually(what: Callable[[], Any], *, within_s: float = 20.0) -> Any:
    """The first true answer of `what`. Fails when there is none in time."""
    deadline = time.monotonic() + within_s
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.005)
    return found
