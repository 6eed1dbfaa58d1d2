"""Errors as `application/problem+json` (RFC 9457), the same shape whatever went wrong."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared_backend.utils.exception_handler import IntelliCVError, InvalidInput
from shared_backend.utils.logging_config import correlation_id


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """One problem: `type` names the code, `title` the status, `detail` is for people."""
    content = {
        "type": f"urn:intellicv:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    if (current := correlation_id()) is not None:
        content["correlation_id"] = current
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def install_problems(app: FastAPI) -> None:
    """Answers what the application raises on purpose as problems; the rest is the outermost middleware's."""
    log = structlog.get_logger(__name__)

    @app.exception_handler(IntelliCVError)
    async def ours(request: Request, error: IntelliCVError) -> JSONResponse:
        if error.status >= 500:
            log.warning("a call failed", code=error.code, path=request.url.path)
        return problem(error.status, error.code, str(error))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        # Not the input itself: it may hold what a log or a screenshot should not.
        wrong = [{"where": "/".join(map(str, part["loc"])), "what": part["msg"]} for part in error.errors()]
        detail = "The request can't be used: see errors for each part that is wrong."
        return problem(InvalidInput.status, InvalidInput.code, detail, errors=wrong)

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers) if error.headers else None
        code = HTTPStatus(error.status_code).name.lower()
        return problem(error.status_code, code, str(error.detail), headers)


def unforeseen(error: Exception, path: str) -> JSONResponse:
    """Logs an error that nobody foresaw, and answers in a way that says nothing about the inside."""
    structlog.get_logger(__name__).error("a call ended in an error that nobody foresaw", path=path, exc_info=error)
    return problem(IntelliCVError.status, IntelliCVError.code, str(IntelliCVError()))
