"""The two addresses that set and clear a portal's cookie, which a Streamlit script can't do itself.

`POST /auth/session` with a ticket answers 204 and the cookie; `POST /auth/sign-out` ends the session and takes the
cookie away. Both take requests of this portal's own pages alone: Origin must name the host that was asked, and a
header of our own must be there, which another site's page could only send after a preflight that nobody answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from shared_backend.identity.portals import Portal
from shared_backend.portal_ui.origin import same_origin
from shared_backend.utils.exception_handler import IntelliCVError, InvalidInput, PayloadTooLarge, PermissionDenied

if TYPE_CHECKING:
    from shared_backend.services.backend import Backend

SESSION_PATH = "/auth/session"
SIGN_OUT_PATH = "/auth/sign-out"
AUTH_HEADER = "x-intellicv"
_MOST_BYTES = 1024


def auth_routes(portal: str, backend: Callable[[], Backend] | None = None) -> list[BaseRoute]:
    """Routes for `st.App(routes=…)`. `backend` answers the process's, on each request."""
    here = Portal(portal)
    backend = backend or _process_backend

    async def start(request: Request) -> Response:
        ticket = await _ticket(request)
        people, settings = backend().people, backend().settings
        earlier = request.cookies.get(here.cookie_name)
        token = await run_in_threadpool(people.exchange, ticket, here, replaces=earlier)
        response = Response(status_code=204)
        response.set_cookie(
            here.cookie_name, token, max_age=int(settings.session_hours * 3600), **_attributes(settings.cookie_secure)
        )
        return response

    async def end(request: Request) -> Response:
        people, settings = backend().people, backend().settings
        await run_in_threadpool(people.sign_out, request.cookies.get(here.cookie_name), here)
        response = Response(status_code=204)
        response.delete_cookie(here.cookie_name, **_attributes(settings.cookie_secure))
        return response

    return [
        Route(SESSION_PATH, _guarded(start), methods=["POST"]),
        Route(SIGN_OUT_PATH, _guarded(end), methods=["POST"]),
    ]


def _process_backend() -> Backend:
    from shared_backend.services.backend import get_backend

    return get_backend()


def _guarded(endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
    async def guarded(request: Request) -> Response:
        try:
            if not same_origin(request.headers) or request.headers.get(AUTH_HEADER) != "1":
                raise PermissionDenied("Only a page of this portal may sign people in and out.")
            response: Response = await endpoint(request)
        except IntelliCVError as error:
            response = JSONResponse({"error": str(error), "code": error.code}, status_code=error.status)
        response.headers["Cache-Control"] = "no-store"
        return response

    return guarded


async def _ticket(request: Request) -> str:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                raise PayloadTooLarge("That is no ticket.")
        found = json.loads(body)
    except (ValueError, RecursionError, ClientDisconnect):
        found = None
    ticket = found.get("ticket") if isinstance(found, dict) else None
    if not isinstance(ticket, str):
        raise InvalidInput('Send {"ticket": "…"} as JSON.')
    return ticket


def _attributes(secure: bool) -> dict[str, Any]:
    return {"path": "/", "secure": secure, "httponly": True, "samesite": "lax"}
