"""The health of the bridge: one number, 0 to 100, and the reasons that took points off it."""

from __future__ import annotations

import statistics
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from shared_backend.database.engine import Database
from shared_backend.database.tables import AcknowledgementRow, EventRow
from shared_backend.identity.actor import Actor
from shared_backend.lockstep import conflicts
from shared_backend.lockstep.acknowledgement_reads import Ack, acks_of
from shared_backend.lockstep.consumers import ConsumerInfo, consumers
from shared_backend.lockstep.event_bus import EventBus
from shared_backend.lockstep.event_log import LogPosition, position
from shared_backend.lockstep.presence import STALE_S, ProcessInfo, processes
from shared_backend.lockstep.watcher import Watcher, WatcherHealth
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import DatabaseUnavailable

_ACK = AcknowledgementRow.__table__  # type: ignore[attr-defined]
_EVENT = EventRow.__table__  # type: ignore[attr-defined]
PORTALS = ("admin_portal", "user_portal")
_CANARY_PATIENCE_S = 3.0
_SLOW_MS = 1_000.0
_WAL_BYTES = 256 * 1024 * 1024
_WINDOW = 10_000


@dataclass(frozen=True)
class Reason:
    """One finding: the points it takes off, and what it is, in words. Zero points: worth knowing, nothing broken."""

    points: int
    text: str


@dataclass(frozen=True)
class CanaryInfo:
    """The newest canary: when it was written, and what each portal answered."""

    id: str
    at: datetime
    answers: tuple[Ack, ...]


@dataclass(frozen=True)
class Latency:
    """Milliseconds from commit to a stage, over the newest acknowledgements; None where there are none."""

    stage: Literal["seen", "shown"]
    count: int
    p50_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True)
class HealthReport:
    """Everything that the monitor shows."""

    score: int
    reasons: list[Reason] = field(default_factory=list)
    log: LogPosition | None = None
    events_held: int = 0
    missing_numbers: int = 0
    processes: list[ProcessInfo] = field(default_factory=list)
    consumers: list[ConsumerInfo] = field(default_factory=list)
    open_conflicts: int = 0
    wal_bytes: int | None = None
    watcher: WatcherHealth | None = None
    canary: CanaryInfo | None = None
    latencies: list[Latency] = field(default_factory=list)


def send_canary(bus: EventBus, *, source: str = "worker") -> str:
    """Writes a canary; every portal process answers it with `seen`. Answers its id."""
    canary_id = str(uuid.uuid4())
    bus.publish("canary", {"canary_id": canary_id}, source=source, actor=Actor.system("canary"))
    return canary_id


