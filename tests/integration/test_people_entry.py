"""Coming in and going out: links, passwords, tickets, sessions."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from shared_backend.identity.errors import AccountLocked, LinkUnusable, WrongCredentials, WrongPortal
from shared_backend.identity.links import Purpose
from shared_backend.identity.roles import Role
from shared_backend.services.people import Absence
from shared_backend.utils.exception_handler import IntelliCVError, InvalidInput, StateConflict
from tests.support.people import ADMIN, PASSWORD, USER, CountingPasswords, World, quick_passwords, token_of


@pytest.fixture
def world(database: Database, settings: Settings) -> World:
    return World(database, settings)


# The owner's link


def test_the_owner_comes_in_by_a_link_that_works_once(world: World) -> None:
    link = world.people.owner_link(actor=world.system)
    assert link is not None
    assert re.fullmatch(re.escape(world.settings.admin_url) + r"/#link=[\w-]{43}", link)
    info = world.people.peek_link(token_of(link))
    assert (info.purpose, info.portal) == (Purpose.OWNER, ADMIN)
    world.people.peek_link(token_of(link))  # looking does not use it
    ticket = world.people.accept_link(token_of(link), password=PASSWORD, name="Olga", email="Olga@Example.org")
    actor = world.people.who(world.people.exchange(ticket, ADMIN), ADMIN)
    assert actor is not None
    assert (actor.role, actor.name) == (Role.OWNER, "Olga")
    assert world.people.owner_link(actor=world.system) is None
    with pytest.raises(LinkUnusable):
        world.people.accept_link(token_of(link), password=PASSWORD, name="Eve", email="eve@example.org")


def test_a_new_owners_link_voids_the_one_before(world: World) -> None:
    first, second = world.people.owner_link(actor=world.system), world.people.owner_link(actor=world.system)
    assert first != second
    with pytest.raises(LinkUnusable):
        world.people.peek_link(token_of(first))
    world.people.peek_link(token_of(second))


def test_an_owner_made_on_the_command_line_voids_the_link(world: World) -> None:
    link = token_of(world.people.owner_link(actor=world.system))
    world.account("owner")
    with pytest.raises(LinkUnusable):
        world.people.accept_link(link, password=PASSWORD, name="Eve", email="eve@example.org")


@pytest.mark.parametrize(("purpose", "hours"), [("owner", 24), ("invite", 7 * 24), ("reset", 24)])
def test_links_end(world: World, purpose: str, hours: int) -> None:
    if purpose == "owner":
        link = world.people.owner_link(actor=world.system)
    elif purpose == "invite":
        link = world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=world.system)
    else:
        link = world.people.reset_link(world.account("candidate").id, ADMIN, actor=world.system)
    world.later(hours=hours, seconds=-1)
    world.people.peek_link(token_of(link))
    world.later(seconds=1)
    with pytest.raises(LinkUnusable, match="used or has expired"):
        world.people.peek_link(token_of(link))
    with pytest.raises(LinkUnusable):
        world.people.accept_link(token_of(link), password=PASSWORD, name="Eve", email="eve@example.org")


def test_a_refused_password_does_not_use_the_link_up(world: World) -> None:
    token = token_of(world.people.invite("cleo.patra@example.org", "Cleo", "candidate", ADMIN, actor=world.system))
    for bad in ("short", "cleo.patra1", "x" * 2000):
        with pytest.raises(InvalidInput):
            world.people.accept_link(token, password=bad, name="Cleo")
    with pytest.raises(InvalidInput, match=r"NUL \(U\+0000\)"):
        world.people.accept_link(token, password=PASSWORD, name="Cl\x00eo")
    world.people.accept_link(token, password=PASSWORD, name="Cleo P.")
    account = world.people.find("cleo.patra@example.org", actor=world.system)
    assert account is not None
    assert account.name == "Cleo P."


def test_an_invitation_s_e_mail_is_not_the_guest_s_to_choose(world: World) -> None:
    token = token_of(world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=world.system))
    world.people.accept_link(token, password=PASSWORD, name="Cleo", email="boss@example.org")
    assert world.people.find("boss@example.org", actor=world.system) is None


@pytest.mark.parametrize("kind", ["owner", "invite"])
def test_of_two_who_use_one_link_at_once_one_comes_in(world: World, kind: str) -> None:
    link = (
        world.people.owner_link(actor=world.system)
        if kind == "owner"
        else world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=world.system)
    )

    def accept(index: int) -> str:
        try:
            world.people.accept_link(
                token_of(link), password=PASSWORD, name=f"Person {index}", email=f"p{index}@example.org"
            )
        except IntelliCVError as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(accept, range(4)))
    assert outcomes == ["in", "link_unusable", "link_unusable", "link_unusable"]
    assert world.people.list_accounts(actor=world.system).total == 1


def test_an_owner_does_not_take_somebody_s_e_mail(world: World) -> None:
    world.account("candidate", "c@example.org")
    token = token_of(world.people.owner_link(actor=world.system))
    with pytest.raises(StateConflict, match="already an account"):
        world.people.accept_link(token, password=PASSWORD, name="Olga", email="c@example.org")
    world.people.accept_link(token, password=PASSWORD, name="Olga", email="olga@example.org")


# The password


def test_one_answer_for_all_that_is_wrong_and_the_same_work(database: Database, settings: Settings) -> None:
    passwords = CountingPasswords()
    world = World(database, settings, passwords)
    world.account("admin")
    world.people.invite("invited@example.org", "Ina", "admin", ADMIN, actor=world.system)
    locked = world.account("admin", "locked@example.org")
    world.people.lock(locked.id, ADMIN, actor=world.system)
    answers = set()
    writes: list[int] = []
    attempts = [
        ("admin@example.org", "wrong password"),
        ("nobody@example.org", PASSWORD),
        ("invited@example.org", PASSWORD),
        ("locked@example.org", "wrong password"),
        ("not an address", PASSWORD),
        ("a\x00@example.org", PASSWORD),
        ("x" * 10**6, PASSWORD),
    ]
    for email, password in attempts:
        before = passwords.verified
        statements: list[str] = []
        listen = lambda *args, seen=statements: seen.append(args[2].split()[0])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listen)
        with pytest.raises(WrongCredentials) as refused:
            world.people.sign_in(email, password, ADMIN)
        event.remove(database.engine, "before_cursor_execute", listen)
        assert passwords.verified == before + 1, email[:40]
        answers.add((str(refused.value), refused.value.code))
        writes.append(statements.count("UPDATE"))
    assert answers == {("The e-mail or password is wrong.", "wrong_credentials")}
    assert set(writes) == {1}, "an account that exists would be told by the milliseconds of its write"


def test_failed_attempts_are_counted_and_forgotten_after_a_right_one(world: World) -> None:
    account = world.account("admin")
    other = world.account("analyst")
    for email in ("admin@example.org", "ADMIN@example.org", "nobody@example.org"):
        with pytest.raises(WrongCredentials):
            world.people.sign_in(email, "wrong password", ADMIN)
    assert world.people.get(account.id, actor=world.system).failed_sign_ins == 2
    assert world.people.get(other.id, actor=world.system).failed_sign_ins == 0
    world.session(account.email, ADMIN)
    assert world.people.get(account.id, actor=world.system).failed_sign_ins == 0


def test_a_lock_is_told_after_the_right_password_only(world: World) -> None:
    account = world.account("admin")
    world.people.lock(account.id, ADMIN, actor=world.system)
    with pytest.raises(WrongCredentials):
        world.people.sign_in(account.email, "wrong password", ADMIN)
    with pytest.raises(AccountLocked, match="Ask an administrator"):
        world.people.sign_in(account.email, PASSWORD, ADMIN)


@pytest.mark.parametrize(("role", "portal", "right"), [("candidate", ADMIN, USER), ("analyst", USER, ADMIN)])
def test_the_wrong_portal_names_the_right_one(world: World, role: str, portal: str, right: str) -> None:
    account = world.account(role)
    with pytest.raises(WrongCredentials):
        world.people.sign_in(account.email, "wrong password", portal)
    with pytest.raises(WrongPortal) as refused:
        world.people.sign_in(account.email, PASSWORD, portal)
    address = world.settings.user_url if right == USER else world.settings.admin_url
    assert address in str(refused.value)
    assert refused.value.address == address


def test_a_huge_password_is_refused_before_any_work(database: Database, settings: Settings) -> None:
    passwords = CountingPasswords()
    world = World(database, settings, passwords)
    with pytest.raises(InvalidInput, match="1,024"):
        world.people.sign_in("nobody@example.org", "x" * 10**7, ADMIN)
    assert passwords.verified == 0


def test_a_sign_in_renews_a_hash_of_older_parameters(database: Database, settings: Settings) -> None:
    World(database, settings, quick_passwords(time_cost=1)).account("admin")
    world = World(database, settings, quick_passwords(time_cost=2))
    assert "t=1" in world.everything_stored()
    world.session("admin@example.org", ADMIN)
    assert "t=1" not in world.everything_stored()
    assert world.session("admin@example.org", ADMIN)


# Tickets


def test_a_ticket_is_good_once_for_a_minute_and_for_its_portal(world: World) -> None:
    world.account("admin")
    ticket = world.people.sign_in("admin@example.org", PASSWORD, ADMIN)
    world.people.exchange(ticket, ADMIN)
    with pytest.raises(LinkUnusable):
        world.people.exchange(ticket, ADMIN)

    late = world.people.sign_in("admin@example.org", PASSWORD, ADMIN)
    world.later(seconds=60)
    with pytest.raises(LinkUnusable, match="took too long"):
        world.people.exchange(late, ADMIN)

    elsewhere = world.people.sign_in("admin@example.org", PASSWORD, ADMIN)
    with pytest.raises(LinkUnusable):
        world.people.exchange(elsewhere, USER)


def test_of_two_who_exchange_one_ticket_at_once_one_gets_a_session(world: World) -> None:
    world.account("admin")
    ticket = world.people.sign_in("admin@example.org", PASSWORD, ADMIN)

    def exchange(_: int) -> bool:
        try:
            return bool(world.people.exchange(ticket, ADMIN))
        except LinkUnusable:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(exchange, range(4))) == [False, False, False, True]


def test_a_ticket_is_no_link_and_a_link_no_ticket(world: World) -> None:
    world.account("admin")
    ticket = world.people.sign_in("admin@example.org", PASSWORD, ADMIN)
    link = token_of(world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=world.system))
    with pytest.raises(LinkUnusable):
        world.people.peek_link(ticket)
    with pytest.raises(LinkUnusable):
        world.people.accept_link(ticket, password=PASSWORD, name="Eve")
    with pytest.raises(LinkUnusable):
        world.people.exchange(link, USER)
    assert world.people.peek_link(link), "a link is not used up by being tried as a ticket"


def test_a_ticket_of_an_account_that_was_locked_meanwhile_opens_nothing(world: World) -> None:
    account = world.account("admin")
    ticket = world.people.sign_in(account.email, PASSWORD, ADMIN)
    world.people.lock(account.id, ADMIN, actor=world.system)
    with pytest.raises(LinkUnusable):
        world.people.exchange(ticket, ADMIN)


# Sessions


def test_tokens_are_stored_nowhere(world: World) -> None:
    owner_link = token_of(world.people.owner_link(actor=world.system))
    ticket = world.people.accept_link(owner_link, password=PASSWORD, name="Olga", email="olga@example.org")
    session = world.people.exchange(ticket, ADMIN)
    invitation = token_of(world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=world.system))
    stored = world.everything_stored()
    for secret in (owner_link, ticket, session, invitation, PASSWORD):
        assert secret not in stored
        assert secret not in repr(world.events)
    audit = repr(world.audit())
    assert "argon2" not in audit
    assert not re.search(r"[0-9a-f]{64}", audit)


def test_a_session_is_its_portal_s_alone(world: World) -> None:
    world.account("admin")
    admin = world.session("admin@example.org", ADMIN)
    user = world.session("admin@example.org", USER)
    assert world.people.who(admin, ADMIN)
    assert world.people.who(user, USER)
    assert world.people.recognise(admin, USER).absence is Absence.UNKNOWN
    assert world.people.recognise(user, ADMIN).absence is Absence.UNKNOWN
    assert not world.people.sign_out(admin, USER)
    assert world.people.who(admin, ADMIN)


@pytest.mark.parametrize("token", [None, "", "x", "x" * 43, "x" * 10**6, "é", "\ud800", "a\x00b"])
def test_what_is_no_token_is_nobody(world: World, token: str | None) -> None:
    assert world.people.who(token, ADMIN) is None
    assert world.people.sign_out(token, ADMIN) is False


def test_a_locked_account_is_out_at_once(world: World) -> None:
    owner = world.actor("owner")
    account = world.account("candidate")
    token = world.session(account.email, USER)
    assert world.people.who(token, USER)
    world.people.lock(account.id, ADMIN, actor=owner)
    assert world.people.recognise(token, USER).absence is Absence.LOCKED
    world.people.unlock(account.id, ADMIN, actor=owner)
    assert world.people.recognise(token, USER).absence is Absence.ENDED, "unlocking does not bring sessions back"


def test_a_lowered_role_counts_at_once(world: World) -> None:
    owner = world.actor("owner")
    account = world.account("admin")
    admin, user = world.session(account.email, ADMIN), world.session(account.email, USER)
    world.people.set_role(account.id, "analyst", ADMIN, actor=owner)
    actor = world.people.who(admin, ADMIN)
    assert actor is not None
    assert actor.role is Role.ANALYST
    assert world.people.who(user, USER) is None
    world.people.set_role(account.id, "candidate", ADMIN, actor=owner)
    assert world.people.who(admin, ADMIN) is None
    assert account.id in world.profiles


def test_a_session_ends_by_age_and_sooner_without_use(world: World) -> None:
    world.account("admin")
    used, unused = world.session("admin@example.org", ADMIN), world.session("admin@example.org", ADMIN)
    for _ in range(11):
        world.later(hours=1)
        assert world.people.who(used, ADMIN)
    assert world.people.recognise(unused, ADMIN).absence is Absence.EXPIRED
    world.later(hours=1)
    assert world.people.recognise(used, ADMIN).absence is Absence.EXPIRED


def test_being_seen_is_written_once_a_minute(world: World) -> None:
    world.account("admin")
    token = world.session("admin@example.org", ADMIN)
    statements: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2].split()[0]))
    world.later(seconds=59)
    for _ in range(20):
        world.people.who(token, ADMIN)
    assert [word for word in statements if word != "BEGIN"] == ["SELECT"] * 20, "one query a page"
    world.later(seconds=1)
    for _ in range(20):
        world.people.who(token, ADMIN)
    assert statements.count("UPDATE") == 1


def test_a_page_opens_while_the_database_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared_backend.utils.exception_handler import DatabaseReadOnly

    world.account("admin")
    token = world.session("admin@example.org", ADMIN)
    world.later(minutes=2)

    def refuse(*args: object, **kwargs: object) -> None:
        raise DatabaseReadOnly()

    monkeypatch.setattr(world.database, "run", refuse)
    assert world.people.who(token, ADMIN)


def test_signing_out_ends_the_session_in_all_its_tabs_and_no_other(world: World) -> None:
    world.account("admin")
    here, there = world.session("admin@example.org", ADMIN), world.session("admin@example.org", ADMIN)
    world.events.clear()
    assert world.people.sign_out(here, ADMIN)
    assert world.people.recognise(here, ADMIN).absence is Absence.ENDED
    assert world.people.who(there, ADMIN)
    assert not world.people.sign_out(here, ADMIN)
    assert [event["data"] for event in world.events] == [{"action": "sign_out", "changed": []}]


def test_a_new_session_replaces_the_browser_s_own_before(world: World) -> None:
    world.account("admin")
    before = world.session("admin@example.org", ADMIN)
    ticket = world.people.sign_in("admin@example.org", PASSWORD, ADMIN)
    after = world.people.exchange(ticket, ADMIN, replaces=before)
    assert world.people.who(before, ADMIN) is None
    assert world.people.who(after, ADMIN)
    assert world.people.exchange(world.people.sign_in("admin@example.org", PASSWORD, ADMIN), ADMIN, replaces="junk")


def test_signing_in_is_audited(world: World) -> None:
    account = world.account("admin")
    world.session(account.email, ADMIN)
    row = world.audit()[-1]
    assert (row["action"], row["actor_id"], row["source"]) == ("sign_in", account.id, "admin_portal")
    assert world.people.get(account.id, actor=world.system).last_sign_in_at == world.now


def test_what_ended_long_ago_is_removed(world: World) -> None:
    world.account("admin")
    world.session("admin@example.org", ADMIN)
    world.later(hours=11)
    token = world.session("admin@example.org", ADMIN)
    world.later(days=30, hours=1)
    assert world.people.prune() == 3, "the first session and two tickets"
    assert world.people.recognise(token, ADMIN).absence is Absence.EXPIRED
    world.later(days=30)
    assert world.people.prune() == 1
    assert world.people.recognise(token, ADMIN).absence is Absence.UNKNOWN
