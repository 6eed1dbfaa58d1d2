"""Who has had an announcement on their screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from shared_backend.database.engine import Database
from shared_backend.database.tables import AccountRow, AcknowledgementReader
from shared_backend.identity.accounts import Status
from shared_backend.identity.actor import Actor
from shared_backend.identity.portals import Portal
from shared_backend.identity.roles import Permission, Role

_READER: Any = AcknowledgementReader.__table__  # type: ignore[attr-defined]
_ACCOUNT: Any = AccountRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Readership:
    """How many candidates have been shown it, of how many that can sign in."""

    read: int
    people: int


def readership(database: Database, entity_id: str, version: int, *, actor: Actor) -> Readership:
    """The readers of one version of an announcement. A colleague who looks at the user portal is not counted: they are
    not one of the people whom it is for. Raises PermissionDenied."""
    actor.require(Permission.READ_ALL, "see who has read an announcement")
    readers = and_(_ACCOUNT.c.role == str(Role.CANDIDATE), _ACCOUNT.c.status == str(Status.ACTIVE))
    query = (
        select(func.count())
        .select_from(_READER.join(_ACCOUNT, _ACCOUNT.c.id == _READER.c.account_id))
        .where(
            readers,
            _READER.c.kind == "announcement",
            _READER.c.entity_id == entity_id,
            _READER.c.version == version,
            _READER.c.portal == str(Portal.USER),
        )
    )
    with database.snapshot() as connection:
        people = connection.execute(select(func.count()).select_from(_ACCOUNT).where(readers)).scalar_one()
        return Readership(connection.execute(query).scalar_one(), people)
