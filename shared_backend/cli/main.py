"""`intellicv`: one file a noun, imported only when it is called.

A new command: write `shared_backend/cli/<noun>.py` with `app = typer.Typer(help=…)` and its commands on it (a single
one becomes `intellicv <noun>`, several become `intellicv <noun> <verb>`), and add one line to COMMANDS.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any, NamedTuple

import structlog
import typer
from typer.core import TyperGroup

from shared_backend.utils.exception_handler import IntelliCVError
from shared_backend.utils.logging_config import configure_logging

# In the order in which `intellicv --help` shows them.
COMMANDS: tuple[tuple[str, str], ...] = (
    ("up", "shared_backend.cli.up"),
    ("gateway", "shared_backend.cli.gateway"),
    ("worker", "shared_backend.cli.worker"),
    ("accounts", "shared_backend.cli.accounts"),
    ("lockstep", "shared_backend.cli.lockstep"),
    ("jobs", "shared_backend.cli.jobs"),
    ("parse", "shared_backend.cli.parse"),
    ("cloud", "shared_backend.cli.cloud"),
    ("title", "shared_backend.cli.title"),
    ("knowledge", "shared_backend.cli.knowledge"),
    ("bench", "shared_backend.cli.bench"),
    ("demo", "shared_backend.cli.demo"),
    ("migrate", "shared_backend.cli.migrate"),
    ("backup", "shared_backend.cli.backup"),
    ("restore", "shared_backend.cli.restore"),
    ("version", "shared_backend.cli.version"),
)


class Commands(TyperGroup):
    """Finds a command by importing its module, and says what went wrong in one line instead of a traceback."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, _ in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        path = dict(COMMANDS).get(cmd_name)
        if path is None:
            return None
        command = typer.main.get_command(importlib.import_module(path).app)
        command.name = cmd_name
        return command

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except IntelliCVError as error:
            typer.secho(str(error), err=True, fg=typer.colors.RED if sys.stderr.isatty() else None)
            raise typer.Exit(1) from None


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)


class _Quiet(NamedTuple):
    log_level: str = "WARNING"
    log_format: str = "console"


@app.callback()
def intellicv() -> None:
    """IntelliCV: one career-intelligence backend, two portals in lockstep."""
    # Logs that nobody has set up are printed on standard output, into what the command answers. Commands that log more
    # than what goes wrong set it up anew.
    if not structlog.is_configured():
        configure_logging(_Quiet())


if __name__ == "__main__":
    app()
