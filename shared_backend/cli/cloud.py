"""`intellicv cloud`: who serves, whether it works, and moving from one provider to another."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared_backend.identity.actor import Actor

if TYPE_CHECKING:
    from shared_backend.cloud.carry_over import Carried
    from shared_backend.cloud.contract import Capability
    from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator

app = typer.Typer(help="Look at the clouds, switch between them, and carry over.", no_args_is_help=True)

SOURCE = "script"


class Name(StrEnum):
    """The capabilities, without importing the clouds to tell them."""

    BLOBS = "blobs"
    SECRETS = "secrets"
    TEXT = "text"
    GENERATION = "generation"
    EMBEDDINGS = "embeddings"
    MONITORING = "monitoring"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Which = Annotated[Name, typer.Argument(help="The capability.")]
Source = Annotated[str | None, typer.Option("--from", help="The provider to carry from; else all who served before.")]
Target = Annotated[str | None, typer.Option("--to", help="The provider to carry to; else the one that serves.")]


@app.command()
def explain(
    check: Annotated[bool, typer.Option(help="Try each provider; --no-check only says how things stand.")] = True,
    as_json: AsJson = False,
) -> None:
    """Say for each capability who serves, why, and which check failed."""
    found = _cloud().explain(check=check)
    if as_json:
        _print_json([_plain(each) for each in found])
        return
    for each in found:
        fallback = f", then {each.route.fallback}" if each.route.fallback else ""
        typer.echo(f"{each.capability}: {each.serves or 'nobody'} serves. Route: {each.route.primary}{fallback}.")
        typer.echo(f"  {each.why}.")
        for words in each.warnings:
            typer.echo(f"  See to this: {words}")
        for finding in each.findings:
            state = "works" if finding.problem is None else "does not work"
            words = finding.found if finding.problem is None else finding.problem
            typer.echo(f"  {finding.provider} {state} ({finding.elapsed_ms:,.0f} ms): {words}")
        if each.formers:
            names = " and ".join(each.formers)
            typer.echo(f"  {names} served before and may hold what has yet to be carried over.")


@app.command()
def probe(
    provider: Annotated[str, typer.Argument(help="The provider to try.")],
    capability: Annotated[Name | None, typer.Argument(help="One capability; else all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try a provider now. Exits with 1 when something does not work."""
    cloud = _cloud()
    cloud.caller.providers.get(provider)
    found = [cloud.probe(provider, _capability(each)) for each in ([capability] if capability else Name)]
    if as_json:
        _print_json([_plain(each) for each in found])
    else:
        rows = [
            (each.capability, "works" if each.problem is None else "fails", f"{each.elapsed_ms:,.0f} ms",
             each.found or each.problem or "")
            for each in found
        ]  # fmt: skip
        _table(("capability", "", "took", "found"), rows)
    if any(each.problem for each in found):
        raise typer.Exit(1)


@app.command()
def switch(
    capability: Which,
    primary: Annotated[str, typer.Argument(help="Who is to serve.")],
    fallback: Annotated[str | None, typer.Option(help="Who serves when the primary can't; else nobody.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for those who read it later.")] = "",
) -> None:
    """Change who serves, in all processes. It is tried first; nothing changes when it does not work."""
    cloud = _cloud()
    finding = cloud.switch(_capability(capability), primary, fallback, actor=_actor(), source=SOURCE, reason=reason)
    typer.echo(f"{primary} serves {capability} from now on: {finding.found}.")
    _point_to_carrying(cloud, capability)


@app.command()
def rollback(capability: Which) -> None:
    """Take the last switch back."""
    cloud = _cloud()
    route = cloud.roll_back(_capability(capability), actor=_actor(), source=SOURCE)
    fallback = f", then {route.fallback}" if route.fallback else ""
    typer.echo(f"{capability} is served by {route.primary}{fallback} again.")
    _point_to_carrying(cloud, capability)


