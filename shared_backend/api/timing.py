"""How long each call takes, by its route's template: an address with an id in it would be a name for every person."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_backend.utils.performance_monitor import PerformanceMonitor

UNMATCHED = "unmatched"


class TimingMiddleware:
    """Plain ASGI, around everything. A call with a status of 500 or more has failed."""

    def __init__(self, app: ASGIApp, monitor: PerformanceMonitor) -> None:
        self._app = app
        self._monitor = monitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status = time.perf_counter(), 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            failed = status >= 500
            # The router has written the route that it chose into the scope.
            path = getattr(scope.get("route"), "path", UNMATCHED)
            name = f"{scope['method']} {path}" if path != UNMATCHED else UNMATCHED
            self._monitor.observe("request", name, time.perf_counter() - begin, failed=failed)
            if failed:
                self._monitor.error(f"http_{status}")
