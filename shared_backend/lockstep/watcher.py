"""The one thread of a process that notices that the log has grown, and tells everybody else in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import structlog

from shared_backend.database.engine import Database
from shared_backend.database.failures import meaning
from shared_backend.lockstep.acknowledgement_reads import AckChange, acks_since
from shared_backend.lockstep.event_log import Cursor, Event, position, read_since
from shared_backend.lockstep.probe import PostgresProbe, SqliteProbe, open_probe
from shared_backend.lockstep.topics import Topics
from shared_backend.utils.exception_handler import DatabaseBusy, DatabaseGone, DatabaseUnavailable, IntelliCVError

State = Literal["stopped", "ok", "locked", "gone", "replaced", "unavailable", "dead"]
_BATCH = 500
# The hint may be lost and the pragma may lie: once a second the log itself is asked, and the file is looked at.
_UNCONDITIONAL_S = 1.0


@dataclass(frozen=True)
class Batch:
    """What a watcher has found: events in order, or `resync` when the reader's place no longer exists."""

    epoch: str
    events: tuple[Event, ...]
    resync: bool = False


@dataclass(frozen=True)
class WatcherHealth:
    """How the watcher is. `detail` says it in words; `gaps` counts missing numbers, which must never be."""

    state: State
    detail: str
    restarts: int
    ticks: int
    gaps: int
    last_tick_age_s: float


