"""`intellicv parse`: what a CV says, each value with the place that it stands in."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared_backend.data_management.skill_words import skill_words

if TYPE_CHECKING:
    from shared_backend.data_management.parse_result import ParseResult

app = typer.Typer(help="Read CVs into profiles.")


@app.command()
def parse(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="PDF, DOCX, ODT, RTF, HTML, Markdown, text or JSON Resume.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with all evidence.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Only the profile, as JSON Resume.")] = False,
    workers: Annotated[int, typer.Option(help="So many files at a time.", min=1, max=64)] = 1,
) -> None:
    """Read files into drafts of profiles; nothing is stored. Ends with 1 if no file held a CV."""
    from shared_backend.data_management.complete_data_parser import CompleteDataParser
    from shared_backend.data_management.skill_linker import TaxonomyLinker

    found = 0
    linker = functools.cache(TaxonomyLinker.shipped)
    with CompleteDataParser(workers=min(workers, len(files)), linker=linker) as parser:
        for result in parser.parse_many(files):
            found += result.ok
            if as_json:
                typer.echo(json.dumps(result.to_dict(), ensure_ascii=False))
            elif profile:
                typer.echo(json.dumps(result.draft.profile() if result.draft else None, ensure_ascii=False, indent=2))
            else:
                _tell(result)
    if not found:
        raise typer.Exit(1)


def _tell(result: ParseResult) -> None:
    typer.secho(result.name, bold=True)
    for note in ([] if result.ok else [result.message]) + list(result.notes):
        typer.echo(f"  {note}")
    if result.draft is None:
        return
    experience = result.draft.experience
    if experience:
        years, months = divmod(experience["months"], 12)
        so_far = ", going on" if experience["open"] else ""
        typer.echo(f"  Experience: {years} years {months} months, {experience['from']} to {experience['to']}{so_far}")
    before = ""
    for path, one in result.draft.values():
        head = ".".join(path.split(".")[: 2 if path.split(".")[1].isdigit() else 1])
        if head != before:
            typer.echo(f"  {head}")
            before = head
        place = f"page {one.spans[0].page}, {one.spans[0].start}–{one.spans[-1].end}" if one.spans else "a link"
        flags = f"  [{', '.join(one.flags)}]" if one.flags else ""
        about = f"  {words}" if (words := skill_words(one.extra)) else ""
        typer.echo(f"    {path[len(head) + 1 :]:18} {_short(one.text)}  ({place}; {one.confidence:.0%}){flags}{about}")


def _short(text: Any) -> str:
    return text if len(text) <= 80 else text[:77] + "…"
