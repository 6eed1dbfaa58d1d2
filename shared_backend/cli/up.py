"""`intellicv up`: everything, under one supervisor."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from urllib.parse import urlsplit

import typer

from shared_backend.cli.child import Service
from shared_backend.cli.ports import next_free
from shared_backend.cli.printer import Printer
from shared_backend.cli.probe import answers
from shared_backend.cli.supervisor import Supervisor
from shared_backend.config import cloud_config
from shared_backend.config.backend_config import (
    Settings,
    child_environment,
    load_settings,
    project_root,
    unknown_settings,
    with_ports,
)
from shared_backend.utils.exception_handler import IntelliCVError

app = typer.Typer(help="Start everything.")

# Streamlit's greeting, which names addresses without knowing the public ones.
_PORTAL_NOISE = ("Uvicorn server started on", "You can now view your Streamlit app", "  URL: ", "  Stopping...")
_PORTS = ("admin_port", "user_port", "gateway_port")


@app.command()
def run(demo: bool = typer.Option(False, "--demo", help="Load a small made-up company first.")) -> None:
    """Start both portals, the gateway and the worker, and keep them running until Ctrl-C."""
    printer = Printer(width=len("admin portal"))
    settings = _on_free_ports(load_settings(), printer)
    printer.plain_lines = settings.log_format == "json"
    for name in unknown_settings(cloud_config.setting_names()):
        printer.say("intellicv", f"{name} is not a setting of IntelliCV and has no effect; see docs/operations.md")
    _prepare(settings, demo=demo, printer=printer)
    supervisor = Supervisor(services(settings), printer.say, when_up=lambda: _welcome(settings, printer))
    raise typer.Exit(supervisor.run())


def services(settings: Settings) -> list[Service]:
    """What runs: two portals, the gateway and the worker, each with the same settings."""
    root = project_root()
    gateway_healthy = partial(answers, settings.host, settings.gateway_port, "/readyz")
    ourselves = [sys.executable, "-m", "shared_backend.cli.main"]
    return [
        _portal("admin portal", "admin_portal", settings, settings.admin_port, settings.admin_url),
        _portal("user portal", "user_portal", settings, settings.user_port, settings.user_url),
        Service("gateway", [*ourselves, "gateway"], _environment(settings, "gateway"), root, gateway_healthy),
        Service("worker", [*ourselves, "worker"], _environment(settings, "worker"), root),
    ]


def _portal(name: str, package: str, settings: Settings, port: int, url: str) -> Service:
    public = urlsplit(url)
    hosts = dict.fromkeys(["127.0.0.1", "localhost", public.hostname or "localhost"])
    options: dict[str, object] = {
        "server.port": port,
        "server.address": settings.host,
        "server.corsAllowedOrigins": url,
        # Named, because Streamlit otherwise asks a server in the internet for this machine's address when it compares
        # a page's origin.
        "browser.serverAddress": public.hostname,
        "browser.serverPort": public.port or (443 if public.scheme == "https" else 80),
    }
    command = [sys.executable, "-m", "streamlit", "run", f"{package}/app.py"]
    command += [part for key, value in options.items() for part in (f"--{key}", str(value))]
    command += [part for host in hosts for part in ("--server.allowedHosts", host)]
    healthy = partial(answers, settings.host, port, "/_stcore/health", body="ok")
    return Service(name, command, _environment(settings, package), project_root(), healthy, noise=_PORTAL_NOISE)


def _environment(settings: Settings, process: str) -> dict[str, str]:
    # Unbuffered, so that what a process says last before it dies is not lost.
    return child_environment(settings, INTELLICV_PROCESS=process, PYTHONUNBUFFERED="1")


def _on_free_ports(settings: Settings, printer: Printer) -> Settings:
    wanted = {name: getattr(settings, name) for name in _PORTS}
    found: dict[str, int] = {}
    for name, port in wanted.items():
        others = {other for key, other in wanted.items() if key != name} | set(found.values())
        found[name] = next_free(settings.host, port, others)
        if found[name] != port:
            what = name.removesuffix("_port").replace("admin", "admin portal").replace("user", "user portal")
            printer.say("intellicv", f"port {port} is taken, so the {what} takes {found[name]}")
    return settings if found == wanted else with_ports(settings, **found)


def _prepare(settings: Settings, *, demo: bool, printer: Printer) -> None:
    from shared_backend.database.engine import Database
    from shared_backend.database.migrate import migrate

    database = Database(settings.database_url)
    try:
        migrate(database)
    finally:
        database.dispose()
    if demo:
        printer.say("intellicv", "loading the made-up company")
        command = [sys.executable, "-m", "shared_backend.cli.main", "demo", "load"]
        done = subprocess.run(command, cwd=project_root(), env=child_environment(settings), check=False)
        if done.returncode:
            printer.say("intellicv", "the made-up company could not be loaded; going on without it")


def _welcome(settings: Settings, printer: Printer) -> None:
    lines = [
        "IntelliCV is up. Ctrl-C stops it.",
        "",
        f"  Admin portal   {settings.admin_url}",
        f"  User portal    {settings.user_url}",
        f"  Gateway        {settings.gateway_url}",
    ]
    try:
        link = _owner_link(settings)
    except IntelliCVError as error:
        printer.say("intellicv", f"the owner's link could not be made: {error}")
        link = None
    if link:
        lines += ["", "  Nobody owns this yet. Open this link once to become the owner:", f"  {link}"]
    printer.box(lines)


def _owner_link(settings: Settings) -> str | None:
    """The link for whoever comes first; None when there is an owner."""
    from shared_backend.identity.actor import Actor
    from shared_backend.services.backend import Backend

    backend = Backend.open(settings)
    try:
        return backend.people.owner_link(actor=Actor.system("intellicv up"))
    finally:
        backend.close()
