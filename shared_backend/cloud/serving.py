"""Who served as the primary, one after the other: the generation of what is written, and where else to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from shared_backend.cloud.contract import Capability
from shared_backend.database.quick import Quick
from shared_backend.database.tables import CloudServingRow

_SERVING = CloudServingRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Serving:
    """Who has served. `generation` is the present one, 0 before anybody; `formers` may hold what the present primary
    does not, newest first."""

    generation: int
    provider: str
    formers: tuple[str, ...]


def history(connection: Connection, capability: Capability) -> Serving:
    """Who has served a capability so far."""
    query = select(_SERVING.c.id, _SERVING.c.provider, _SERVING.c.carried_at)
    rows = connection.execute(query.where(_SERVING.c.capability == str(capability)).order_by(_SERVING.c.id.desc()))
    generation, provider, formers = 0, "", dict[str, bool]()
    for row in rows:
        if not generation:
            generation, provider = row.id, row.provider
        # A provider's newest term says whether everything was carried away from it.
        formers.setdefault(row.provider, row.carried_at is None)
    return Serving(generation, provider, tuple(name for name, holds in formers.items() if holds))


def newest(quick: Quick, capability: Capability) -> tuple[int, str]:
    """The present generation and who serves in it; 0 and nobody before anybody."""
    statement = "SELECT id, provider FROM cloud_serving WHERE capability = ? ORDER BY id DESC LIMIT 1"
    found = quick.rows(statement, (str(capability),))
    return (int(found[0][0]), str(found[0][1])) if found else (0, "")


def begin(connection: Connection, capability: Capability, provider: str, *, at: datetime) -> int:
    """The generation of what `provider` takes as the primary from now on; a new one unless it was the last to begin."""
    query = select(_SERVING.c.id, _SERVING.c.provider).where(_SERVING.c.capability == str(capability))
    newest = connection.execute(query.order_by(_SERVING.c.id.desc()).limit(1)).first()
    if newest is not None and newest.provider == provider:
        return int(newest.id)
    values = {"capability": str(capability), "provider": provider, "since": at}
    return int(connection.execute(insert(_SERVING).values(values).returning(_SERVING.c.id)).scalar_one())


def newest_term(connection: Connection, capability: Capability, provider: str) -> int:
    """The last generation in which a provider served; 0 when it never did."""
    query = select(_SERVING.c.id).where(_SERVING.c.capability == str(capability), _SERVING.c.provider == provider)
    return int(connection.execute(query.order_by(_SERVING.c.id.desc()).limit(1)).scalar() or 0)


def carried(connection: Connection, capability: Capability, provider: str, *, up_to: int, at: datetime) -> None:
    """Notes that nothing is on `provider` alone any more, of its terms up to generation `up_to`."""
    mine = (_SERVING.c.capability == str(capability)) & (_SERVING.c.provider == provider) & (_SERVING.c.id <= up_to)
    connection.execute(update(_SERVING).where(mine).values(carried_at=at))
