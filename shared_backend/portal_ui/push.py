"""The hub: what the watcher notices, told to the browser tabs that show it.

One per portal process. The watcher's thread hands each batch to the event loop and is never held up; on the loop every
topic is one dictionary lookup, and a socket keeps what it has yet to say as a set of topics, so that a burst becomes
one message and a slow reader never makes a queue grow.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.routing import BaseRoute

from shared_backend.lockstep.topics import entity_topics
from shared_backend.portal_ui.ack_marks import AckMarks
from shared_backend.portal_ui.topics import ACK, Topic, ack_subject, ack_topic
from shared_backend.utils.exception_handler import InvalidInput


class Position(Protocol):
    """A cursor of the log."""

    @property
    def epoch(self) -> str: ...
    @property
    def seq(self) -> int: ...


class WatcherView(Protocol):
    """What the live layer needs of the process's watcher; everything answers from memory."""

    @property
    def position(self) -> Position: ...
    def topic_seq(self, kind: str, entity_id: str | None = None) -> int: ...
    def add_listener(self, listener: Callable[[Any], None]) -> Callable[[], None]: ...
    def add_ack_listener(self, listener: Callable[[Any], None]) -> Any: ...


@dataclass(frozen=True)
class Viewer:
    """Who is behind a socket, and what they may hear of. `may_see` answers from memory."""

    account_id: str
    role: str
    may_see: Callable[[str, str | None], bool]

    def may_hear(self, topic: Topic) -> bool:
        """Whether they may subscribe to this topic; acknowledgements are as visible as what they acknowledge."""
        if topic[0] != ACK:
            return self.may_see(*topic)
        try:
            return self.may_see(*ack_subject(topic))
        except InvalidInput:
            return False


Authenticate = Callable[[Mapping[str, str]], Viewer | None]
ReportShown = Callable[[str, str, int, str, str | None], None]
ReadTexts = Callable[[Mapping[str, str], Collection[Topic]], Mapping[str, str]]


@dataclass(frozen=True)
class Limits:
    """What one browser may ask of the hub."""

    message_bytes: int = 64 * 1024
    topics: int = 256
    shown_items: int = 256
    sockets_per_account: int = 64
    sockets: int = 10_000
    messages_per_10_s: int = 600
    send_timeout_s: float = 15.0
    beat_s: float = 20.0
    recheck_s: float = 300.0  # a session that ended without an event is noticed within this


class Subscriber(Protocol):
    """A socket, as the hub sees it."""

    viewer: Viewer

    def tell(self, marks: Mapping[Topic, int]) -> None: ...
    def tell_resync(self) -> None: ...
    def recheck(self) -> None: ...
    def goodbye(self) -> None: ...


class Hub:
    """Subscriptions of all open tabs of this process.

    `authenticate` gets the request's cookies and may read the database; it is called in a worker thread.
    `report_shown(kind, id, version, "shown", account_id)` must not block (the acknowledgements' batcher doesn't).
    `read_texts(cookies, topics)` answers the texts that pages show of what has changed, for whose
    cookies these are; it is called in a worker thread as well.
    """

    def __init__(
        self,
        watcher: WatcherView,
        authenticate: Authenticate,
        report_shown: ReportShown,
        *,
        read_texts: ReadTexts | None = None,
        allowed_hosts: Collection[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self.watcher = watcher
        self.authenticate = authenticate
        self.report_shown = report_shown
        self.read_texts = read_texts
        self.allowed_hosts = frozenset(allowed_hosts)
        self.limits = limits or Limits()
        self.acks = AckMarks()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._by_topic: dict[Topic, set[Subscriber]] = {}
        self._sockets: set[Subscriber] = set()
        self._accounts: Counter[str] = Counter()
        self._closed = False
        self._detach = watcher.add_listener(self._on_batch)
        watcher.add_ack_listener(self._on_acks)

    def close(self) -> None:
        """Stop listening to the watcher. Idempotent."""
        self._closed = True
        self._detach()

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """For the app's lifespan: takes the server's event loop, and says goodbye to the tabs at its end."""
        self._loop = asyncio.get_running_loop()
        try:
            yield
        finally:
            self.close()
            for socket in list(self._sockets):
                socket.goodbye()

    def routes(self, path: str = "/live") -> list[BaseRoute]:
        """The WebSocket at `path`, and the POST beside it for pages whose socket is down."""
        from shared_backend.portal_ui.push_routes import live_routes

        return live_routes(self, path)

    # On the watcher's thread

    def _on_batch(self, batch: Any) -> None:
        marks: dict[Topic, int] = {}
        accounts: set[str] = set()
        for event in batch.events:
            if event.kind is None:
                continue
            marks[(event.kind, None)] = event.seq
            marks.update(dict.fromkeys(entity_topics(event), event.seq))
            if event.kind == "account" and event.entity_id is not None:
                accounts.add(event.entity_id)
        self._on_loop(self._fan_out, marks, accounts, bool(batch.resync))

    def _on_acks(self, changes: Iterable[Any]) -> None:
        marks = self.acks.moved([ack_topic(each.kind, each.entity_id, each.version) for each in changes])
        self._on_loop(self._fan_out, marks, frozenset(), False)

    def _on_loop(self, call: Callable[..., None], *args: Any) -> None:
        loop = self._loop
        if self._closed or loop is None or loop.is_closed():
            return  # nobody has connected yet: whoever does compares with the watcher first
        try:
            loop.call_soon_threadsafe(call, *args)
        except RuntimeError:  # the loop closed between the check and the call: the server is going down
            self._loop = None

    # On the event loop

    def _fan_out(self, marks: Mapping[Topic, int], accounts: Collection[str], resync: bool) -> None:
        if resync:
            for socket in self._sockets:
                socket.tell_resync()
            return
        for topic, mark in marks.items():
            for socket in self._by_topic.get(topic, ()):
                socket.tell({topic: mark})
        if accounts:
            for socket in self._sockets:
                if socket.viewer.account_id in accounts:
                    socket.recheck()

    def has_room(self, account_id: str) -> bool:
        """Whether this account may open another socket."""
        return len(self._sockets) < self.limits.sockets and self._accounts[account_id] < self.limits.sockets_per_account

    def join(self, socket: Subscriber) -> None:
        self._loop = asyncio.get_running_loop()
        self._sockets.add(socket)
        self._accounts[socket.viewer.account_id] += 1

    def leave(self, socket: Subscriber, topics: Iterable[Topic]) -> None:
        self.unsubscribe(socket, topics)
        if socket in self._sockets:
            self._sockets.discard(socket)
            self._accounts[socket.viewer.account_id] -= 1
            self._accounts += Counter()  # drops the zeros

    def subscribe(self, socket: Subscriber, topics: Iterable[Topic]) -> None:
        for topic in topics:
            self._by_topic.setdefault(topic, set()).add(socket)

    def unsubscribe(self, socket: Subscriber, topics: Iterable[Topic]) -> None:
        for topic in topics:
            listeners = self._by_topic.get(topic)
            if listeners is not None:
                listeners.discard(socket)
                if not listeners:
                    del self._by_topic[topic]

    def mark(self, topic: Topic) -> int:
        """What a page drawn now would have: the topic's last seq, or for acknowledgements their counter."""
        return self.acks.mark(topic) if topic[0] == ACK else self.watcher.topic_seq(*topic)

    @property
    def open_sockets(self) -> int:
        return len(self._sockets)

    @property
    def topics(self) -> int:
        return len(self._by_topic)
