"""Administering people: who may, what is written down, and what may never happen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from shared_backend.database.tables import AccountRow
from shared_backend.identity.accounts import Status
from shared_backend.identity.actor import Actor
from shared_backend.identity.errors import AccountLocked, LinkUnusable, WrongCredentials
from shared_backend.identity.roles import Role
from shared_backend.utils.exception_handler import (
    IntelliCVError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    SignInRequired,
    StateConflict,
)
from tests.support.people import ADMIN, PASSWORD, USER, World, token_of


@pytest.fixture
def world(database: Database, settings: Settings) -> World:
    return World(database, settings)


# Making and inviting


def test_an_account_is_made_with_its_audit_row_and_event(world: World) -> None:
    account = world.account("admin", "Ada@Example.org", "Ada")
    assert (account.email, account.role, account.status) == ("ada@example.org", Role.ADMIN, Status.ACTIVE)
    (row,) = world.audit()
    assert (row["action"], row["actor_id"], row["source"], row["subject_id"]) == (
        "create",
        "system:script",
        "script",
        account.id,
    )
    assert row["before"] is None
    assert row["after"] == {"email": "ada@example.org", "name": "Ada", "role": "admin", "status": "active"}
    (event,) = world.events
    assert (event["type"], event["kind"], event["entity_id"]) == ("account_update", "account", account.id)
    assert "ada" not in repr(event["data"]).lower()


def test_an_e_mail_has_one_account_however_it_is_written(world: World) -> None:
    world.account("admin", "ada@example.org")
    with pytest.raises(StateConflict, match="already an account"):
        world.account("analyst", " ADA@Example.ORG ")
    assert world.session("ADA@EXAMPLE.org", ADMIN)


@pytest.mark.parametrize("step", ["audit", "event", "profile"])
def test_a_change_without_its_record_is_no_change(world: World, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise IntelliCVError("the record could not be written")

    if step == "audit":
        monkeypatch.setattr("shared_backend.services.people_base.audit.record", fail)
    elif step == "event":
        world.people._publish = fail
    else:
        world.people._ensure_profile = fail
    with pytest.raises(IntelliCVError, match="could not be written"):
        world.account("candidate")
    monkeypatch.undo()
    assert world.audit() == []
    assert world.people.find("candidate@example.org", actor=world.system) is None
    assert world.events == []
    assert world.profiles == []


def test_a_candidate_is_invited_to_the_user_portal_and_a_colleague_to_the_admin_portal(world: World) -> None:
    owner = world.actor("owner")
    candidate = world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=owner)
    colleague = world.people.invite("a@example.org", "Ali", "analyst", ADMIN, actor=owner)
    assert candidate.startswith(f"{world.settings.user_url}/#link=")
    assert colleague.startswith(f"{world.settings.admin_url}/#link=")
    account = world.people.find("c@example.org", actor=owner)
    assert account is not None
    assert account.status is Status.INVITED
    assert world.profiles == [account.id], "the candidate's profile is the entity with the account's id"


def test_inviting_again_voids_the_link_before(world: World) -> None:
    owner = world.actor("owner")
    first = token_of(world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=owner))
    second = token_of(world.people.invite("C@example.org", "Cleopatra", "candidate", ADMIN, actor=owner))
    with pytest.raises(LinkUnusable):
        world.people.peek_link(first)
    assert world.people.peek_link(second).name == "Cleopatra"
    world.people.accept_link(second, password=PASSWORD, name="Cleopatra")
    with pytest.raises(StateConflict, match="already an account"):
        world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=owner)


def test_names_in_any_script_come_back_as_they_were(world: World) -> None:
    name = "محمد 🎻 <b>Zoë</b> =1+1"
    account = world.account("candidate", name=name)
    assert world.people.get(account.id, actor=world.system).name == name


@pytest.mark.parametrize(
    ("field", "value"), [("name", "a\x00b"), ("name", "x" * 10**6), ("email", "a\x00@b.c"), ("email", "x" * 10**6)]
)
def test_what_no_database_should_get_is_refused_before(world: World, field: str, value: str) -> None:
    given = {"email": "c@example.org", "name": "Cleo", field: value}
    with pytest.raises(InvalidInput):
        world.people.invite(**given, role="candidate", source=ADMIN, actor=world.system)
    assert world.audit() == []


@pytest.mark.parametrize("account_id", ["", "nobody", "a\x00b", "x" * 10**6, "é", "\ud800"])
def test_an_id_that_nobody_has_is_not_found(world: World, account_id: str) -> None:
    with pytest.raises(NotFound):
        world.people.get(account_id, actor=world.system)
    with pytest.raises(NotFound):
        world.people.lock(account_id, ADMIN, actor=world.system)


# Who may


@pytest.mark.parametrize("role", ["candidate", "analyst"])
def test_who_may_not_administer(world: World, role: str) -> None:
    actor = world.actor(role, USER if role == "candidate" else ADMIN)
    other = world.account("candidate", "other@example.org")
    before = (world.audit(), len(world.events))
    attempts = [
        lambda: world.people.invite("x@example.org", "X", "candidate", ADMIN, actor=actor),
        lambda: world.people.create_account("x@example.org", "candidate", "X", PASSWORD, actor=actor),
        lambda: world.people.set_role(other.id, "analyst", ADMIN, actor=actor),
        lambda: world.people.set_role(actor.id, "owner", ADMIN, actor=actor),
        lambda: world.people.lock(other.id, ADMIN, actor=actor),
        lambda: world.people.unlock(other.id, ADMIN, actor=actor),
        lambda: world.people.reset_link(other.id, ADMIN, actor=actor),
        lambda: world.people.owner_link(actor=actor),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert (world.audit(), len(world.events)) == before


def test_a_candidate_sees_no_account_but_their_own(world: World) -> None:
    candidate = world.actor("candidate", USER)
    other = world.account("candidate", "other@example.org")
    for attempt in (
        lambda: world.people.list_accounts(actor=candidate),
        lambda: world.people.get(other.id, actor=candidate),
        lambda: world.people.find("other@example.org", actor=candidate),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert world.people.get(candidate.id, actor=candidate).email == "candidate@example.org"


def test_an_admin_neither_touches_owners_nor_makes_them(world: World) -> None:
    owner, admin = world.actor("owner"), world.actor("admin")
    world.account("owner", "second@example.org")
    for attempt in (
        lambda: world.people.lock(owner.id, ADMIN, actor=admin),
        lambda: world.people.set_role(owner.id, "analyst", ADMIN, actor=admin),
        lambda: world.people.reset_link(owner.id, ADMIN, actor=admin),
        lambda: world.people.set_role(admin.id, "owner", ADMIN, actor=admin),
        lambda: world.people.invite("x@example.org", "X", "owner", ADMIN, actor=admin),
    ):
        with pytest.raises(PermissionDenied, match="You are an administrator"):
            attempt()


def test_a_role_that_the_page_remembers_counts_for_nothing(world: World) -> None:
    admin, owner = world.actor("admin"), world.actor("owner")
    target = world.account("candidate")
    world.people.set_role(admin.id, "analyst", ADMIN, actor=owner)
    with pytest.raises(PermissionDenied):
        world.people.lock(target.id, ADMIN, actor=admin)
    world.people.set_role(admin.id, "admin", ADMIN, actor=owner)
    world.people.lock(admin.id, ADMIN, actor=owner)
    with pytest.raises(AccountLocked):
        world.people.lock(target.id, ADMIN, actor=admin)
    world.people.unlock(admin.id, ADMIN, actor=owner)
    with pytest.raises(SignInRequired):
        world.people.lock(target.id, ADMIN, actor=admin)


def test_an_actor_made_up_is_nobody(world: World) -> None:
    target = world.account("candidate")
    with pytest.raises(SignInRequired):
        world.people.lock(target.id, ADMIN, actor=Actor("00000000-0000-0000-0000-000000000000", Role.OWNER))


# Roles and locks


def test_roles_and_locks_leave_their_trace(world: World) -> None:
    owner = world.actor("owner")
    target = world.account("analyst")
    world.session(target.email, ADMIN)
    world.events.clear()
    world.people.set_role(target.id, "admin", ADMIN, actor=owner)
    world.people.lock(target.id, ADMIN, actor=owner)
    world.people.unlock(target.id, ADMIN, actor=owner)
    rows = [row for row in world.audit() if row["subject_id"] == target.id and row["actor_id"] == owner.id]
    assert {row["action"]: (row["before"], row["after"]) for row in rows} == {
        "set_role": ({"role": "analyst"}, {"role": "admin"}),
        "lock": ({"status": "active"}, {"status": "locked", "sessions_ended": 1}),
        "unlock": ({"status": "locked"}, {"status": "active"}),
    }
    assert [event["data"]["action"] for event in world.events] == ["set_role", "lock", "unlock"]
    assert {event["entity_id"] for event in world.events} == {target.id}


def test_what_is_so_already_is_not_recorded_again(world: World) -> None:
    owner = world.actor("owner")
    target = world.account("analyst")
    world.people.lock(target.id, ADMIN, actor=owner)
    before = len(world.audit())
    world.people.lock(target.id, ADMIN, actor=owner)
    world.people.set_role(target.id, "analyst", ADMIN, actor=owner)
    assert len(world.audit()) == before


def test_the_last_owner_who_can_sign_in_stays(world: World) -> None:
    owner = world.actor("owner")
    with pytest.raises(StateConflict, match="only owner"):
        world.people.set_role(owner.id, "admin", ADMIN, actor=owner)
    with pytest.raises(StateConflict, match="only owner"):
        world.people.lock(owner.id, ADMIN, actor=world.system)
    second = world.account("owner", "second@example.org")
    world.people.lock(second.id, ADMIN, actor=owner)
    with pytest.raises(StateConflict, match="only owner"):
        world.people.set_role(owner.id, "admin", ADMIN, actor=owner)


def test_two_owners_who_lock_one_another_leave_one(world: World) -> None:
    for attempt in range(5):
        one = world.account("owner", f"one{attempt}@example.org")
        two = world.account("owner", f"two{attempt}@example.org")
        for other in world.people.list_accounts(actor=world.system, roles=["owner"], status="active").items:
            if other.id not in (one.id, two.id):
                world.people.lock(other.id, "script", actor=world.system)
        actors = [Actor(one.id, Role.OWNER), Actor(two.id, Role.OWNER)]

        def lock(index: int, pair: list[Actor] = actors) -> str:
            try:
                world.people.lock(pair[1 - index].id, ADMIN, actor=pair[index])
            except IntelliCVError as error:
                return error.code
            return "locked"

        with ThreadPoolExecutor(2) as pool:
            outcomes = sorted(pool.map(lock, [0, 1]))
        assert outcomes == ["account_locked", "locked"]
        assert world.people.list_accounts(actor=world.system, roles=["owner"], status="active").total == 1


def test_nobody_locks_themselves_out(world: World) -> None:
    world.account("owner", "second@example.org")
    owner = world.actor("owner")
    with pytest.raises(StateConflict, match="your own account"):
        world.people.lock(owner.id, ADMIN, actor=owner)


def test_an_invited_person_who_was_locked_is_invited_again(world: World) -> None:
    owner = world.actor("owner")
    link = token_of(world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=owner))
    account = world.people.find("c@example.org", actor=owner)
    assert account is not None
    world.people.lock(account.id, ADMIN, actor=owner)
    with pytest.raises(LinkUnusable):
        world.people.accept_link(link, password=PASSWORD, name="Cleo")
    assert world.people.unlock(account.id, ADMIN, actor=owner).status is Status.INVITED
    assert world.people.invite("c@example.org", "Cleo", "candidate", ADMIN, actor=owner)


def test_a_new_password_ends_what_the_old_one_opened(world: World) -> None:
    owner = world.actor("owner")
    target = world.account("candidate")
    session = world.session(target.email, USER)
    link = world.people.reset_link(target.id, ADMIN, actor=owner)
    assert link.startswith(world.settings.user_url)
    assert world.people.who(session, USER) is not None, "asking for a reset shuts nobody out"
    world.people.accept_link(token_of(link), password="a wholly new sentence")
    assert world.people.who(session, USER) is None
    with pytest.raises(WrongCredentials):
        world.people.sign_in(target.email, PASSWORD, USER)
    assert world.session(target.email, USER, "a wholly new sentence")


# Lists


def test_lists_are_searched_filtered_sorted_and_paged_by_the_database(world: World) -> None:
    for index in range(7):
        world.account("candidate", f"c{index}@example.org", f"Person {index}")
    world.account("analyst", "zoe@example.org", "Änne 100%_Zoë")
    owner = world.actor("owner")

    def names(**wanted: object) -> list[str]:
        return [account.name for account in world.people.list_accounts(actor=owner, **wanted).items]  # type: ignore[arg-type]

    page = world.people.list_accounts(actor=owner, roles=["candidate"], limit=3, offset=6)
    assert (page.total, [account.name for account in page.items]) == (7, ["Person 6"])
    assert names(roles=["candidate"], sort="email", descending=True, limit=2) == ["Person 6", "Person 5"]
    assert names(search="C3@EXAMPLE") == ["Person 3"]
    assert names(search="änne") == ["Änne 100%_Zoë"]
    assert names(search="100%_z") == ["Änne 100%_Zoë"]
    assert names(search="%") == ["Änne 100%_Zoë"]
    assert names(search="'; DROP TABLE account; --") == []
    assert names(status="locked") == []
    assert names(sort="last_sign_in_at", limit=1) == ["The owner"]
    assert names(sort="last_sign_in_at", descending=True, limit=1) == ["The owner"]


@pytest.mark.parametrize(
    "wanted",
    [{"sort": "password_hash"}, {"limit": 0}, {"limit": 10**9}, {"offset": -1}, {"search": "a\x00"},
     {"search": "x" * 10**6}, {"status": "gone"}, {"roles": ["system"]}],
)  # fmt: skip
def test_a_list_refuses_what_it_cannot_do(world: World, wanted: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        world.people.list_accounts(actor=world.system, **wanted)  # type: ignore[arg-type]


def test_analysts_read_the_list(world: World) -> None:
    assert world.people.list_accounts(actor=world.actor("analyst")).total == 1


def test_the_table_has_nothing_that_this_module_forgets() -> None:
    from dataclasses import fields

    from shared_backend.identity.accounts import Account

    columns = {column.name for column in AccountRow.__table__.c}  # type: ignore[attr-defined]
    assert columns - {field.name for field in fields(Account)} == {"password_hash"}
