"""`intellicv demo`: a small made-up company to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from shared_backend.config.backend_config import Settings
    from shared_backend.services.demo_company import DemoAccess

app = typer.Typer(help="Load a small made-up company to look at.", no_args_is_help=True)


@app.command()
def load() -> None:
    """Load 30 made-up candidates with accounts, announcements and a history, and say how to sign in. Loading again adds
    nothing."""
    from shared_backend.services import demo_company

    settings = _prepared()
    access = demo_company.load(settings)
    if access.password is None:
        typer.echo("The made-up company is there already; nothing was added. Forgotten the password? Make a new one:")
        typer.echo("  intellicv demo password")
        return
    _tell(settings, access)


@app.command()
def password() -> None:
    """Give the made-up company's accounts a new password, and print it."""
    from shared_backend.services import demo_company

    settings = _prepared()
    _tell(settings, demo_company.renew_password(settings))


def _prepared() -> Settings:
    from shared_backend.config.backend_config import load_settings
    from shared_backend.utils.logging_config import configure_logging

    settings = load_settings()
    configure_logging(settings.model_copy(update={"log_level": "WARNING"}))
    return settings


def _tell(settings: Settings, access: DemoAccess) -> None:
    typer.echo(f"The made-up company. All its accounts have this password, which is shown once:  {access.password}")
    typer.echo(f"  Admin portal {settings.admin_url}")
    for account in access.staff:
        typer.echo(f"    {account.email:<34} {account.role}")
    typer.echo(f"  User portal {settings.user_url}")
    for account in access.candidates:
        typer.echo(f"    {account.email}")
