"""`intellicv restore`: a backup in place of what the database holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shared_backend.cli.backup import PATIENCE_S

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared_backend.database.backup import Restored
    from shared_backend.database.backup_file import Manifest

app = typer.Typer(help="Put a backup in place of what the database holds, while everything runs.")


@app.command()
def run(file: Annotated[Path, typer.Argument(help="A file that `intellicv backup` has written.")]) -> None:
    """Put a backup in place of what the database holds, while everything runs. What was there before is kept in a file
    and can be restored likewise. Everybody has to sign in again."""
    from shared_backend.config.backend_config import load_settings
    from shared_backend.database.backup import restore
    from shared_backend.database.engine import Database

    settings = load_settings()
    database = Database(settings.database_url, busy_timeout_s=PATIENCE_S)
    try:
        done = restore(database, file, keep_in=settings.var_dir / "backups", on_prepared=_record)
    finally:
        database.dispose()
    for line in _account(file, done):
        typer.echo(line)


def _record(connection: Connection, manifest: Manifest) -> None:
    """The restore's own row in the audit, which is there as soon as the restored state is."""
    from shared_backend.identity import audit
    from shared_backend.identity.actor import Actor
    from shared_backend.utils.clock import utc_now
    from shared_backend.utils.logging_config import new_correlation_id

    audit.record(
        connection,
        actor=Actor.system("intellicv restore"),
        source="script",
        action="restore",
        subject=("database", manifest.epoch),
        before=None,
        after={"backup_made_at": manifest.created_at, "seq": manifest.seq, "schema": manifest.revision},
        at=utc_now(),
        correlation_id=new_correlation_id(),
    )


def _account(file: Path, done: Restored) -> list[str]:
    lines = [f"Restored {file}, made at {done.manifest.created_at}: {done.manifest.contents}."]
    if done.set_aside:
        lines.append(f"The database that was there could not be used by this release; it lies in {done.kept}.")
    elif done.kept is not None:
        lines.append(f"What was there before is in {done.kept}. To take this back: intellicv restore {done.kept}")
    if done.reopened:
        lines.append(f"Locked since that backup, and open again now: {', '.join(done.reopened)}. Lock them once more.")
    return [*lines, "Everybody has to sign in again. Running portals go on with the restored state."]
