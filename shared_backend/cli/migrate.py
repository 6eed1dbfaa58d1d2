"""`intellicv migrate`: the database at this release's schema."""

from __future__ import annotations

import typer

app = typer.Typer(help="Bring the database to this release's schema.")


@app.command()
def run() -> None:
    """Bring the database to this release's schema. `intellicv up` does so by itself."""
    from shared_backend.config.backend_config import load_settings
    from shared_backend.database.engine import Database
    from shared_backend.database.migrate import migrate

    database = Database(load_settings().database_url)
    try:
        revision = migrate(database)
    finally:
        database.dispose()
    typer.echo(f"The database has schema {revision}, which is this release's.")
