"""`intellicv lockstep`: is the bridge right, and how does it feel."""

from __future__ import annotations

import json

import typer

from user_portal import lockstep_monitor

app = typer.Typer(help="Check the bridge between the portals.", no_args_is_help=True)
app.command("check")(lockstep_monitor.check)


@app.command()
def status(as_json: bool = typer.Option(False, "--json", help="Print the health as JSON.")) -> None:
    """Say how the bridge is by its own account: the health that the monitor page shows."""
    from shared_backend.config.backend_config import load_settings
    from shared_backend.services.backend import Backend
    from shared_backend.utils.logging_config import configure_logging

    settings = load_settings()
    configure_logging(settings.model_copy(update={"log_level": "ERROR"}))
    backend = Backend.open(settings)
    try:
        report = backend.health.report()
    finally:
        backend.close()
    if as_json:
        reasons = [{"points": reason.points, "text": reason.text} for reason in report.reasons]
        position = {"seq": report.log.seq, "floor": report.log.floor} if report.log else None
        typer.echo(json.dumps({"health": report.score, "reasons": reasons, "log": position}, indent=2))
    else:
        typer.echo(f"Health {report.score} of 100.")
        for reason in report.reasons:
            typer.echo(f"  {-reason.points if reason.points else 'note':>4}  {reason.text}")
        if report.log:
            typer.echo(f"{report.events_held:,} events held of {report.log.seq:,}, {len(report.processes)} processes.")
    if report.score < 100:
        raise typer.Exit(1)
