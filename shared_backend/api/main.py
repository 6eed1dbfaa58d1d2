"""The gateway's application. For now it tells whether it lives, whether it is ready, and what it has measured."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from shared_backend.api.cloud_files import install_cloud_files
from shared_backend.api.correlation import CorrelationMiddleware
from shared_backend.api.metrics import install_metrics
from shared_backend.api.problems import install_problems, problem
from shared_backend.api.timing import TimingMiddleware
from shared_backend.config.backend_config import Settings, load_settings
from shared_backend.database.engine import Database
from shared_backend.database.migrate import check_known, is_current
from shared_backend.services.process_reports import ProcessReports
from shared_backend.utils.exception_handler import DatabaseUnavailable, SchemaMismatch


def create_app(settings: Settings | None = None) -> FastAPI:
    """Makes the application; nothing is opened until it starts. Without settings they are read from the environment."""
    chosen = settings or load_settings()
    database = Database(chosen.database_url, busy_timeout_s=1.0)
    reports = ProcessReports(database, "gateway")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        reports.start()
        yield
        reports.stop()
        database.dispose()

    app = FastAPI(title="IntelliCV", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(CorrelationMiddleware)
    app.add_middleware(TimingMiddleware, monitor=reports.monitor)
    install_problems(app)
    install_metrics(app, chosen, database, reports)
    install_cloud_files(app, chosen, database)

    @app.get("/livez", summary="Whether the process answers", tags=["health"])
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    # Not async: the look at the database happens in a thread, and a slow disk does not hold up other calls.
    @app.get("/readyz", summary="Whether the database can be reached and has this release's schema", tags=["health"])
    def readyz() -> JSONResponse:
        try:
            check_ready(database)
        except DatabaseUnavailable as error:
            structlog.get_logger(__name__).warning("not ready", code=error.code)
            return problem(503, error.code, str(error), {"Retry-After": "1"})
        return JSONResponse({"status": "ok", "database": database.dialect})

    return app


def check_ready(database: Database) -> None:
    """Raises DatabaseUnavailable, or its SchemaMismatch, when the database can't be worked with now."""
    if is_current(database):
        return
    with database.read() as connection:
        check_known(connection)
    raise SchemaMismatch(
        "The database's schema is older than this release. Start `intellicv up`, which brings it up to date."
    )
