"""Gives every call a correlation id and sends it back, also with an error, so that one can ask about it later."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_backend.api.problems import unforeseen
from shared_backend.utils.logging_config import correlation_scope

HEADER = "X-Correlation-ID"
_ACCEPTABLE = re.compile(r"[\w.-]{1,64}")


class CorrelationMiddleware:
    """Plain ASGI, because Starlette's BaseHTTPMiddleware costs four times as much a call."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER)
        with correlation_scope(given if given and _ACCEPTABLE.fullmatch(given) else None) as current:
            started = False

            async def send_with_id(message: Message) -> None:
                nonlocal started
                started = True
                if message["type"] == "http.response.start":
                    headers = MutableHeaders(scope=message)
                    headers[HEADER] = current
                    headers.setdefault("X-Content-Type-Options", "nosniff")
                await send(message)

            try:
                await self._app(scope, receive, send_with_id)
            except Exception as error:
                # Here and not in Starlette's outermost handler, which no longer knows the id.
                if started:
                    raise
                await unforeseen(error, scope["path"])(scope, receive, send_with_id)
