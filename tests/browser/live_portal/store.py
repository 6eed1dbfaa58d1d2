"""A portal's backend in one process's memory: enough of a watcher, entities and acknowledgements for the live layer."""

from __future__ import annotations

import functools
import itertools
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from shared_backend.portal_ui.push import Hub, Viewer


@dataclass(frozen=True)
class Cursor:
    epoch: str
    seq: int


@dataclass(frozen=True)
class Event:
    kind: str | None
    entity_id: str | None
    seq: int
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    epoch: str
    events: tuple[Event, ...]
    resync: bool = False


@dataclass(frozen=True)
class AckChange:
    kind: str
    entity_id: str
    version: int


class FakeWatcher:
    """Answers as the process's watcher does; `happened` plays the part of the log growing."""

    def __init__(self, baseline: int = 0) -> None:
        self.baseline = baseline
        self._position = Cursor("epoch-1", baseline)
        self._topics: dict[tuple[str, str | None], int] = {}
        self._listeners: list[Callable[[Batch], None]] = []
        self._ack_listeners: list[Callable[[list[AckChange]], None]] = []
        self._lock = threading.Lock()

    @property
    def position(self) -> Cursor:
        return self._position

    def topic_seq(self, kind: str, entity_id: str | None = None) -> int:
        return self._topics.get((kind, entity_id), self.baseline)

    def add_listener(self, listener: Callable[[Batch], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def add_ack_listener(self, listener: Callable[[list[AckChange]], None]) -> Callable[[], None]:
        self._ack_listeners.append(listener)
        return lambda: self._ack_listeners.remove(listener)

    def happened(self, *subjects: tuple[str, str], resync: bool = False) -> None:
        with self._lock:
            epoch, seq = self._position.epoch, self._position.seq
            events = []
            for kind, entity_id in subjects:
                seq += 1
                events.append(Event(kind, entity_id, seq))
                self._topics[(kind, entity_id)] = self._topics[(kind, None)] = seq
            if resync:
                epoch = f"epoch-{int(epoch.rpartition('-')[2]) + 1}"
            self._position = Cursor(epoch, seq)
            batch = Batch(epoch, tuple(events), resync)
            for listener in list(self._listeners):
                listener(batch)

    def acknowledged(self, *changes: AckChange) -> None:
        for listener in list(self._ack_listeners):
            listener(list(changes))


class PagesWatcher:
    """The watcher as pages have it: only their timers ask for a topic, and once each time for the account's."""

    def __init__(self, watcher: FakeWatcher, looked: Callable[[], object]) -> None:
        self._watcher = watcher
        self._looked = looked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._watcher, name)

    def topic_seq(self, kind: str, entity_id: str | None = None) -> int:
        if kind == "account":
            self._looked()
        return self._watcher.topic_seq(kind, entity_id)


@dataclass
class Row:
    data: dict[str, Any]
    version: int = 1
    by: str = "Ada"
    committed: float = field(default_factory=time.perf_counter)


class Store:
    """Entities, who has which session, and what was reported as shown."""

    def __init__(self) -> None:
        self.watcher = FakeWatcher()
        self.pages_watcher = PagesWatcher(self.watcher, lambda: self.ran("looks"))
        self.rows: dict[tuple[str, str], Row] = {}
        self.sessions = {"ada": ("ada", "admin"), "cleo": ("cleo", "candidate")}
        self.shown: list[dict[str, Any]] = []
        self.runs: dict[str, int] = {}
        self.hub = Hub(self.watcher, self.authenticate, self.report, read_texts=self.read_texts)
        self.may_draw = threading.Event()
        self.may_draw.set()
        self.tells_texts = True
        self.opened = datetime.now(UTC)
        self._lock = threading.Lock()
        self._counter = itertools.count(1)
        self.put("user_profile", "42", {"headline": "Analyst", "summary": "Numbers", "place": "Lyon"})
        self.put("announcement", "1", {"text": "Welcome"})

    def authenticate(self, cookies: Mapping[str, str]) -> Viewer | None:
        session = self.sessions.get(cookies.get("test_session", ""))
        if session is None:
            return None
        account_id, role = session
        return Viewer(account_id, role, lambda kind, entity_id: role == "admin" or kind != "setting")

    def read_texts(self, cookies: Mapping[str, str], topics: Collection[tuple[str, str | None]]) -> dict[str, str]:
        return self.texts() if self.tells_texts and ("user_profile", "42") in topics else {}

    def texts(self) -> dict[str, str]:
        data = self.rows[("user_profile", "42")].data
        return {"value_place": data["place"], "value_summary": data["summary"]}

    def put(self, kind: str, entity_id: str, change: dict[str, Any], by: str = "Ada") -> Row:
        with self._lock:
            old = self.rows.get((kind, entity_id))
            row = Row({**old.data, **change}, old.version + 1, by) if old else Row(dict(change), by=by)
            self.rows[(kind, entity_id)] = row
        self.watcher.happened((kind, entity_id))
        return row

    def report(self, kind: str, entity_id: str, version: int, stage: str, account_id: str | None) -> None:
        row = self.rows.get((kind, entity_id))
        elapsed = (time.perf_counter() - row.committed) * 1000 if row else None
        self.shown.append(
            {"kind": kind, "id": entity_id, "version": version, "stage": stage, "who": account_id, "ms": elapsed}
        )
        self.watcher.acknowledged(AckChange(kind, entity_id, version))

    def acks(self, kind: str, entity_id: str, version: int) -> list[Any]:
        self.ran("acks")
        found = [
            each for each in self.shown if (each["kind"], each["id"], each["version"]) == (kind, entity_id, version)
        ]
        stored = [SimpleNamespace(portal="admin_portal", stage="stored", at=None, elapsed_ms=0.0, people=1)]
        return stored + [
            SimpleNamespace(portal="user_portal", stage="shown", at=None, elapsed_ms=each["ms"], people=1)
            for each in found
        ]

    def ran(self, what: str) -> int:
        with self._lock:
            self.runs[what] = self.runs.get(what, 0) + 1
            return self.runs[what]


@functools.cache
def store() -> Store:
    """The process's one store."""
    return Store()
