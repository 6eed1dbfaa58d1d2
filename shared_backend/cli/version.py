"""`intellicv version`."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import typer

app = typer.Typer(help="Say which release this is.")


@app.command()
def show() -> None:
    """Say which release this is."""
    try:
        release = version("intellicv")
    except PackageNotFoundError:
        release = "(not installed: run make install)"
    typer.echo(f"IntelliCV {release}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