class Watcher:
    """Watches one database. `start` at once knows the newest position; what is committed later is delivered to the
    listeners in order, whole, and at least once. A listener must be quick; one that raises is reported and goes on."""

    def __init__(self, database: Database, *, tick_s: float = 0.01) -> None:
        self.database = database
        self.topics = Topics()
        self.position = Cursor("", 0)
        self._tick_s = tick_s
        self._ack_seq = 0
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._listeners: list[Callable[[Batch], None]] = []
        self._ack_listeners: list[Callable[[list[AckChange]], None]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._guard: threading.Thread | None = None
        self._probe: SqliteProbe | PostgresProbe | None = None
        self._state: State = "stopped"
        self._detail = "not started"
        self._restarts = 0
        self._ticks = 0
        self._gaps = 0
        self._last_tick = time.monotonic()
        self._log = structlog.get_logger(__name__)

    def start(self) -> None:
        """Takes the position and starts the thread. Idempotent. Raises DatabaseUnavailable where there is none."""
        with self._lock:
            if self._thread is not None:
                return
            self._stopping.clear()
            self._open()
            self._thread = self._spawn()
            self._guard = threading.Thread(target=self._keep_alive, name="lockstep-guard", daemon=True)
            self._guard.start()

    def stop(self) -> None:
        """Ends the thread and lets go of its connection."""
        with self._lock:
            thread, self._thread = self._thread, None
        self._stopping.set()
        self._woken.set()
        if thread is not None:
            thread.join(timeout=5.0)
        self._close_probe()
        self._say("stopped", "stopped")

    def hint(self) -> None:
        """Something was probably committed: look now rather than at the next tick."""
        self._woken.set()

    def topic_seq(self, kind: str, entity_id: str | None = None) -> int:
        """The seq of the last change of an entity, or of a kind; never below the baseline. No I/O."""
        return self.topics.seq(kind, entity_id)

    def add_listener(self, listener: Callable[[Batch], None]) -> Callable[[], None]:
        """Calls `listener` with every batch from now on, on the watcher's thread; answers what ends it."""
        self._listeners = [*self._listeners, listener]
        return lambda: self._remove(listener)

    def add_ack_listener(self, listener: Callable[[list[AckChange]], None]) -> None:
        """Calls `listener` with acknowledgements that changed, on the watcher's thread."""
        self._ack_listeners = [*self._ack_listeners, listener]

    def health(self) -> WatcherHealth:
        """How it is. A thread that has not ticked for a while is reported as locked or dead, not as well."""
        age = time.monotonic() - self._last_tick
        state, detail = self._state, self._detail
        if state == "ok" and age > 5 * _UNCONDITIONAL_S:
            state, detail = "dead", f"no tick for {age:.0f} s"
        return WatcherHealth(state, detail, self._restarts, self._ticks, self._gaps, round(age, 3))

    def open_for_ticks(self) -> None:
        """Takes the position without starting the thread: for whoever calls `tick` by hand, as the benchmark does."""
        self._open()

    def tick(self) -> None:
        """One look: cheap unless something was committed."""
        probe = self._probe
        if probe is not None and probe.changed():
            self._catch_up(probe)

    def _spawn(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="lockstep-watcher", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        next_check = time.monotonic() + _UNCONDITIONAL_S
        while not self._stopping.is_set():
            self._woken.wait(self._tick_s)
            self._woken.clear()
            now = time.monotonic()
            try:
                self._ensure_open()
                self.tick()
                if now >= next_check:
                    next_check = now + _UNCONDITIONAL_S
                    self._check()
                self._last_tick = now
                self._ticks += 1
            except Exception as error:
                self._trouble(error)
                self._stopping.wait(min(0.5, self._tick_s * 10))

    def _keep_alive(self) -> None:
        """The watchdog: a thread that has died (a listener that raised SystemExit, a bug) is started again."""
        while not self._stopping.wait(0.5):
            thread = self._thread
            if thread is not None and not thread.is_alive() and not self._stopping.is_set():
                self._restarts += 1
                self._log.error("watcher.died", restarts=self._restarts)
                self._close_probe()
                with self._lock:
                    if self._thread is thread:
                        self._thread = self._spawn()

    def _open(self) -> None:
        """Connects and takes the position; in a new epoch, or after a gap, everything is to be read afresh."""
        probe = open_probe(self.database, self.hint)
        try:
            probe.changed()
            epoch, seq, floor, ack_seq = probe.counters()
        except BaseException:
            probe.close()
            raise
        self._probe = probe
        first = self.position.epoch == ""
        if first:
            # Once now, so that the first event does not wait for a connection and for its statement to be compiled.
            with self.database.read() as connection:
                read_since(connection, seq, limit=1)
            self.position, self._ack_seq = Cursor(epoch, seq), ack_seq
            self.topics.reset(seq)
        else:
            self._advance(epoch, seq, floor, ack_seq)
        self._say("ok", "watching")

    def _ensure_open(self) -> None:
        if self._probe is None:
            self._open()

    def _check(self) -> None:
        """Once a second, whatever the hints say."""
        probe = self._probe
        assert probe is not None
        if probe.file != self.database.file_identity():
            self._close_probe()
            self.database.dispose()
            if self.database.file_identity() is None:
                raise DatabaseGone("The database file is gone.")
            self._say("replaced", "the database file was replaced; reconnecting")
            self._log.warning("watcher.replaced")
            return
        self._catch_up(probe)
        if self._state != "ok":
            self._say("ok", "watching")

    def _catch_up(self, probe: SqliteProbe | PostgresProbe) -> None:
        self._advance(*probe.counters())

    def _advance(self, epoch: str, seq: int, floor: int, ack_seq: int) -> None:
        if epoch != self.position.epoch or seq < self.position.seq or self.position.seq < floor:
            self._resync(epoch, seq)
        elif seq > self.position.seq:
            self._read_events()
        if ack_seq != self._ack_seq:
            self._read_acks(ack_seq)

    def _resync(self, epoch: str, seq: int) -> None:
        self._log.warning("watcher.resync", seq=seq)
        self.topics.reset(seq)
        self.position = Cursor(epoch, seq)
        self._deliver(Batch(epoch, (), resync=True))

    def _read_events(self) -> None:
        while True:
            with self.database.read() as connection:
                events = read_since(connection, self.position.seq, limit=_BATCH)
                gap = bool(events) and not _follows(events, self.position.seq)
                where = position(connection) if gap else None
            if not events:
                return
            if where is not None and where.floor > self.position.seq:
                # Trimmed between two looks: a slow reader's fault and no alarm, but never silence.
                self._resync(where.epoch, where.seq)
                return
            if gap:
                # Contiguous numbers are the promise that everything rests on: a gap is an alarm.
                self._gaps += 1
                self._log.error("watcher.gap", after=self.position.seq, found=events[0].seq)
            self.topics.note(events)
            self.position = Cursor(self.position.epoch, events[-1].seq)
            self._deliver(Batch(self.position.epoch, tuple(events)))
            if len(events) < _BATCH:
                return

    def _read_acks(self, ack_seq: int) -> None:
        if self._ack_listeners:
            with self.database.read() as connection:
                changes = acks_since(connection, self._ack_seq)
            for listener in self._ack_listeners:
                self._call(lambda listener=listener: listener(changes))  # type: ignore[misc]
        self._ack_seq = ack_seq

    def _deliver(self, batch: Batch) -> None:
        for listener in self._listeners:
            self._call(lambda listener=listener: listener(batch))  # type: ignore[misc]

    def _call(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (Exception, SystemExit):
            self._log.exception("watcher.listener_failed")

    def _remove(self, listener: Callable[[Batch], None]) -> None:
        self._listeners = [known for known in self._listeners if known is not listener]

    def _trouble(self, error: Exception) -> None:
        """Says what is wrong, and starts over with a new connection unless it is only locked."""
        known = error if isinstance(error, DatabaseUnavailable) else meaning(error)
        if isinstance(known, DatabaseBusy):
            self._say("locked", "the database is locked by somebody else")
            return
        self._close_probe()
        if isinstance(known, DatabaseGone):
            self._say("gone", str(known))
        elif isinstance(known, IntelliCVError):
            self._say("unavailable", str(known))
        else:
            self._say("unavailable", f"{type(error).__name__}: {error}")
        self._restarts += 1

    def _say(self, state: State, detail: str) -> None:
        if state != self._state:
            self._log.info("watcher.state", state=state, detail=detail)
        self._state, self._detail = state, detail

    def _close_probe(self) -> None:
        probe, self._probe = self._probe, None
        if probe is not None:
            with suppress(Exception):
                probe.close()


def _follows(events: list[Event], seq: int) -> bool:
    return events[0].seq == seq + 1 and events[-1].seq - events[0].seq == len(events) - 1
