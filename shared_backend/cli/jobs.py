"""`intellicv jobs`: background work from the command line of the machine that holds the database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from shared_backend.identity.actor import Actor
from shared_backend.utils.exception_handler import InvalidInput, NotFound

if TYPE_CHECKING:
    from shared_backend.jobs.job import Job
    from shared_backend.services.jobs import Jobs

app = typer.Typer(help="List, stop and retry background jobs.", no_args_is_help=True)

SOURCE = "script"

JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id, or as much of its beginning as is its alone.")]


@app.command("list")
def list_jobs(
    state: Annotated[list[str] | None, typer.Option(help="Only this state; may be given again.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind; may be given again.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=5_000)] = 50,
) -> None:
    """List jobs: those that run, those that wait, and the newest that ended."""
    from shared_backend.jobs.job import STATES
    from shared_backend.jobs.reads import JobFilter

    if unknown := sorted(set(state or ()) - set(STATES)):
        raise InvalidInput(f"{unknown[0]!r} is not a state of a job. There are {', '.join(STATES)}.")
    wanted = JobFilter(tuple(state or ()), tuple(kind or ()))
    page = _jobs().find(wanted, actor=_actor(), limit=limit)
    if not page.items:
        typer.echo("There is no such job." if state or kind else "There are no jobs.", err=True)
        return
    width = max(len(job.kind) for job in page.items)
    for job in page.items:
        asked = f"{job.created_at:%Y-%m-%d %H:%M}"
        typer.echo(f"{job.id[:8]}  {job.state:9}  {job.kind:{width}}  {asked}  {_progress(job)}".rstrip())
    if page.total > len(page.items):
        typer.echo(f"{page.total - len(page.items):,} more; raise --limit or narrow the search.", err=True)


@app.command()
def show(job_id: JobId) -> None:
    """Show one job, with its steps."""
    jobs = _jobs()
    job = _found(jobs, job_id)
    facts = {
        "Job": job.id,
        "Kind": f"{jobs.register.title(job.kind)} ({job.kind})",
        "State": f"{job.state}, asked to {job.wish}" if job.wish else job.state,
        "Progress": _progress(job),
        "Asked for": f"{job.created_at:%Y-%m-%d %H:%M:%S} UTC by {job.actor_name or job.actor_id}",
        "Ended": f"{job.ended_at:%Y-%m-%d %H:%M:%S} UTC" if job.ended_at else "",
        "Ran for": f"{job.ran_s:,.1f} s" if job.ran_s else "",
        "Tries": f"{job.attempts:,} failed, {job.crashes:,} cut off" if job.attempts or job.crashes else "",
        "Error": job.error or "",
        "Answer": json.dumps(job.result, ensure_ascii=False) if job.result else "",
    }
    for name, value in facts.items():
        if value:
            typer.echo(f"{name + ':':11} {value}")
    steps, total = jobs.steps(job.id, actor=_actor())
    for step in steps:
        typer.echo(f"  {step.number:>5}  {step.took_s:>9,.3f} s  {step.name}")
    if total > len(steps):
        typer.echo(f"  and {total - len(steps):,} more steps")


@app.command()
def pause(job_id: JobId) -> None:
    """Keep a job from running; one that runs stops at its next step."""
    jobs = _jobs()
    job = jobs.pause(_found(jobs, job_id).id, actor=_actor(), source=SOURCE)
    typer.echo("It pauses at its next step." if job.wish else "It is paused.")


@app.command()
def resume(job_id: JobId) -> None:
    """Let a paused job go on where it was."""
    jobs = _jobs()
    jobs.resume(_found(jobs, job_id).id, actor=_actor(), source=SOURCE)
    typer.echo("It goes on as soon as a worker is free.")


@app.command()
def cancel(job_id: JobId) -> None:
    """End a job; one that runs stops at its next step. What it has done stays done."""
    jobs = _jobs()
    job = jobs.cancel(_found(jobs, job_id).id, actor=_actor(), source=SOURCE)
    typer.echo("It ends at its next step." if job.wish else "It is cancelled. `intellicv jobs retry` is the way back.")


@app.command()
def retry(job_id: JobId) -> None:
    """Run a job again that failed or was cancelled, without what it has done already."""
    jobs = _jobs()
    jobs.retry(_found(jobs, job_id).id, actor=_actor(), source=SOURCE)
    typer.echo("It runs as soon as a worker is free.")


def _jobs() -> Jobs:
    from shared_backend.services.backend import get_backend

    return get_backend().jobs


def _actor() -> Actor:
    return Actor.system("intellicv jobs")


def _found(jobs: Jobs, given: str) -> Job:
    """The job of an id, or of the beginning of one."""
    found = jobs.beginning_with(given, actor=_actor())
    if not found:
        raise NotFound(f"There is no job {given!r}. `intellicv jobs list` shows those there are.")
    if len(found) > 1:
        raise InvalidInput(f"More than one job begins with {given!r}. Give more of its id.")
    return found[0]


def _progress(job: Job) -> str:
    if job.state == "failed":
        return job.error or ""
    if job.progress_total:
        words = f"{job.progress_done:,} of {job.progress_total:,} {job.progress_unit}"
    else:
        words = f"{job.progress_done:,} {job.progress_unit}" if job.progress_done else ""
    left = job.left_s
    if left is not None:
        words += f", {left:,.0f} s left"
    return ", ".join(part for part in (words.strip(), job.progress_words) if part)
