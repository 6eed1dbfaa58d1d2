"""`intellicv knowledge`: official releases in, versions listed, compared and switched, and what is known of a title."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared_backend.identity.actor import Actor
from shared_backend.utils.exception_handler import InvalidInput

if TYPE_CHECKING:
    from shared_backend.data_management.ai_data_manager import AIDataManager, DatasetVersion

app = typer.Typer(help="Import, compare and switch what is known of occupations.", no_args_is_help=True)

Version = Annotated[
    str, typer.Argument(metavar="VERSION", help="A version's id, or as much of its beginning as is its alone.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("import")
def import_release(
    source: Annotated[str, typer.Argument(help="onet, esco, bls, industries or market.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the release, as it was published.")],
    use: Annotated[bool, typer.Option(help="Put it in use at once.")] = True,
    as_json: Json = False,
) -> None:
    """Read and check an official release, store it as a version, and put it in use."""
    outcome = _manager().import_release(source, folder, actor=_actor(), progress=_progress, use=use)
    _clear()
    if as_json:
        _print({**_plain(outcome.version), "report": outcome.report.as_dict(), "already": outcome.already})
        return
    for finding in outcome.report.findings:
        typer.echo(f"  {finding.level:7}  {finding.file}: {finding.words}")
    for name, number in outcome.version.manifest.counts.items():
        typer.echo(f"  {number:>9,}  {name}")
    state = "was there already" if outcome.already else "is stored"
    typer.echo(f"{outcome.version.manifest.version} {state}{' and in use' if outcome.version.in_use else ''}.")


@app.command("list")
def list_versions(
    source: Annotated[str | None, typer.Argument(help="Only this source.")] = None, as_json: Json = False
) -> None:
    """List the versions there are; * is in use."""
    versions = _manager().versions(source)
    if as_json:
        _print([_plain(each) for each in versions])
        return
    for each in versions:
        when = "shipped" if each.imported_at is None else f"{each.imported_at:%Y-%m-%d %H:%M}"
        mark = "*" if each.in_use else " "
        typer.echo(f"{mark} {each.manifest.version:24}  {when:16}  {each.size:>10,} bytes  {each.manifest.vintage}")


@app.command()
def show(version: Version, as_json: Json = False) -> None:
    """Show a version: vintage, licence, attribution, checksum, files, counts and what its import found."""
    from shared_backend.data_management.dataset import provenance

    found = _manager().version(version)
    facts = provenance(found.manifest)
    if as_json:
        _print({**_plain(found), **facts})
        return
    for name in ("version", "title", "publisher", "vintage", "licence", "attribution", "address"):
        typer.echo(f"{name + ':':13} {facts[name]}")
    typer.echo(f"{'sha256:':13} {found.manifest.sha256}")
    typer.echo(f"{'in use:':13} {'yes' if found.in_use else 'no'}")
    for name, number in found.manifest.counts.items():
        typer.echo(f"  {number:>9,}  {name}")
    for file in found.manifest.files:
        typer.echo(f"  {file.sha256[:12]}  {file.bytes:>10,} bytes  {file.rows:>7,} rows  {file.name}")
    for finding in found.report.get("findings", []):
        typer.echo(f"  {finding['level']:7}  {finding['file']}: {finding['words']}")


@app.command()
def compare(before: Version, after: Version, as_json: Json = False) -> None:
    """Say what differs between two versions of one source."""
    found = _manager().compare(before, after)
    if as_json:
        _print(asdict(found))
        return
    for name, (first, second) in found.counts.items():
        typer.echo(f"  {first:>9,} → {second:>9,}  {name}{'' if first == second else f'  ({second - first:+,})'}")
    for table in found.tables:
        typer.echo(f"  {table.table}: {table.added:,} new, {table.removed:,} gone, {table.changed:,} changed")
        for group, keys in table.sample.items():
            typer.echo(f"    {group}: {', '.join(keys)}")
    if not found.tables:
        typer.echo("They hold the same.")


@app.command()
def use(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="A version's id, its beginning, or `shipped`.")],
    source: Annotated[str | None, typer.Option(help="With `shipped`: of which source.")] = None,
) -> None:
    """Put a version in use, in all processes at once. The one before stays, for switching back."""
    found = _manager().use(version, actor=_actor(), source=source)
    typer.echo(f"{found.manifest.version} is in use ({found.manifest.vintage}).")


@app.command()
def remove(version: Version) -> None:
    """Remove an imported version that is not in use, for good."""
    found = _manager().remove(version, actor=_actor())
    typer.echo(f"{found.manifest.version} is removed ({found.manifest.vintage}).")


@app.command()
def build(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    releases: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="DIR", help="A folder with one release folder a source, in place of what is in use."
        ),
    ] = None,
) -> None:
    """Write the knowledge in use to one file, as the product ships it; equal knowledge makes equal files."""
    from shared_backend.data_management.dataset import SOURCES
    from shared_backend.data_management.knowledge_file import write_knowledge
    from shared_backend.data_management.releases import read_release
    from shared_backend.data_management.releases.findings import ImportReport

    if releases is None:
        size = _manager().build(file)
    else:
        there = [source for source in SOURCES if (releases / source).is_dir()]
        if not there:
            raise InvalidInput(f"{releases} has no folder named {', '.join(SOURCES)}.")
        datasets = [read_release(source, releases / source, ImportReport(), _progress) for source in there]
        _clear()
        size = write_knowledge(file, datasets)
    typer.echo(f"{file} has {size:,} bytes.")


def _manager() -> AIDataManager:
    from shared_backend.services.backend import get_backend

    return get_backend().knowledge


def _actor() -> Actor:
    return Actor.system("intellicv knowledge")


def _progress(done: int, total: int, words: str) -> None:
    """One line that is written over at a terminal, and a line a step elsewhere."""
    line = f"{done * 100 // max(total, 1):>3} %  {words}"
    if sys.stderr.isatty():
        typer.echo(f"\r\x1b[K{line}", err=True, nl=False)
    else:
        typer.echo(line, err=True)


def _clear() -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", err=True, nl=False)


def _plain(version: DatasetVersion) -> dict[str, Any]:
    """A version as JSON has it."""
    plain = asdict(version)
    plain["version"] = version.manifest.version
    plain["imported_at"] = version.imported_at.isoformat() if version.imported_at else None
    return plain


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
