"""The live layer's two addresses on a portal: the socket, and the POST for pages whose socket is down."""

from __future__ import annotations

import json

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from shared_backend.portal_ui.origin import same_origin
from shared_backend.portal_ui.push import Hub
from shared_backend.portal_ui.push_socket import REFUSED, SIGN_IN, TOO_MANY, TRY_LATER, LiveSocket, report_shown
from shared_backend.utils.exception_handler import (
    DatabaseUnavailable,
    IntelliCVError,
    InvalidInput,
    PayloadTooLarge,
    PermissionDenied,
    SignInRequired,
)

LIVE_HEADER = "x-intellicv-live"  # a header of our own makes a foreign page's POST ask first, and be refused


def live_routes(hub: Hub, path: str) -> list[BaseRoute]:
    """Routes for `st.App(routes=…)`."""

    async def socket(websocket: WebSocket) -> None:
        await _serve(hub, websocket)

    async def shown(request: Request) -> Response:
        try:
            await _report(hub, request)
        except IntelliCVError as error:
            return JSONResponse({"error": str(error), "code": error.code}, status_code=error.status)
        return Response(status_code=204)

    return [WebSocketRoute(path, socket), Route(f"{path}/shown", shown, methods=["POST"])]


async def _serve(hub: Hub, websocket: WebSocket) -> None:
    if not same_origin(websocket.headers, hub.allowed_hosts):
        await websocket.close(REFUSED)  # before accepting: the handshake itself answers 403
        return
    try:
        viewer = await anyio.to_thread.run_sync(hub.authenticate, dict(websocket.cookies))
    except DatabaseUnavailable:
        await _refuse(websocket, TRY_LATER)
        return
    if viewer is None:
        await _refuse(websocket, SIGN_IN)
    elif not hub.has_room(viewer.account_id):
        await _refuse(websocket, TOO_MANY)
    else:
        await websocket.accept()
        await LiveSocket(hub, websocket, viewer).run()


async def _refuse(websocket: WebSocket, code: int) -> None:
    """Close with a code that our own page can read: a handshake refused outright reaches it as a bare 1006."""
    await websocket.accept()
    await websocket.close(code)


async def _report(hub: Hub, request: Request) -> None:
    if not same_origin(request.headers, hub.allowed_hosts) or request.headers.get(LIVE_HEADER) != "1":
        raise PermissionDenied("Only a page of this portal may report what it shows.")
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise InvalidInput("Send JSON.")
    viewer = await anyio.to_thread.run_sync(hub.authenticate, dict(request.cookies))
    if viewer is None:
        raise SignInRequired
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > hub.limits.message_bytes:
            raise PayloadTooLarge
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("Send JSON.") from error
    if not isinstance(message, dict):
        raise InvalidInput("A message is a JSON object.")
    report_shown(hub, viewer, message.get("items"), message.get("epoch"))
