"""`intellicv accounts`: who may sign in, from the command line of the machine that holds the database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from shared_backend.identity.actor import Actor
from shared_backend.utils.exception_handler import InvalidInput, NotFound

if TYPE_CHECKING:
    from shared_backend.identity.accounts import Account
    from shared_backend.services.people import People

app = typer.Typer(help="Make, invite, list and lock accounts.", no_args_is_help=True)

SOURCE = "script"

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
RoleName = Annotated[str, typer.Option("--role", help="owner, admin, analyst or candidate.")]
Name = Annotated[str, typer.Option("--name", help="The person's name; without it, what stands before the @.")]


@app.command()
def create(
    email: Email,
    role: RoleName,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    name: Name = "",
) -> None:
    """Make an account that can sign in at once, for unattended set-up."""
    if not password_stdin:
        # Never an option or an argument: other people of the machine see those in the list of processes.
        raise InvalidInput(
            "Give the password on standard input, with --password-stdin; or send a link: accounts invite."
        )
    account = _people().create_account(email, role, name or _name_of(email), _password(), actor=_actor(), source=SOURCE)
    typer.echo(f"{account.email} can sign in as {account.role}.")


@app.command()
def invite(email: Email, role: RoleName, name: Name = "") -> None:
    """Invite somebody, and print the link that they choose their password with."""
    link = _people().invite(email, name or _name_of(email), role, SOURCE, actor=_actor())
    typer.echo("This link works once, for seven days. Hand it to nobody else:", err=True)
    typer.echo(link)


@app.command("list")
def list_accounts(
    search: Annotated[str, typer.Option(help="Part of a name or e-mail.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="Only this role; may be given again.")] = None,
    status: Annotated[str | None, typer.Option(help="invited, active or locked.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
) -> None:
    """List accounts, by name."""
    page = _people().list_accounts(actor=_actor(), search=search, roles=role or [], status=status, limit=limit)
    if not page.items:
        typer.echo("There is no such account.", err=True)
        return
    width = max(len(account.email) for account in page.items)
    for account in page.items:
        seen = f"{account.last_sign_in_at:%Y-%m-%d %H:%M}" if account.last_sign_in_at else "never"
        typer.echo(f"{account.email:{width}}  {account.role:9}  {account.status:7}  {seen:16}  {account.name}")
    if page.total > len(page.items):
        typer.echo(f"{page.total - len(page.items)} more; raise --limit or narrow the search.", err=True)


@app.command()
def lock(email: Email) -> None:
    """Shut somebody out at once, in open tabs too."""
    people = _people()
    people.lock(_account(people, email).id, SOURCE, actor=_actor())
    typer.echo(f"{email} is locked.")


@app.command()
def unlock(email: Email) -> None:
    """Let a locked account in again."""
    people = _people()
    account = people.unlock(_account(people, email).id, SOURCE, actor=_actor())
    typer.echo(f"{email} is {account.status}.")


@app.command("set-role")
def set_role(email: Email, role: RoleName) -> None:
    """Give an account another role."""
    people = _people()
    account = people.set_role(_account(people, email).id, role, SOURCE, actor=_actor())
    typer.echo(f"{account.email} is now {account.role}.")


@app.command("reset-link")
def reset_link(email: Email) -> None:
    """Print a link with which somebody sets a new password."""
    people = _people()
    link = people.reset_link(_account(people, email).id, SOURCE, actor=_actor())
    typer.echo("This link works once, for 24 hours. Hand it to nobody else:", err=True)
    typer.echo(link)


@app.command("owner-link")
def owner_link() -> None:
    """Print the link that makes its reader the owner; the one before is void."""
    link = _people().owner_link(actor=_actor())
    if link is None:
        typer.echo("There is an owner already. A lost password is reset with: intellicv accounts reset-link", err=True)
        raise typer.Exit(1)
    typer.echo("This link works once, for 24 hours:", err=True)
    typer.echo(link)


def _people() -> People:
    from shared_backend.services.backend import get_backend

    return get_backend().people


def _actor() -> Actor:
    return Actor.system("intellicv accounts")


def _account(people: People, email: str) -> Account:
    account = people.find(email, actor=_actor())
    if account is None:
        raise NotFound(f"There is no account with the e-mail {email}.")
    return account


def _name_of(email: str) -> str:
    return email.strip().partition("@")[0]


def _password() -> str:
    # One line, as it was piped; only the line's end is not part of the password.
    line = sys.stdin.readline(10_000)
    return line.removesuffix("\n").removesuffix("\r")
