"""`intellicv accounts`, through the command line itself, on both databases."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner, Result

from shared_backend.cli.main import app
from shared_backend.identity.accounts import Status
from shared_backend.services.backend import close_backend, get_backend
from tests.support.people import PASSWORD, SYSTEM, USER, token_of


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    close_backend()
    monkeypatch.setenv("INTELLICV_DATABASE_URL", database_url)


def accounts(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, ["accounts", *arguments], input=given)


def made(email: str = "ada@example.org", role: str = "admin") -> Result:
    return accounts("create", email, "--role", role, "--password-stdin", given=f"{PASSWORD}\n")


def test_an_account_made_unattended_signs_in() -> None:
    result = accounts(
        "create", "Ada@Example.org", "--role", "candidate", "--name", "Ada", "--password-stdin", given=f"{PASSWORD}\r\n"
    )
    assert (result.exit_code, result.stdout) == (0, "ada@example.org can sign in as candidate.\n")
    people = get_backend().people
    assert people.exchange(people.sign_in("ada@example.org", PASSWORD, USER), USER)
    account = people.find("ada@example.org", actor=SYSTEM)
    assert account is not None
    assert get_backend().bridge.get("user_profile", account.id, actor=SYSTEM).label == "Ada"


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (["ada@example.org", "--role", "admin", "--password-stdin"], "short\n", "at least 10 characters"),
        (["ada@example.org", "--role", "admin", "--password-stdin"], "", "at least 10 characters"),
        (["ada@example.org", "--role", "admin", "--password-stdin"], "x" * 5000, "at most 1,024"),
        (["ada@example.org", "--role", "boss", "--password-stdin"], PASSWORD, "owner, admin, analyst, candidate"),
        (["ada", "--role", "admin", "--password-stdin"], PASSWORD, "not an e-mail address"),
        (["ada@example.org", "--role", "admin"], PASSWORD, "--password-stdin"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: list[str], given: str, said: str) -> None:
    result = accounts("create", *arguments, given=given)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert PASSWORD not in result.output


def test_a_second_account_with_the_e_mail_is_refused() -> None:
    assert made().exit_code == 0
    again = made("ADA@example.org", "owner")
    assert again.exit_code == 1
    assert "already an account" in again.stderr


def test_the_list() -> None:
    made()
    made("cleo@example.org", "candidate")
    result = accounts("list", "--role", "candidate")
    assert result.stdout.split() == ["cleo@example.org", "candidate", "active", "never", "cleo"]
    assert "no such account" in accounts("list", "--search", "zzz").stderr
    assert accounts("list", "--limit", "1").stderr.startswith("1 more")


def test_links_come_alone_on_standard_output() -> None:
    owner = accounts("owner-link")
    assert get_backend().people.peek_link(token_of(owner.stdout.strip())).purpose == "owner"
    made("olga@example.org", "owner")
    assert accounts("owner-link").exit_code == 1
    invited = accounts("invite", "ina@example.org", "--role", "candidate", "--name", "Ina")
    assert get_backend().people.peek_link(token_of(invited.stdout.strip())).name == "Ina"
    reset = accounts("reset-link", "olga@example.org")
    assert get_backend().people.peek_link(token_of(reset.stdout.strip())).purpose == "reset"


def test_lock_unlock_and_role() -> None:
    made()
    assert accounts("lock", "ada@example.org").stdout == "ada@example.org is locked.\n"
    account = get_backend().people.find("ada@example.org", actor=SYSTEM)
    assert account is not None
    assert account.status is Status.LOCKED
    assert accounts("unlock", "ada@example.org").stdout == "ada@example.org is active.\n"
    assert accounts("set-role", "ada@example.org", "--role", "analyst").stdout == "ada@example.org is now analyst.\n"
    missing = accounts("lock", "nobody@example.org")
    assert (missing.exit_code, missing.stderr) == (1, "There is no account with the e-mail nobody@example.org.\n")
