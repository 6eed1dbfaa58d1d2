"""`intellicv backup`: the database, as it is at one moment, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Write the database to one file, while everything runs.")

# Longer than a page waits: nobody looks at a spinner here.
PATIENCE_S = 30.0


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="The file to write; its folder must be there.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there already.")] = False,
) -> None:
    """Write the database to one checked file, while everything runs. Only you can read it: keep it as safe as the
    database."""
    from shared_backend.config.backend_config import load_settings
    from shared_backend.database.backup import backup
    from shared_backend.database.engine import Database

    database = Database(load_settings().database_url, busy_timeout_s=PATIENCE_S)
    try:
        made = backup(database, file, force=force)
    finally:
        database.dispose()
    typer.echo(f"Backed up to {made.path} ({made.size:,} bytes): {made.manifest.contents}.")
