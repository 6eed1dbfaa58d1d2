"""An open tab without a browser: it speaks Streamlit's protocol and the live socket's, keeps timers, draws nothing."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect


class IdleTab:
    """One signed-in tab. As a browser's, its run_every timers run, its live socket stays subscribed."""

    def __init__(self, address: str, page: str, cookie: str) -> None:
        self._origin = address
        self._address = address.replace("http", "ws", 1)
        self._page = page
        self._cookie = cookie
        self._tasks: list[asyncio.Task[None]] = []
        self._timers: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._stream: ClientConnection | None = None
        self._widgets: Any = None
        self._ran = asyncio.Event()
        self.script_runs = 0
        self.exceptions = 0
        self.topics: list[list[str | None]] = []

    async def open(self) -> None:
        """Connects, runs the page once, and begins to idle."""
        headers = {"Cookie": self._cookie}
        origin: Any = self._origin
        self._stream = await connect(
            f"{self._address}/_stcore/stream",
            additional_headers=headers,
            origin=origin,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
        )
        await self._send(fragment=None)
        first = asyncio.get_running_loop().create_future()
        self._tasks.append(asyncio.create_task(self._read(first)))
        await asyncio.wait_for(first, 60)
        live = await connect(f"{self._address}/live", additional_headers=headers, origin=origin)
        topics = self.topics or [["announcement", None]]
        await live.send(json.dumps({"t": "hello", "topics": topics, "epoch": "", "seq": 0}))
        self._tasks.append(asyncio.create_task(_drain(live)))

    async def rerun(self) -> None:
        """Runs the page again, whole, and waits until it has finished."""
        wanted = self.script_runs + 1
        await self._send(fragment=None)
        while self.script_runs < wanted:
            self._ran.clear()
            await asyncio.wait_for(self._ran.wait(), 60)

    async def close(self) -> None:
        """Ends timers and connections."""
        tasks = [*self._tasks, *(task for _interval, task in self._timers.values())]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task
        if self._stream is not None:
            await self._stream.close()

    async def _read(self, first: asyncio.Future[None]) -> None:
        assert self._stream is not None
        async for data in self._stream:
            message = ForwardMsg()
            message.ParseFromString(data)
            kind = message.WhichOneof("type")
            if kind == "auto_rerun":
                self._keep_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            elif kind == "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._drop_timer(fragment)
            elif kind == "script_finished":
                self.script_runs += 1
                self._ran.set()
                if not first.done():
                    first.set_result(None)
            elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
                self.exceptions += 1

    def _keep_timer(self, fragment: str, interval: float) -> None:
        known = self._timers.get(fragment)
        if known is not None and known[0] == interval:
            return
        self._drop_timer(fragment)
        self._timers[fragment] = (interval, asyncio.create_task(self._tick(fragment, interval)))

    def _drop_timer(self, fragment: str) -> None:
        known = self._timers.pop(fragment, None)
        if known is not None:
            known[1].cancel()

    async def _tick(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._send(fragment=fragment)

    async def _send(self, fragment: str | None) -> None:
        assert self._stream is not None
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.page_name = self._page
        message.rerun_script.context_info.url = f"{self._origin}/{self._page}"
        if fragment is not None:
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = True
        await self._stream.send(message.SerializeToString())


async def _drain(live: ClientConnection) -> None:
    async for _message in live:
        pass