@app.command()
def reconcile(as_json: AsJson = False) -> None:
    """Carry to their primary the files that wait for it, and compare. Exits with 1 when something still waits."""
    progress = _cloud().reconcile(on_progress=lambda p: _say(f"{p.done:,} of {p.total:,} settled", quiet=as_json))
    if as_json:
        _print_json(_plain(progress))
    elif progress.busy:
        typer.echo("Somebody else is at it just now.")
    else:
        typer.echo(
            f"{progress.synced:,} carried, {progress.conflicts:,} kept beside somebody else's, "
            f"{progress.superseded:,} overtaken, {progress.failed:,} still wait; {progress.compared:,} compared."
        )
        for words in [*progress.missing, *([progress.last_error] if progress.last_error else [])]:
            typer.echo(f"  {words}")
    if progress.busy or progress.failed or progress.missing:
        raise typer.Exit(1)


@app.command()
def difference(capability: Which, source: Source = None, target: Target = None, as_json: AsJson = False) -> None:
    """Show what other providers have and the one that serves lacks; --to another one: what a switch leaves behind."""
    found = _cloud().difference(_capability(capability), source=source, target=target)
    if as_json:
        _print_json([_plain(each) for each in found])
        return
    if not found:
        typer.echo("Nothing is anywhere else.")
        return
    rows = [
        (each.source, each.target, f"{each.objects:,}", f"{each.size:,}", f"{each.kept_beside:,}",
         f"{each.differing:,}", f"{each.same:,}", each.problem or ", ".join(each.examples[:3]))
        for each in found
    ]  # fmt: skip
    _table(("from", "to", "lacking", "bytes", "taken", "differ", "same", "for example"), rows)


@app.command("carry-over")
def carry_over(capability: Which, source: Source = None, target: Target = None, as_json: AsJson = False) -> None:
    """Copy what the one that serves lacks, checked; cut off, it goes on. Exits with 1 when some is left."""

    def told(carried: Carried) -> None:
        _say(f"{carried.looked_at:,} looked at, {carried.copied:,} copied", quiet=as_json)

    done = _cloud().carry_over(_capability(capability), source=source, target=target, on_progress=told)
    if as_json:
        _print_json({name: _plain(each) for name, each in done.items()})
    elif not done:
        typer.echo("Nothing is anywhere else.")
    else:
        rows = [
            (name, f"{each.looked_at:,}", f"{each.copied:,}", f"{each.size:,}", f"{each.kept_beside:,}",
             f"{each.failed:,}", "somebody else is at it" if each.busy else each.last_error)
            for name, each in done.items()
        ]  # fmt: skip
        _table(("from", "looked at", "copied", "bytes", "kept beside", "failed", ""), rows)
    if any(each.failed or each.busy for each in done.values()):
        raise typer.Exit(1)


@app.command("adopt-folder")
def adopt_folder() -> None:
    """Make this machine's folder of files the one that the database knows. What only another one holds is given up."""
    folder = _cloud().adopt_folder(actor=_actor(), source=SOURCE)
    typer.echo(f"The files are in {folder} from now on. Start other machines' processes anew, with that folder.")


def _cloud() -> CloudServicesOrchestrator:
    from shared_backend.services.backend import get_backend

    return get_backend().cloud


def _actor() -> Actor:
    return Actor.system("intellicv cloud")


def _capability(name: Name) -> Capability:
    from shared_backend.cloud.contract import Capability

    return Capability(name.value)


def _point_to_carrying(cloud: CloudServicesOrchestrator, name: Name) -> None:
    if name in (Name.BLOBS, Name.SECRETS) and (formers := cloud.formers(_capability(name))):
        typer.echo(
            f"What is on {' and '.join(formers)} stays readable. `intellicv cloud difference {name}` shows it, "
            f"`intellicv cloud carry-over {name}` copies it."
        )


def _say(words: str, *, quiet: bool) -> None:
    """Progress, where somebody looks."""
    if not quiet and sys.stderr.isatty():
        typer.echo(f"\r{words}", err=True, nl=False)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _plain(found: Any) -> Any:
    """A dataclass as JSON takes it."""
    return asdict(found) if is_dataclass(found) and not isinstance(found, type) else found


def _print_json(found: Any) -> None:
    def text(value: Any) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    typer.echo(json.dumps(found, indent=2, default=text))
