"""The portal bridge: what keeps the portals in lockstep, by its given names.

`from shared_backend.services import portal_bridge` gives this module, and its attributes reach the process's ready
bridge: `portal_bridge.sync_user_data(user_id="42", data={"basics": {"label": "Engineer"}})`. It is made when it is
first used, from the settings of the environment; nothing happens at import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep import entities
from shared_backend.lockstep.conflicts import ConflictInfo
from shared_backend.lockstep.entities import Entity, Listing, VersionInfo
from shared_backend.lockstep.event_bus import EventBus, Subscription
from shared_backend.lockstep.event_log import Cursor
from shared_backend.lockstep.fields import FieldChange
from shared_backend.lockstep.health import Health
from shared_backend.lockstep.requests import SaveAnswer, SaveRequest
from shared_backend.lockstep.shared_state import SharedStateManager
from shared_backend.services.access import require_edit
from shared_backend.services.bridge_conflicts import BridgeConflicts
from shared_backend.services.bridge_reads import BridgeReads
from shared_backend.services.bridge_sync import id_text, parse_sync
from shared_backend.utils.exception_handler import DatabaseUnavailable, IntelliCVError, InvalidInput, PermissionDenied
from shared_backend.utils.logging_config import correlation_scope

__all__ = ["EventBus", "PortalBridge", "SharedStateManager"]

# What a kind asks of a save beyond its schema, such as that a code is known: (the save, the head or None). Raises
# InvalidInput.
Rule = Callable[[SaveRequest, Entity | None], None]


class PortalBridge:
    """The front door to the shared state. Writes answer dictionaries and do not raise for what a person can mend; reads
    raise NotFound and PermissionDenied.

    `actor` is who acts. Left out, it is the person signed in to the page that calls; in a script, the script itself.
    """

    def __init__(
        self,
        state: SharedStateManager,
        bus: EventBus,
        health: Health,
        default_actor: Callable[[], Actor | None],
        rules: Mapping[str, Rule] | None = None,
    ) -> None:
        self._rules = rules or {}
        self.state = state
        self.bus = bus
        self.health = health
        self._default_actor = default_actor
        self._reads = BridgeReads(state)
        self._conflicts = BridgeConflicts(state, bus)
        self._log = structlog.get_logger(__name__)

    def sync_user_data(
        self,
        user_id: str,
        data: dict[str, Any],
        source: str = "admin_portal",
        *,
        base_version: int | None = None,
        idempotency_key: str | None = None,
        override: bool = False,
        actor: Actor | None = None,
        correlation_id: str | None = None,
    ) -> dict[str, Any]:
        """Saves a candidate's profile and puts it on every open screen. See `save`."""
        return self.save(
            "user_profile",
            id_text(user_id),
            data,
            source=source,
            base_version=base_version,
            idempotency_key=idempotency_key,
            override=override,
            actor=actor,
            correlation_id=correlation_id,
        )

    def save(
        self,
        kind: str,
        entity_id: str,
        data: dict[str, Any],
        *,
        source: str,
        base_version: int | None = None,
        idempotency_key: str | None = None,
        override: bool = False,
        actor: Actor | None = None,
        correlation_id: str | None = None,
    ) -> dict[str, Any]:
        """Saves fields of an entity; an entity that is not there yet is made.

        `data` is a JSON merge patch (RFC 7386): fields that it leaves out stay, null removes. `base_version` is the
        version that the edit started from; None takes the newest. Answers a dict:

        - `success`; `error` (words for a person, or None) and `code` (for a program, or None)
        - `version`, `seq`, `epoch`: the version that now stands, and its place in the log
        - `changed`: the paths of the fields that this save has changed
        - `conflict`: None, or `fields`, `ids` and `kept` (`mine`, `theirs`, `both`): whose values stand. The others
          are kept as open conflicts.
        """

        def write(who: Actor, correlation: str) -> SaveAnswer:
            require_edit(who, self.state.kinds.get(kind), entity_id, source, override=override)
            request = SaveRequest(
                kind, entity_id, data, source, who, base_version, idempotency_key, override, correlation
            )
            self._check(request)
            return self.state.save(request)

        return self._write(write, actor, correlation_id)

    def delete(
        self, kind: str, entity_id: str, *, source: str, actor: Actor | None = None, correlation_id: str | None = None
    ) -> dict[str, Any]:
        """Deletes an entity: a tombstone, taken back by `undelete`. Answers as `save` does."""
        return self._change("delete", kind, entity_id, source, actor, correlation_id)

    def undelete(
        self, kind: str, entity_id: str, *, source: str, actor: Actor | None = None, correlation_id: str | None = None
    ) -> dict[str, Any]:
        """Brings back a deleted entity as it was. Answers as `save` does."""
        return self._change("undelete", kind, entity_id, source, actor, correlation_id)

    def restore(
        self,
        kind: str,
        entity_id: str,
        version: int,
        *,
        source: str,
        actor: Actor | None = None,
        correlation_id: str | None = None,
    ) -> dict[str, Any]:
        """Brings back an earlier version, as a new one. Answers as `save` does."""

        def write(who: Actor, correlation: str) -> SaveAnswer:
            require_edit(who, self.state.kinds.get(kind), entity_id, source)
            return self.state.restore(self._request(kind, entity_id, source, who, correlation), version)

        return self._write(write, actor, correlation_id)

    def get(self, kind: str, entity_id: str, *, actor: Actor | None = None) -> Entity:
        """The newest version. Raises NotFound and PermissionDenied."""
        return self._reads.get(kind, entity_id, self._actor(actor))

    def snapshot(
        self, kind: str, ids: list[str] | None = None, *, actor: Actor | None = None
    ) -> tuple[list[Entity], Cursor]:
        """Entities of a kind and the cursor they belong to, read in one transaction: go on from there by events."""
        return self._reads.snapshot(kind, ids, self._actor(actor))

    def find(self, kind: str, *, actor: Actor | None = None, **filters: Any) -> Listing:
        """A page of entities; `filters` as in `entities.find`: search, status, score, deleted, sort, limit, offset."""
        return self._reads.find(kind, self._actor(actor), **filters)

    def history(
        self, kind: str, entity_id: str, *, actor: Actor | None = None, limit: int = 50, before: int | None = None
    ) -> list[VersionInfo]:
        """Who changed what, when and from where, newest first."""
        return self._reads.history(kind, entity_id, self._actor(actor), limit=limit, before=before)

    def diff(self, kind: str, entity_id: str, a: int, b: int, *, actor: Actor | None = None) -> list[FieldChange]:
        """The fields that differ between two versions."""
        return self._reads.diff(kind, entity_id, a, b, self._actor(actor))

    def conflicts(
        self,
        *,
        actor: Actor | None = None,
        status: str | None = "open",
        kind: str | None = None,
        entity_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[ConflictInfo], int]:
        """A page of conflicts and how many there are; a candidate sees those of their own profile."""
        return self._conflicts.find(
            self._actor(actor), status=status, kind=kind, entity_id=entity_id, limit=limit, offset=offset
        )

    def resolve_conflict(
        self, conflict_id: str, resolution: str, *, source: str, actor: Actor | None = None
    ) -> dict[str, Any]:
        """Closes a conflict: `accept` what stands, `dismiss` it, or `apply_mine`: write the losing value as a new
        version. Answers as `save` does."""
        return self._write(
            lambda who, correlation: self._conflicts.resolve(conflict_id, resolution, who, source, correlation),
            actor,
            None,
        )

    def sync_data(self, source: str, data: dict[str, Any], *, actor: Actor | None = None) -> dict[str, Any]:
        """Saves several entities in one transaction, all or none: `{"user_profile": {"42": {…}}, "setting": {…}}`.

        Answers `success`, `error`, `code`, `seq` (of the last), `saved` (how many of each kind).
        """
        saved: dict[str, int] = {}

        def write(who: Actor, correlation: str) -> SaveAnswer:
            requests = [
                SaveRequest(kind, entity_id, fields, source, who, correlation_id=correlation)
                for kind, entity_id, fields in parse_sync(data)
            ]
            for request in requests:
                require_edit(who, self.state.kinds.get(request.kind), request.entity_id, source)
                self._check(request)
                saved[request.kind] = saved.get(request.kind, 0) + 1
            return self.state.save_all(requests)

        answer = self._write(write, actor, None)
        return {
            "success": answer["success"],
            "error": answer["error"],
            "code": answer["code"],
            "seq": answer["seq"],
            "saved": saved if answer["success"] else {},
        }

    def publish_event(
        self,
        event_type: str,
        data: dict[str, Any] | None = None,
        *,
        source: str = "script",
        actor: Actor | None = None,
    ) -> dict[str, Any]:
        """Publishes an event to both portals and every subscriber. It changes no state. Answers `success`, `seq`,
        `epoch`, `error`, `code`."""

        def write(who: Actor, correlation: str) -> SaveAnswer:
            who.require(Permission.EDIT_ALL, "publish events")
            payload = {} if data is None else data
            cursor = self.bus.publish(event_type, payload, source=source, actor=who, correlation_id=correlation)
            return SaveAnswer(0, cursor.seq, cursor.epoch)

        answer = self._write(write, actor, None)
        return {key: answer[key] for key in ("success", "seq", "epoch", "error", "code")}

    def subscribe_to_events(
        self, event_types: Iterable[str], callback: Callable[[dict[str, Any]], None]
    ) -> Subscription:
        """Calls `callback(event)` in this process, in order, for what is committed from now on by anybody.

        `event` has type, data, timestamp, source, seq, epoch, kind, entity_id, version, actor_id, correlation_id.
        A subscriber that misses events gets one of the type `resync_required` instead. `["*"]` takes all types.
        """
        return self.bus.subscribe(event_types, callback)

    def get_performance_metrics(self) -> dict[str, Any]:
        """`sync_health` (0 to 100), `latency` (ms from commit to seen, median; 0.0 before the first), `event_count`
        (events ever numbered in this log), and the particulars: reasons, seq, floor, open conflicts, latencies."""
        report = self.health.report()
        by_stage = {item.stage: item for item in report.latencies}
        seen = by_stage.get("seen")
        return {
            "sync_health": report.score,
            "latency": (seen.p50_ms or 0.0) if seen else 0.0,
            "event_count": report.log.seq if report.log else 0,
            "events_held": report.events_held,
            "open_conflicts": report.open_conflicts,
            "reasons": [reason.text for reason in report.reasons],
            "latencies": {
                stage: {"count": item.count, "p50_ms": item.p50_ms, "p99_ms": item.p99_ms}
                for stage, item in by_stage.items()
            },
        }

    def _check(self, request: SaveRequest) -> None:
        rule = self._rules.get(request.kind)
        if rule is not None and isinstance(request.data, dict):
            with self.state.database.read() as connection:
                head = entities.head(connection, request.kind, request.entity_id)
            rule(request, head)

    def _change(
        self, action: str, kind: str, entity_id: str, source: str, actor: Actor | None, correlation_id: str | None
    ) -> dict[str, Any]:
        def write(who: Actor, correlation: str) -> SaveAnswer:
            require_edit(who, self.state.kinds.get(kind), entity_id, source)
            request = self._request(kind, entity_id, source, who, correlation)
            return self.state.delete(request) if action == "delete" else self.state.undelete(request)

        return self._write(write, actor, correlation_id)

    def _request(self, kind: str, entity_id: str, source: str, actor: Actor, correlation: str) -> SaveRequest:
        return SaveRequest(kind, entity_id, {}, source, actor, correlation_id=correlation)

    def _actor(self, given: Actor | None) -> Actor:
        actor = given or self._default_actor()
        if actor is None:
            raise PermissionDenied("Nobody is signed in here, so nothing may be read or changed.")
        return actor

    def _write(
        self, write: Callable[[Actor, str], SaveAnswer], actor: Actor | None, correlation_id: str | None
    ) -> dict[str, Any]:
        """Runs a write under one correlation id and puts its answer, or what was wrong, into a dict."""
        with correlation_scope(correlation_id) as correlation:
            try:
                answer = write(self._actor(actor), correlation)
            except IntelliCVError as error:
                self._log.info("bridge.refused", code=error.code)
                return failure(error)
            except DBAPIError as error:
                self._log.exception("bridge.database_error")
                return failure(DatabaseUnavailable(f"The database refused the save ({type(error.orig).__name__})."))
            except (TypeError, AttributeError) as error:
                self._log.exception("bridge.bad_call")
                return failure(InvalidInput(f"The call can't be understood: {error}."))
            self._log.info("bridge.saved", version=answer.version, seq=answer.seq, fields=len(answer.changed))
            return {
                "success": True,
                **answer.to_json(),
                "error": None,
                "code": None,
            }


def failure(error: IntelliCVError) -> dict[str, Any]:
    """What a write answers that did not succeed."""
    return {
        "success": False,
        "version": None,
        "seq": None,
        "epoch": None,
        "changed": [],
        "conflict": None,
        "error": str(error),
        "code": error.code,
    }


def __getattr__(name: str) -> Any:
    """The ready bridge's attributes, by the module's name (PEP 562)."""
    if name.startswith("_") or not hasattr(PortalBridge, name):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from shared_backend.services.backend import get_backend

    return getattr(get_backend().bridge, name)
