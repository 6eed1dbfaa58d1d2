"""`intellicv gateway`: the API gateway alone, as `intellicv up` starts it."""

from __future__ import annotations

import typer

app = typer.Typer(help="Run the API gateway alone.")


@app.command()
def run() -> None:
    """Run the API gateway alone, on the host and port of the settings."""
    import uvicorn

    from shared_backend.api.main import create_app
    from shared_backend.config.backend_config import load_settings
    from shared_backend.utils.logging_config import configure_logging

    settings = load_settings()
    configure_logging(settings)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.gateway_port,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
