"""One browser tab's socket: its protocol, its subscriptions, and what it has yet to be told.

Browser → server, JSON objects by `t`:
  hello {topics: [[kind, id or null, drawn at], …], epoch, process}   comes first; as the page was drawn
  topics {topics, epoch, process}             the regions on the page have changed
  shown {items: [[kind, id, version], …], n, epoch}   these are on the person's screen, as drawn in that epoch;
                                              answered by got {n}
  beat {}                                     is anybody there? answered by beat
Server → browser:
  hello {epoch, process, seq} · changed {topics: [[kind, id or null, mark], …], texts: {name: text}, seq} ·
  resync {epoch, seq} · got {n} · beat {seq}
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from shared_backend.portal_ui.push import Hub, Viewer
from shared_backend.portal_ui.topics import ACK, Topic, parse_shown, parse_topics
from shared_backend.utils.exception_handler import DatabaseUnavailable, IntelliCVError, InvalidInput, PermissionDenied

SIGN_IN = 4401
REFUSED = 4403
TOO_MANY = 4429
BAD_MESSAGE = 4400
GOING_AWAY = 1001
TOO_LARGE = 1009
TRY_LATER = 1013


class LiveSocket:
    """Runs from accept to close on the event loop; only `recheck` leaves it, for the database."""

    def __init__(self, hub: Hub, websocket: WebSocket, viewer: Viewer) -> None:
        self.viewer = viewer
        self._hub = hub
        self._ws = websocket
        self._cookies = dict(websocket.cookies)
        self._topics: set[Topic] = set()
        self._greeted = False
        self._resync = False
        self._recheck_due = False
        self._changed: dict[Topic, int] = {}  # at most one entry a topic: this is the bounded queue
        self._replies: list[dict[str, Any]] = []
        self._wake = asyncio.Event()
        self._close_code: int | None = None
        self._window = (0.0, 0)
        self._tasks: TaskGroup
        self._next_recheck = time.monotonic() + hub.limits.recheck_s

    async def run(self) -> None:
        """Serve until either side closes."""
        self._hub.join(self)
        try:
            async with anyio.create_task_group() as self._tasks:
                self._tasks.start_soon(self._to_the_end, self._send)
                self._tasks.start_soon(self._to_the_end, self._receive)
        finally:
            self._hub.leave(self, self._topics)
            with anyio.move_on_after(1, shield=True):
                await self._close()

    async def _to_the_end(self, half: Callable[[], Awaitable[None]]) -> None:
        """Whichever half ends first, or finds that the browser is gone or too slow, ends the other."""
        with suppress(TimeoutError, WebSocketDisconnect, OSError, RuntimeError):
            await half()
        self._tasks.cancel_scope.cancel()

    # What the hub calls

    def tell(self, marks: Mapping[Topic, int]) -> None:
        self._changed.update(marks)
        self._wake.set()

    def tell_resync(self) -> None:
        self._resync = True
        self._wake.set()

    def recheck(self) -> None:
        self._recheck_due = True  # the hub's call comes from outside of any task: the sender starts it
        self._wake.set()

    def goodbye(self) -> None:
        self._end(GOING_AWAY)

    # Sending

    async def _send(self) -> None:
        limits = self._hub.limits
        while True:
            with anyio.move_on_after(limits.beat_s) as waiting:
                await self._wake.wait()
            if waiting.cancelled_caught:
                self._replies.append({"t": "beat", "seq": self._hub.watcher.position.seq})
                if time.monotonic() >= self._next_recheck:
                    self._next_recheck = time.monotonic() + limits.recheck_s
                    self._recheck_due = True
            self._wake.clear()
            if self._recheck_due:
                self._recheck_due = False
                self._tasks.start_soon(self._recheck)
            texts = await self._texts()
            for message in self._drain(texts):
                with anyio.fail_after(limits.send_timeout_s):
                    await self._ws.send_text(json.dumps(message, separators=(",", ":")))
            if self._close_code is not None:
                return

    async def _texts(self) -> Mapping[str, str]:
        """What is about to be said to have changed, as texts that its page can show before it is drawn again."""
        if self._hub.read_texts is None or not self._greeted or self._resync or not self._changed:
            return {}
        try:
            return await anyio.to_thread.run_sync(self._hub.read_texts, self._cookies, tuple(self._changed))
        except IntelliCVError:
            return {}  # the page's own run says what is wrong, in its place

    def _drain(self, texts: Mapping[str, str]) -> list[dict[str, Any]]:
        messages, self._replies = self._replies, []
        if not self._greeted:
            return messages
        if self._resync:
            position = self._hub.watcher.position
            messages.append({"t": "resync", "epoch": position.epoch, "seq": position.seq})
            self._resync = False
            self._changed = {}
        if self._changed:
            rows = [[kind, entity_id, mark] for (kind, entity_id), mark in self._changed.items()]
            position = self._hub.watcher.position
            messages.append({"t": "changed", "topics": rows, "texts": dict(texts), "seq": position.seq})
            self._changed = {}
        return messages

    def _reply(self, message: dict[str, Any]) -> None:
        self._replies.append(message)
        self._wake.set()

    def _end(self, code: int) -> None:
        """Close once what is waiting has been sent."""
        self._close_code = code
        self._wake.set()

    async def _close(self) -> None:
        if self._ws.application_state is WebSocketState.CONNECTED and self._ws.client_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect, OSError, RuntimeError):  # it may go away while we say goodbye
                await self._ws.close(self._close_code or 1000)

    # Receiving

    async def _receive(self) -> None:
        while True:
            frame = await self._ws.receive()
            if frame["type"] != "websocket.receive":
                return
            text = frame.get("text")
            if text is None or not self._within_rate():
                self._end(BAD_MESSAGE)
            elif len(text) > self._hub.limits.message_bytes:
                self._end(TOO_LARGE)
            else:
                self._handle(text)
            if self._close_code is not None:
                await anyio.sleep_forever()  # the sender ends this socket

    def _within_rate(self) -> bool:
        now = time.monotonic()
        start, count = self._window
        self._window = (now, 1) if now - start > 10 else (start, count + 1)
        return self._window[1] <= self._hub.limits.messages_per_10_s

    def _handle(self, text: str) -> None:
        try:
            message = json.loads(text)
            if not isinstance(message, dict):
                raise InvalidInput("A message is a JSON object.")
            match message.get("t"):
                case "hello":
                    position = self._hub.watcher.position
                    self._replies.append(
                        {"t": "hello", "epoch": position.epoch, "process": self._hub.acks.process, "seq": position.seq}
                    )
                    self._greeted = True
                    self._subscribe(message)
                case "topics":
                    self._subscribe(message)
                case "shown":
                    report_shown(self._hub, self.viewer, message.get("items"), message.get("epoch"))
                    self._reply({"t": "got", "n": message.get("n") if isinstance(message.get("n"), int) else 0})
                case "beat":
                    self._reply({"t": "beat", "seq": self._hub.watcher.position.seq})
                case _:
                    raise InvalidInput("That message has no known type.")
        except PermissionDenied:
            self._end(REFUSED)
        except (ValueError, RecursionError, IntelliCVError):
            self._end(BAD_MESSAGE)

    def _subscribe(self, message: dict[str, Any]) -> None:
        """Subscribe first and compare then: what happens in between is told twice rather than never."""
        asked = parse_topics(message.get("topics"), limit=self._hub.limits.topics)
        wanted = {topic: since for topic, since in asked.items() if self.viewer.may_hear(topic)}
        self._hub.unsubscribe(self, self._topics - wanted.keys())
        self._hub.subscribe(self, wanted.keys() - self._topics)
        self._topics = set(wanted)
        if message.get("epoch") != self._hub.watcher.position.epoch:
            self._resync = True
        same_process = message.get("process") == self._hub.acks.process
        for topic, since in wanted.items():
            mark = self._hub.mark(topic)
            if mark > since or (topic[0] == ACK and not same_process):
                self._changed[topic] = max(mark, since + 1)
        self._wake.set()

    async def _recheck(self) -> None:
        """Ask again who this is: a locked account loses its socket, a lowered one what it may no longer hear."""
        viewer: Viewer | None = None
        while True:
            try:
                viewer = await anyio.to_thread.run_sync(self._hub.authenticate, self._cookies)
                break
            except DatabaseUnavailable:
                await anyio.sleep(1)  # until it answers they keep what they had: pages ask the database themselves
        if viewer is None or viewer.account_id != self.viewer.account_id:
            self._end(SIGN_IN)
            return
        self.viewer = viewer
        refused = {topic for topic in self._topics if not viewer.may_hear(topic)}
        self._hub.unsubscribe(self, refused)
        self._topics -= refused


def report_shown(hub: Hub, viewer: Viewer, raw: Any, epoch: Any) -> None:
    """Pass on what a person's screen shows; what was drawn in another epoch is heard and left, as the same number means
    another version now. Raises InvalidInput, and PermissionDenied for what they may not see."""
    items = parse_shown(raw, limit=hub.limits.shown_items)
    if not all(kind != ACK and viewer.may_see(kind, entity_id) for kind, entity_id, _ in items):
        raise PermissionDenied("That is not yours to acknowledge.")
    if epoch != hub.watcher.position.epoch:
        return
    for kind, entity_id, version in items:
        hub.report_shown(kind, entity_id, version, "shown", viewer.account_id)
