"""`intellicv title`: a title taken apart, the occupations that it may name, and what is known of the first."""

from __future__ import annotations

import json
from typing import Annotated

import typer

app = typer.Typer(help="Say which occupations a title names, and what they pay.")


@app.command()
def title(
    text: Annotated[str, typer.Argument(metavar="TITLE", help="Any title, such as 'Sr. SWE II – Payments (Remote)'.")],
    limit: Annotated[int, typer.Option(help="At most so many occupations of each taxonomy.", min=1, max=50)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say which occupations a title names, and what they pay."""
    from shared_backend.services.backend import get_backend
    from shared_backend.services.enhanced_job_title_engine import EnhancedJobTitleEngine

    # The backend says first which database is asked.
    manager = get_backend().knowledge
    found = EnhancedJobTitleEngine(manager).analyze(text, limit=limit)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for name in ("function", "seniority", "grade", "qualifiers", "noise"):
        value = found[name]
        if value:
            typer.echo(f"{name + ':':12} {', '.join(value) if isinstance(value, list) else value}")
    if not found["known"]:
        typer.echo(f"Not known. {found['reason']}")
        raise typer.Exit(1)
    for each in (*found["onet"], *found["esco"]):
        typer.echo(f"  {each['score']:.2f}  {each['taxonomy']:4}  {each['code']:36}  {each['title']}")
    if found["ambiguous"]:
        typer.echo("Several fit as well as the first.")
    for source in found["sources"]:
        typer.echo(f"{source['title']}: {source['vintage']} ({source['licence']})")
