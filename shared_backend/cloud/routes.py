"""Who serves a capability: the settings' word, until somebody switches while running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from shared_backend.cloud.contract import Capability
from shared_backend.config.cloud_config import NONE, CloudSettings, Route
from shared_backend.database.quick import Quick
from shared_backend.database.tables import CloudSwitchRow

_SWITCH = CloudSwitchRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Switch:
    """A route that was chosen while running."""

    capability: str
    route: Route
    by: str
    reason: str
    at: datetime


def configured(settings: CloudSettings, given: Mapping[str, Any], capability: Capability) -> Route:
    """The route by configuration. `given` is the orchestrator's own dictionary: `primary`, `fallback`, and for one
    capability alone `blobs_primary`, … ."""
    base = settings.route(str(capability))
    primary = given.get(f"{capability}_primary") or given.get("primary") or base.primary
    fallback = given.get(f"{capability}_fallback") or given.get("fallback") or base.fallback
    return Route(primary, None if fallback in (None, NONE, primary) else fallback)


def switches(connection: Connection, capability: Capability, *, limit: int = 20) -> list[Switch]:
    """The switches of a capability, newest first."""
    query = select(_SWITCH).where(_SWITCH.c.capability == str(capability)).order_by(_SWITCH.c.id.desc()).limit(limit)
    return [_switch(row) for row in connection.execute(query)]


def newest(quick: Quick, capability: Capability) -> Route | None:
    """The route of the newest switch; None: it was never switched."""
    statement = "SELECT primary_name, fallback_name FROM cloud_switch WHERE capability = ? ORDER BY id DESC LIMIT 1"
    found = quick.rows(statement, (str(capability),))
    return Route(*found[0]) if found else None


def record(connection: Connection, capability: Capability, route: Route, *, by: str, reason: str, at: datetime) -> None:
    """Notes a switch; it counts from the commit on, in all processes."""
    connection.execute(
        insert(_SWITCH),
        {
            "capability": str(capability),
            "primary_name": route.primary,
            "fallback_name": route.fallback,
            "switched_by": by,
            "reason": reason[:300],
            "switched_at": at,
        },
    )


def _switch(row: Any) -> Switch:
    return Switch(
        row.capability, Route(row.primary_name, row.fallback_name), row.switched_by, row.reason, row.switched_at
    )