class Health:
    """Examines the bridge as this process sees it."""

    def __init__(self, database: Database, watcher: Watcher, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._watcher = watcher
        self._clock = clock

    def report(self) -> HealthReport:
        """The health now. Never raises for a database that can't be reached: that is health 0."""
        watcher = self._watcher.health()
        try:
            with self._database.snapshot() as connection:
                found = self._facts(connection, watcher)
        except DatabaseUnavailable as error:
            return HealthReport(0, [Reason(100, str(error))], watcher=watcher)
        reasons = self._reasons(found)
        return HealthReport(**{**found, "score": max(0, 100 - sum(r.points for r in reasons)), "reasons": reasons})

    def _facts(self, connection: Connection, watcher: WatcherHealth) -> dict[str, Any]:
        where = position(connection)
        low = max(where.floor, where.seq - _WINDOW)
        held = connection.execute(select(func.count()).select_from(_EVENT).where(_EVENT.c.seq > low)).scalar_one()
        return {
            "log": where,
            "events_held": where.seq - where.floor,
            "missing_numbers": (where.seq - low) - held,
            "processes": processes(connection),
            "consumers": consumers(connection),
            "open_conflicts": conflicts.count_open(connection),
            "wal_bytes": self._wal_bytes(),
            "watcher": watcher,
            "canary": self._canary(connection),
            "latencies": [_latency(connection, stage) for stage in ("seen", "shown")],
        }

    def _canary(self, connection: Connection) -> CanaryInfo | None:
        query = (
            select(_EVENT.c.data, _EVENT.c.at).where(_EVENT.c.type == "canary").order_by(_EVENT.c.seq.desc()).limit(1)
        )
        row = connection.execute(query).first()
        if row is None:
            return None
        canary_id = str(row.data.get("canary_id", ""))
        return CanaryInfo(canary_id, row.at, tuple(acks_of(connection, "canary", canary_id, 0)))

    def _wal_bytes(self) -> int | None:
        path = self._database.path
        if path is None:
            return None
        wal = path.with_name(path.name + "-wal")
        return wal.stat().st_size if wal.exists() else 0

    def _reasons(self, found: dict[str, Any]) -> list[Reason]:
        reasons = [*self._about_log(found), *self._about_portals(found), *self._about_consumers(found["consumers"])]
        wal = found["wal_bytes"] or 0
        if wal > _WAL_BYTES:
            reasons.append(Reason(10, f"The write-ahead log has {wal / 2**20:,.0f} MiB: a reader is holding it open."))
        if found["open_conflicts"]:
            count = found["open_conflicts"]
            reasons.append(Reason(0, f"{count:,} conflict{'s' if count > 1 else ''} wait for a decision."))
        return reasons

    def _about_log(self, found: dict[str, Any]) -> list[Reason]:
        reasons = []
        if found["missing_numbers"]:
            reasons.append(Reason(50, f"{found['missing_numbers']:,} event numbers are missing from the log."))
        watcher: WatcherHealth = found["watcher"]
        if watcher.state not in ("ok", "stopped"):
            reasons.append(Reason(30, f"This process's watcher: {watcher.detail}."))
        if watcher.gaps:
            reasons.append(Reason(30, f"This process's watcher met {watcher.gaps} gaps in the log."))
        if watcher.restarts:
            reasons.append(Reason(0, f"This process's watcher was restarted {watcher.restarts} times."))
        return reasons

    def _about_portals(self, found: dict[str, Any]) -> list[Reason]:
        reasons = []
        now = self._clock()
        silent: list[ProcessInfo] = []
        alive: list[ProcessInfo] = []
        for process in found["processes"]:
            (silent if (now - process.beat_at).total_seconds() > STALE_S else alive).append(process)
        reasons += [_about_silent(process, alive) for process in silent]
        for process in alive:
            state = process.watcher.get("state")
            if state not in ("ok", None):
                reasons.append(Reason(20, f"{_title(process.portal)}'s watcher: {process.watcher.get('detail')}."))
        portals = {process.portal: process for process in alive}
        for portal in PORTALS:
            if portal not in portals:
                if not any(process.portal == portal for process in found["processes"]):
                    reasons.append(Reason(0, f"{_title(portal)} is not running."))
                continue
            reasons += self._about_answer(portal, portals[portal], found["canary"], now)
        return reasons

    def _about_answer(
        self, portal: str, process: ProcessInfo, canary: CanaryInfo | None, now: datetime
    ) -> list[Reason]:
        if canary is None or canary.at < process.started_at + timedelta(seconds=1):
            return []
        answer = next((a for a in canary.answers if a.portal == portal), None)
        if answer is None:
            late = (now - canary.at).total_seconds()
            return (
                [Reason(30, f"{_title(portal)} has not answered for {late:.0f} s.")]
                if late > _CANARY_PATIENCE_S
                else []
            )
        if answer.elapsed_ms > _SLOW_MS:
            return [Reason(10, f"{_title(portal)} took {answer.elapsed_ms:,.0f} ms to see a change.")]
        return []

    def _about_consumers(self, found: list[ConsumerInfo]) -> list[Reason]:
        reasons = []
        for consumer in found:
            if consumer.state == "expired":
                reasons.append(Reason(10, f"The consumer {consumer.name} fell too far behind and must resync."))
            elif consumer.failures:
                reasons.append(
                    Reason(
                        10, f"The consumer {consumer.name} has failed {consumer.failures} times: {consumer.last_error}."
                    )
                )
            elif consumer.lag > 10_000:
                reasons.append(Reason(5, f"The consumer {consumer.name} is {consumer.lag:,} events behind."))
        return reasons


def _latency(connection: Connection, stage: Literal["seen", "shown"]) -> Latency:
    """Of a person's edits only: canaries have an answer of their own. What was first shown a minute later was opened
    later, and says nothing of how fast the bridge is."""
    rows = connection.execute(
        select(_ACK.c.elapsed_ms)
        .where(_ACK.c.stage == stage, _ACK.c.kind != "canary", _ACK.c.elapsed_ms < 60_000)
        .order_by(_ACK.c.ack_seq.desc())
        .limit(200)
    )
    values = sorted(row.elapsed_ms for row in rows)
    if not values:
        return Latency(stage, 0, None, None)
    p99 = values[min(len(values) - 1, int(len(values) * 0.99))]
    return Latency(stage, len(values), round(statistics.median(values), 1), round(p99, 1))


def _about_silent(process: ProcessInfo, alive: list[ProcessInfo]) -> Reason:
    """One that was killed could not sign off, and its row stays for a while; nothing is broken once another one has
    taken its place. Of the same host alone: its times are by the same clock, and another host's portal is another."""
    name = f"{_title(process.portal)} (process {process.pid})"
    for other in alive:
        if (other.portal, other.host) == (process.portal, process.host) and other.started_at >= process.beat_at:
            return Reason(0, f"{name} stopped without signing off; process {other.pid} has taken its place.")
    return Reason(30, f"{name} has stopped reporting.")


def _title(portal: str) -> str:
    return {"admin_portal": "The admin portal", "user_portal": "The user portal"}.get(portal, f"The {portal}")
