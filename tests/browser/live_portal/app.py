"""The test portal's server: Streamlit, the hub's routes, and a few addresses by which a test makes things happen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.browser.live_portal.store import AckChange, store


def sign_in(request: Request) -> Response:
    answer = RedirectResponse("/?page=" + request.query_params.get("page", ""))
    answer.set_cookie("test_session", request.path_params["who"], httponly=True, samesite="strict")
    return answer


async def change(request: Request) -> Response:
    body = await request.json()
    row = store().put(body["kind"], body["id"], body["data"], body.get("by", "Ada"))
    return JSONResponse({"version": row.version})


async def control(request: Request) -> Response:
    body = await request.json()
    match body["do"]:
        case "resync":
            store().watcher.happened(resync=True)
        case "lock":
            store().sessions.pop(body["who"])
            store().watcher.happened(("account", body["who"]))
        case "sign_in":
            store().sessions[body["who"]] = (body["who"], body["role"])
        case "ack":
            store().watcher.acknowledged(AckChange(*body["of"]))
        case "hold":
            store().may_draw.clear()
        case "release":
            store().may_draw.set()
        case "texts":
            store().tells_texts = body["told"]
        case "age":
            store().opened = datetime.now(UTC) - timedelta(minutes=body["minutes"])
        case "forget":
            store().runs.clear()
            store().shown.clear()
    return Response(status_code=204)


def state(request: Request) -> Response:
    rows = {f"{kind}:{entity_id}": row.version for (kind, entity_id), row in store().rows.items()}
    hub = store().hub
    return JSONResponse(
        {
            "runs": store().runs,
            "shown": store().shown,
            "versions": rows,
            "data": {f"{kind}:{entity_id}": row.data for (kind, entity_id), row in store().rows.items()},
            "sockets": hub.open_sockets,
            "topics": hub.topics,
        }
    )


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    async with store().hub.lifespan():
        yield {}


app = st.App(
    Path(__file__).with_name("main.py"),
    routes=[
        *store().hub.routes("/live"),
        Route("/test/sign-in/{who}", sign_in),
        Route("/test/change", change, methods=["POST"]),
        Route("/test/control", control, methods=["POST"]),
        Route("/test/state", state),
    ],
    lifespan=lifespan,
)
