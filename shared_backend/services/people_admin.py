"""Administering people: invitations, roles, locks, lists."""

from __future__ import annotations

from collections.abc import Sequence

from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import accounts, links, policy, sessions
from shared_backend.identity.accounts import Account, AccountPage, Status
from shared_backend.identity.actor import Actor
from shared_backend.identity.inputs import check_characters, clean_email, clean_name
from shared_backend.identity.links import Purpose
from shared_backend.identity.portals import Portal, home_of
from shared_backend.identity.roles import Permission, Role
from shared_backend.services.people_base import PeopleBase, shown
from shared_backend.utils.exception_handler import InvalidInput, StateConflict

MAX_PAGE = 500
MAX_SEARCH = 200


class PeopleAdministration(PeopleBase):
    """What owners and administrators do. Each method reads the actor's own role afresh, in its own transaction."""

    def list_accounts(
        self,
        *,
        actor: Actor,
        search: str = "",
        roles: Sequence[str] = (),
        status: str | None = None,
        sort: str = "name",
        descending: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> AccountPage:
        """One page of accounts; `search` looks in names and e-mails. Raises PermissionDenied and InvalidInput."""
        if not 1 <= limit <= MAX_PAGE or offset < 0:
            raise InvalidInput(f"A page holds 1 to {MAX_PAGE} accounts and starts at 0 or later.")
        if len(search) > MAX_SEARCH:
            raise InvalidInput(f"Search for something of at most {MAX_SEARCH} characters.")
        check_characters(search, "The search")
        if status is not None and status not in list(Status):
            raise InvalidInput(f"There is no such status. Choose one of: {', '.join(Status)}.")
        with self._database.snapshot() as connection:
            self._authorised(connection, actor, Permission.READ_ALL, "see who has an account")
            return accounts.page(
                connection,
                search=search,
                roles=tuple(policy.parse_role(role) for role in roles),
                status=None if status is None else Status(status),
                sort=sort,
                descending=descending,
                limit=limit,
                offset=offset,
            )

    def get(self, account_id: str, *, actor: Actor) -> Account:
        """One account; one's own is everybody's to read. Raises NotFound and PermissionDenied."""
        with self._database.read() as connection:
            if actor.id == account_id:
                self._as_of_now(connection, actor)
            else:
                self._authorised(connection, actor, Permission.READ_ALL, "see other people's accounts")
            return self._target(connection, account_id)

    def find(self, email: str, *, actor: Actor) -> Account | None:
        """The account with this e-mail address, or None. Raises PermissionDenied."""
        with self._database.read() as connection:
            self._authorised(connection, actor, Permission.READ_ALL, "look for people's accounts")
            return accounts.by_email(connection, clean_email(email))

    def create_account(
        self, email: str, role: str, name: str, password: str, *, actor: Actor, source: str = "script"
    ) -> Account:
        """Makes an account that can sign in at once, for unattended set-up. Raises StateConflict when there is one."""
        wanted, email, name = policy.parse_role(role), clean_email(email), clean_name(name)
        self._passwords.check(password, email=email, name=name)
        password_hash = self._passwords.hash(password)

        def work(uow: UnitOfWork) -> Account:
            fresh = self._authorised(uow.connection, actor, Permission.MANAGE_PEOPLE, "make accounts")
            policy.check_may_grant(fresh, wanted)
            now = self._clock()
            account = accounts.create(
                uow.connection,
                email=email,
                name=name,
                role=wanted,
                status=Status.ACTIVE,
                password_hash=password_hash,
                now=now,
            )
            if wanted is Role.OWNER:
                links.void(uow.connection, now=now, account_id=None, purpose=Purpose.OWNER)
            if wanted is Role.CANDIDATE:
                self._ensure_profile(uow, account)
            self._changed(
                uow, "create", account.id, actor=fresh, source=source, before=None, after=shown(account), now=now
            )
            return account

        return self._write(work)

    def invite(self, email: str, name: str, role: str, source: str, *, actor: Actor) -> str:
        """Makes an account without a password and answers the address that its person opens it with, in their portal.

        Inviting somebody again who has not come yet makes a new link and voids the old one. Raises StateConflict
        when they have, and PermissionDenied for a role above the actor's own.
        """
        wanted, email, name = policy.parse_role(role), clean_email(email), clean_name(name)

        def work(uow: UnitOfWork) -> str:
            fresh = self._authorised(uow.connection, actor, Permission.INVITE, "invite people")
            policy.check_may_grant(fresh, wanted)
            now = self._clock()
            before = accounts.by_email(uow.connection, email, lock=True)
            if before is None:
                account = accounts.create(
                    uow.connection,
                    email=email,
                    name=name,
                    role=wanted,
                    status=Status.INVITED,
                    password_hash=None,
                    now=now,
                )
            else:
                policy.check_may_touch(fresh, before, "invite this person again")
                if before.status is not Status.INVITED:
                    raise StateConflict("There is already an account with this e-mail address.")
                links.void(uow.connection, now=now, account_id=before.id)
                accounts.change(uow.connection, before.id, name=name, role=wanted)
                account = self._target(uow.connection, before.id)
            if wanted is Role.CANDIDATE:
                self._ensure_profile(uow, account)
            token = links.issue(
                uow.connection, purpose=Purpose.INVITE, portal=home_of(wanted), account_id=account.id, now=now
            )
            self._changed(
                uow,
                "invite",
                account.id,
                actor=fresh,
                source=source,
                before=None if before is None else shown(before),
                after=shown(account),
                now=now,
            )
            return token

        return self._link_address(home_of(wanted), self._write(work))

    def reset_link(self, account_id: str, source: str, *, actor: Actor) -> str:
        """The address at which a person sets a new password; the old one holds until then. Voids earlier links."""

        def work(uow: UnitOfWork) -> tuple[str, Portal]:
            fresh = self._authorised(uow.connection, actor, Permission.MANAGE_PEOPLE, "reset passwords")
            account = self._target(uow.connection, account_id, lock=True)
            policy.check_may_touch(fresh, account, "reset this password")
            if account.status is not Status.ACTIVE:
                raise StateConflict(f"This account is {account.status}: only an active one has a password to reset.")
            now = self._clock()
            links.void(uow.connection, now=now, account_id=account.id)
            portal = home_of(account.role)
            token = links.issue(uow.connection, purpose=Purpose.RESET, portal=portal, account_id=account.id, now=now)
            self._changed(uow, "reset_link", account.id, actor=fresh, source=source, before=None, after=None, now=now)
            return token, portal

        token, portal = self._write(work)
        return self._link_address(portal, token)

    def set_role(self, account_id: str, role: str, source: str, *, actor: Actor) -> Account:
        """Gives an account another role, at once in its open tabs. Raises PermissionDenied for a role above the
        actor's own or an account above them, StateConflict for the last active owner."""
        wanted = policy.parse_role(role)

        def work(uow: UnitOfWork) -> Account:
            owners = accounts.lock_active_owners(uow.connection)
            fresh = self._authorised(uow.connection, actor, Permission.MANAGE_PEOPLE, "change roles")
            before = self._target(uow.connection, account_id, lock=True)
            policy.check_may_touch(fresh, before, "change the role of this account")
            policy.check_may_grant(fresh, wanted)
            if before.role is wanted:
                return before
            _check_not_last(owners, before, "be given another role")
            now = self._clock()
            accounts.change(uow.connection, account_id, role=wanted)
            closed = [portal for portal in Portal if not portal.admits(wanted)]
            sessions.revoke_all(uow.connection, account_id, now, closed)
            # Links lead to the portal of the role before. A person who has not come yet is invited again.
            links.void(uow.connection, now=now, account_id=account_id)
            after = self._target(uow.connection, account_id)
            if wanted is Role.CANDIDATE:
                self._ensure_profile(uow, after)
            self._changed(
                uow,
                "set_role",
                account_id,
                actor=fresh,
                source=source,
                before={"role": str(before.role)},
                after={"role": str(wanted)},
                now=now,
            )
            return after

        return self._write(work)

    def lock(self, account_id: str, source: str, *, actor: Actor) -> Account:
        """Shuts an account out at once: its sessions end and its links are void. Raises StateConflict for the last
        active owner and for the actor's own account."""

        def work(uow: UnitOfWork) -> Account:
            owners = accounts.lock_active_owners(uow.connection)
            fresh = self._authorised(uow.connection, actor, Permission.MANAGE_PEOPLE, "lock accounts")
            before = self._target(uow.connection, account_id, lock=True)
            policy.check_may_touch(fresh, before, "lock this account")
            if before.status is Status.LOCKED:
                return before
            if fresh.id == account_id:
                raise StateConflict("You can't lock your own account. Ask a colleague to do it.")
            _check_not_last(owners, before, "be locked")
            now = self._clock()
            accounts.change(uow.connection, account_id, status=Status.LOCKED)
            links.void(uow.connection, now=now, account_id=account_id)
            ended = sessions.revoke_all(uow.connection, account_id, now)
            self._changed(
                uow,
                "lock",
                account_id,
                actor=fresh,
                source=source,
                before={"status": str(before.status)},
                after={"status": str(Status.LOCKED), "sessions_ended": ended},
                now=now,
            )
            return self._target(uow.connection, account_id)

        return self._write(work)

    def unlock(self, account_id: str, source: str, *, actor: Actor) -> Account:
        """Lets a locked account in again, with the password it had; without one it is to be invited again."""

        def work(uow: UnitOfWork) -> Account:
            fresh = self._authorised(uow.connection, actor, Permission.MANAGE_PEOPLE, "unlock accounts")
            before = self._target(uow.connection, account_id, lock=True)
            policy.check_may_touch(fresh, before, "unlock this account")
            if before.status is not Status.LOCKED:
                return before
            held = accounts.credentials(uow.connection, account_id=account_id)
            status = Status.ACTIVE if held is not None and held.password_hash else Status.INVITED
            now = self._clock()
            accounts.change(uow.connection, account_id, status=status, failed_sign_ins=0)
            self._changed(
                uow,
                "unlock",
                account_id,
                actor=fresh,
                source=source,
                before={"status": str(Status.LOCKED)},
                after={"status": str(status)},
                now=now,
            )
            return self._target(uow.connection, account_id)

        return self._write(work)


def _check_not_last(active_owners: Sequence[str], account: Account, what: str) -> None:
    if list(active_owners) == [account.id]:
        raise StateConflict(f"This is the only owner who can sign in, so the account can't {what}. Name another first.")
