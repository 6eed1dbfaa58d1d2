"""The event bus: publishing to the log, and subscribers within the process."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import structlog

from shared_backend.database.engine import Database
from shared_backend.database.types import to_json
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.actor import Actor
from shared_backend.lockstep import event_log
from shared_backend.lockstep.consumers import DurableConsumer, Handler
from shared_backend.lockstep.event_log import Cursor, Draft
from shared_backend.lockstep.event_types import EventRegister
from shared_backend.lockstep.requests import MAX_DEPTH, is_too_deep
from shared_backend.lockstep.watcher import Batch, Watcher
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import InvalidInput, PayloadTooLarge

Callback = Callable[[dict[str, Any]], None]
_QUEUE_LIMIT = 10_000
_MAX_EVENT_BYTES = 65_536


class Subscription:
    """One callback with a queue and a thread of its own: a slow or raising one holds up nobody else.

    When it falls so far behind that events had to be left out, or the log was restored, it gets one event of the type
    `resync_required` in their place: never silence.
    """

    def __init__(self, types: frozenset[str], callback: Callback, on_close: Callable[[Subscription], None]) -> None:
        self._types = types
        self._callback = callback
        self._on_close = on_close
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue(_QUEUE_LIMIT)
        # The epoch in which events were left out, until that has been said.
        self._overflowed: str | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self.failures = 0
        self._log = structlog.get_logger(__name__)
        self._thread = threading.Thread(target=self._run, name="lockstep-subscriber", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the subscription; what is queued is still delivered. Never blocks, however far behind it is."""
        self._on_close(self)
        self._closed.set()
        with suppress(queue.Full):
            self._queue.put_nowait(None)

    def offer(self, batch: Batch) -> None:
        """Takes what it subscribed to from a batch. Called on the watcher's thread, so it never blocks."""
        if batch.resync:
            self._put(_resync(batch.epoch, "epoch"))
            return
        for event in batch.events:
            if "*" in self._types or event.type in self._types:
                self._put(event.to_dict(batch.epoch))

    def _put(self, event: dict[str, Any]) -> None:
        with self._lock:
            try:
                if self._overflowed is not None:
                    self._queue.put_nowait(_resync(event["epoch"], "overflow"))
                    self._overflowed = None
                self._queue.put_nowait(event)
            except queue.Full:
                self._overflowed = event["epoch"]

    def _run(self) -> None:
        while not (self._closed.is_set() and self._queue.empty()):
            event = self._queue.get()
            if event is not None:
                self._deliver(event)
            missed = None
            with self._lock:
                # What was left out may have been the last for a long time: say so now, not with the next event.
                if self._queue.empty():
                    missed, self._overflowed = self._overflowed, None
            if missed is not None:
                self._deliver(_resync(missed, "overflow"))

    def _deliver(self, event: dict[str, Any]) -> None:
        try:
            self._callback(event)
        except (Exception, SystemExit):
            self.failures += 1
            self._log.exception("subscriber.failed", type=event["type"], seq=event.get("seq"))


class EventBus:
    """Publishes events to the log and calls the process's subscribers with what the watcher brings."""

    def __init__(
        self, database: Database, watcher: Watcher, register: EventRegister, *, clock: Clock = utc_now
    ) -> None:
        self.database = database
        self.watcher = watcher
        self.register = register
        self._clock = clock
        self._lock = threading.Lock()
        self._subscriptions: list[Subscription] = []
        self._unlisten: Callable[[], None] | None = None

    def publish(
        self, event_type: str, data: dict[str, Any], *, source: str, actor: Actor, correlation_id: str = ""
    ) -> Cursor:
        """Writes one event in a transaction of its own, and answers its cursor. Raises InvalidInput for an unknown type
        or data that does not fit it."""
        cursor = self.database.run(
            lambda uow: self.publish_in(
                uow, event_type, data, source=source, actor=actor, correlation_id=correlation_id
            )
        )
        self.watcher.hint()
        return cursor

    def publish_in(
        self,
        uow: UnitOfWork,
        event_type: str,
        data: dict[str, Any],
        *,
        source: str,
        actor: Actor,
        kind: str | None = None,
        entity_id: str | None = None,
        correlation_id: str = "",
    ) -> Cursor:
        """The same in a transaction that the caller has open: call it last, the log's counter is held from here on."""
        checked = self.register.check(event_type, data)
        if not isinstance(source, str) or not 1 <= len(source) <= 40 or not source.isprintable():
            raise InvalidInput("The source of an event is 1 to 40 printable characters, such as 'script'.")
        if is_too_deep(checked):
            raise InvalidInput(f"The data of an event is nested at most {MAX_DEPTH} levels deep.")
        try:
            size = len(to_json(checked).encode())
        except (TypeError, ValueError, UnicodeEncodeError, RecursionError) as error:
            raise InvalidInput(f"The data of the event can't be written as JSON: {error}.") from None
        if size > _MAX_EVENT_BYTES:
            raise PayloadTooLarge(f"An event may carry {_MAX_EVENT_BYTES:,} bytes; this one has {size:,}.")
        draft = Draft(event_type, source, checked, kind, entity_id)
        uow.after_commit(self.watcher.hint)
        return event_log.append(
            uow,
            [draft],
            actor_id=actor.id,
            actor_name=actor.name,
            at=self._clock(),
            correlation_id=correlation_id,
        )

    def subscribe(self, event_types: Iterable[str], callback: Callback) -> Subscription:
        """Calls `callback(event)` in this process for events committed from now on; `["*"]` takes all types.
        Starts the watcher when it is not running."""
        if isinstance(event_types, str):
            event_types = [event_types]
        types = frozenset(event_types)
        if not types:
            raise InvalidInput("Name at least one event type to subscribe to, or '*' for all.")
        if not callable(callback):
            raise InvalidInput("The callback must be something that can be called with an event.")
        for name in types - {"*"}:
            self.register.shape_of(name)
        self.watcher.start()
        subscription = Subscription(types, callback, self._forget)
        with self._lock:
            self._subscriptions = [*self._subscriptions, subscription]
            if self._unlisten is None:
                self._unlisten = self.watcher.add_listener(self._on_batch)
        return subscription

    def consumer(self, name: str, handler: Handler) -> DurableConsumer:
        """A durable consumer of that name, over this database."""
        return DurableConsumer(self.database, name, handler, clock=self._clock)

    def close(self) -> None:
        """Ends all subscriptions."""
        for subscription in self._subscriptions:
            subscription.close()
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None

    def _on_batch(self, batch: Batch) -> None:
        for subscription in self._subscriptions:
            subscription.offer(batch)

    def _forget(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions = [known for known in self._subscriptions if known is not subscription]


def _resync(epoch: str, reason: str) -> dict[str, Any]:
    return {
        "type": "resync_required",
        "data": {"reason": reason},
        "timestamp": utc_now().isoformat(),
        "source": "bus",
        "epoch": epoch,
        "seq": None,
        "event_id": None,
        "kind": None,
        "entity_id": None,
        "version": None,
        "actor_id": None,
        "actor_name": None,
        "correlation_id": None,
    }
