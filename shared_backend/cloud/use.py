"""What the clouds were used for, by all processes: calls, failures, latencies and tokens, off the caller's thread."""

from __future__ import annotations

import threading
import uuid
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from shared_backend.cloud import latencies
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.contract import Usage as Tokens
from shared_backend.cloud.prices import Prices
from shared_backend.database.engine import Database
from shared_backend.database.tables import CloudUseRow
from shared_backend.utils.clock import Clock, utc_now

_ROWS = CloudUseRow.__table__  # type: ignore[attr-defined]
_MINUTES = 5
_KEY = ("process_id", "began_at", "provider", "capability", "model")


@dataclass
class _Sum:
    calls: int = 0
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    units: int = 0
    total_ms: float = 0.0
    slowest_ms: float = 0.0
    latencies: dict[str, int] = field(default_factory=dict)
    unsaved: bool = True


@dataclass(frozen=True)
class Use:
    """What a provider's capability did for all processes. `model` is empty for calls, whose latency is counted apart
    from tokens; for text analysis it is the operation, and `units` are the provider's own. `cost` is None where no
    price is known; p50 and p95 are in ms."""

    provider: str
    capability: str
    model: str
    calls: int
    failures: int
    p50_ms: float | None
    p95_ms: float | None
    slowest_ms: float
    input_tokens: int
    output_tokens: int
    units: int
    cost: float | None
    currency: str = ""
    price_source: str = ""


class UseRecorder:
    """Counts in memory, and writes every few seconds from a thread that begins with the first count."""

    def __init__(self, database: Database, *, interval_s: float = 5.0, clock: Clock = utc_now) -> None:
        self._database = database
        self._interval_s = interval_s
        self._clock = clock
        self._process_id = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._sums: dict[tuple[datetime, str, str, str], _Sum] = {}
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._log = structlog.get_logger(__name__)

    def call(self, provider: str, capability: Capability, elapsed_ms: float, *, failed: bool) -> None:
        """One call to a provider."""
        with self._lock:
            found = self._sum(provider, capability, "")
            found.calls += 1
            found.failures += failed
            found.total_ms += elapsed_ms
            found.slowest_ms = max(found.slowest_ms, elapsed_ms)
            number = str(latencies.class_of(elapsed_ms))
            found.latencies[number] = found.latencies.get(number, 0) + 1

    def tokens(self, provider: str, capability: Capability, model: str, told: Tokens) -> None:
        """What an answer took, where its provider tells."""
        if told.input_tokens is None and told.output_tokens is None:
            return
        with self._lock:
            found = self._sum(provider, capability, model[:120])
            found.calls += 1
            found.input_tokens += told.input_tokens or 0
            found.output_tokens += told.output_tokens or 0

    def units(self, provider: str, capability: Capability, operation: str, units: int) -> None:
        """What a call was billed as, in the provider's own units."""
        if units:
            with self._lock:
                found = self._sum(provider, capability, operation)
                found.calls += 1
                found.units += units

    def flush(self) -> bool:
        """Writes what has not been written; False when the database would not take it."""
        with self._lock:
            due = {key: vars(found).copy() for key, found in self._sums.items() if found.unsaved}
            for key in due:
                self._sums[key].unsaved = False
        if not due:
            return True
        try:
            self._database.run(lambda uow: self._write(uow.connection, due))
        except Exception as error:
            # Figures are never why something fails, and a thread that ends here would take all later ones with it.
            self._log.info("cloud.use_not_written", error=type(error).__name__)
            with self._lock:
                for key in due:
                    if key in self._sums:
                        self._sums[key].unsaved = True
            return False
        self._forget_old()
        return True

    def close(self) -> None:
        """Writes the rest and ends the thread."""
        self._closing.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=5.0)

    def _sum(self, provider: str, capability: Capability, model: str) -> _Sum:
        now = self._clock()
        began_at = now.replace(minute=now.minute // _MINUTES * _MINUTES, second=0, microsecond=0)
        found = self._sums.setdefault((began_at, provider, str(capability), model), _Sum())
        found.unsaved = True
        if self._thread is None and not self._closing.is_set():
            # It holds no recorder: one that nobody has any more takes its thread along.
            arguments = (weakref.ref(self), self._closing, self._interval_s)
            self._thread = threading.Thread(target=_keep_writing, args=arguments, name="cloud-use", daemon=True)
            self._thread.start()
        return found

    def _write(self, connection: Connection, due: Mapping[tuple[datetime, str, str, str], dict[str, Any]]) -> None:
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(_ROWS)
        for (began_at, provider, capability, model), values in due.items():
            values.pop("unsaved")
            key = (self._process_id, began_at, provider, capability, model)
            # The sums of this process and these minutes are its own: written again, they are the same.
            statement = insert.values(**dict(zip(_KEY, key, strict=True)), **values)
            connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=values))

    def _forget_old(self) -> None:
        before = self._clock() - timedelta(minutes=2 * _MINUTES)
        with self._lock:
            for key in [key for key, found in self._sums.items() if key[0] < before and not found.unsaved]:
                del self._sums[key]


def _keep_writing(recorder: weakref.ref[UseRecorder], closing: threading.Event, interval_s: float) -> None:
    while True:
        closed = closing.wait(interval_s)
        found = recorder()
        if found is not None:
            found.flush()
        if closed or found is None:
            return
        del found


def used(connection: Connection, *, since: datetime, prices: Prices) -> list[Use]:
    """What was used since then by all processes, by provider, capability and model."""
    sums: dict[tuple[str, str, str], _Sum] = {}
    for row in connection.execute(select(_ROWS).where(_ROWS.c.began_at >= since)):
        found = sums.setdefault((row.provider, row.capability, row.model), _Sum())
        for name in ("calls", "failures", "input_tokens", "output_tokens", "units", "total_ms"):
            setattr(found, name, getattr(found, name) + getattr(row, name))
        found.slowest_ms = max(found.slowest_ms, row.slowest_ms)
        found.latencies = latencies.added(found.latencies, row.latencies)
    return [_use(*key, found, prices) for key, found in sorted(sums.items())]


def prune(connection: Connection, *, before: datetime) -> int:
    """Removes what is older; answers how many rows."""
    return int(connection.execute(delete(_ROWS).where(_ROWS.c.began_at < before)).rowcount)


def _use(provider: str, capability: str, model: str, found: _Sum, prices: Prices) -> Use:
    cost = prices.cost(provider, model, found.input_tokens, found.output_tokens, units=found.units) if model else None
    return Use(
        provider,
        capability,
        model,
        found.calls,
        found.failures,
        latencies.percentile(found.latencies, 0.5),
        latencies.percentile(found.latencies, 0.95),
        found.slowest_ms,
        found.input_tokens,
        found.output_tokens,
        found.units,
        cost,
        prices.currency if cost is not None else "",
        f"{prices.source}, {prices.date}" if cost is not None else "",
    )
