"""How a person comes in and goes out: links, password, ticket, session.

The way in has two steps, because a Streamlit script can't set a cookie: the password buys a *ticket* (good for one
minute and one use), and the browser exchanges the ticket for a session at an address that can set a cookie.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import accounts, links, sessions
from shared_backend.identity.accounts import Account, Credentials, Status
from shared_backend.identity.actor import Actor
from shared_backend.identity.errors import AccountLocked, LinkUnusable, WrongCredentials, WrongPortal
from shared_backend.identity.inputs import clean_email, clean_name
from shared_backend.identity.links import Link, Purpose
from shared_backend.identity.portals import Portal, home_of
from shared_backend.identity.roles import Permission, Role
from shared_backend.identity.sessions import SEEN_EVERY, Session
from shared_backend.services.people_base import PeopleBase, shown
from shared_backend.utils.exception_handler import DatabaseUnavailable, InvalidInput, StateConflict

_log = structlog.get_logger(__name__)

KEPT_AFTER_END = timedelta(days=30)


class Absence(StrEnum):
    """Why a token lets nobody in."""

    NO_TOKEN = "no_token"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    ENDED = "ended"
    LOCKED = "locked"
    NOT_HERE = "not_here"


@dataclass(frozen=True)
class Recognition:
    """Who a token stands for now; when it is nobody, why."""

    actor: Actor | None
    absence: Absence | None = None


@dataclass(frozen=True)
class LinkInfo:
    """What a link is for, for the page that asks for the rest. The owner's has neither name nor e-mail yet."""

    purpose: Purpose
    portal: Portal
    name: str
    email: str


class PeopleEntry(PeopleBase):
    """Links, sign-in and sessions. Nobody is signed in yet here: the token or the password is the permission."""

    def owner_link(self, *, actor: Actor) -> str | None:
        """The address that makes its reader the owner, or None when there is one. A new call voids the link before."""

        def work(uow: UnitOfWork) -> str | None:
            self._authorised(uow.connection, actor, Permission.MANAGE_PEOPLE, "make the owner's link")
            if accounts.owner_exists(uow.connection):
                return None
            now = self._clock()
            links.void(uow.connection, now=now, account_id=None, purpose=Purpose.OWNER)
            return links.issue(uow.connection, purpose=Purpose.OWNER, portal=Portal.ADMIN, account_id=None, now=now)

        token = self._write(work)
        return None if token is None else self._link_address(Portal.ADMIN, token)

    def peek_link(self, token: str) -> LinkInfo:
        """What a link is for, without using it. Raises LinkUnusable."""
        with self._database.read() as connection:
            link = links.peek(connection, token, self._clock())
            if link is None:
                raise LinkUnusable()
            if link.account_id is None:
                if accounts.owner_exists(connection):
                    raise LinkUnusable("There is an owner already, so this link is of no more use. Please sign in.")
                return LinkInfo(link.purpose, link.portal, "", "")
            account = accounts.by_id(connection, link.account_id)
            if account is None or not _fits(link, account):
                raise LinkUnusable()
            return LinkInfo(link.purpose, link.portal, account.name, account.email)

    def accept_link(self, token: str, *, password: str, name: str = "", email: str = "") -> str:
        """Uses a link: makes the owner, opens an invited account, or sets a new password. Answers a ticket for the
        link's portal. `email` is the owner's alone; others have theirs from the invitation.

        Raises LinkUnusable, and InvalidInput for name, e-mail or password: the link is still good then.
        """
        info = self.peek_link(token)
        name = info.name if info.purpose is Purpose.RESET else clean_name(name)
        email = clean_email(email) if info.purpose is Purpose.OWNER else info.email
        self._passwords.check(password, email=email, name=name)
        password_hash = self._passwords.hash(password)

        def work(uow: UnitOfWork) -> str:
            now = self._clock()
            link = links.consume(uow.connection, token, now)
            if link is None:
                raise LinkUnusable()
            if link.account_id is None:
                account = self._make_owner(uow, name, email, password_hash, link, now)
            else:
                account = self._open_account(uow, link.account_id, name, password_hash, link, now)
            return links.issue(
                uow.connection, purpose=Purpose.TICKET, portal=link.portal, account_id=account.id, now=now
            )

        return self._write(work)

    def sign_in(self, email: str, password: str, portal: str) -> str:
        """Checks e-mail and password and answers a ticket for the portal.

        Raises WrongCredentials; with the right password only, AccountLocked or WrongPortal.
        """
        here = Portal(portal)
        self._passwords.check_size(password)
        try:
            known_as = clean_email(email)
        except InvalidInput:
            known_as = ""  # it can't be anybody's, and takes as long to be told so
        with self._database.read() as connection:
            found = accounts.credentials(connection, email=known_as)
        if not self._passwords.verify(password, found.password_hash if found else None) or found is None:
            self._database.run(lambda uow: accounts.count_failure(uow.connection, known_as))
            raise WrongCredentials()
        self._check_may_enter(found.account, here)
        rehashed = self._passwords.rehashed(password, found.password_hash or "")
        return self._write(lambda uow: self._admit(uow, found, rehashed, here))

    def exchange(self, ticket: str, portal: str, *, replaces: str | None = None) -> str:
        """Uses a ticket up and answers the token of a new session. `replaces` is the browser's session before this
        one, which ends. Raises LinkUnusable, AccountLocked or WrongPortal."""
        here = Portal(portal)

        def work(uow: UnitOfWork) -> str:
            now = self._clock()
            link = links.consume(uow.connection, ticket, now, ticket=True)
            if link is None or link.portal is not here or link.account_id is None:
                raise LinkUnusable("That took too long. Please sign in again.")
            account = self._target(uow.connection, link.account_id, lock=True)
            self._check_may_enter(account, here)
            earlier = sessions.find(uow.connection, replaces)
            if earlier is not None:
                sessions.revoke(uow.connection, earlier[0].id, now)
            session, token = sessions.start(
                uow.connection, account_id=account.id, portal=here, lifetime=self._lifetime, now=now
            )
            accounts.change(uow.connection, account.id, last_sign_in_at=now)
            self._record(uow, "sign_in", account.id, actor=_actor(account, session.id), source=here, now=now)
            return token

        return self._write(work)

    def who(self, token: str | None, portal: str) -> Actor | None:
        """Whom a session's token stands for at this moment: account, role and revocation are read afresh."""
        return self.recognise(token, portal).actor

    def recognise(self, token: str | None, portal: str) -> Recognition:
        """As `who`, with the reason when it is nobody. One query by a unique index; once a minute also one write."""
        here = Portal(portal)
        if not token:
            return Recognition(None, Absence.NO_TOKEN)
        with self._database.read() as connection:
            found = sessions.find(connection, token)
        if found is None or found[0].portal != here:
            return Recognition(None, Absence.UNKNOWN)
        session, account = found
        now = self._clock()
        if account.status is not Status.ACTIVE:
            return Recognition(None, Absence.LOCKED)
        if not here.admits(account.role):
            return Recognition(None, Absence.NOT_HERE)
        if session.revoked_at is not None:
            return Recognition(None, Absence.ENDED)
        if now >= session.expires_at:
            return Recognition(None, Absence.EXPIRED)
        if now - session.seen_at >= SEEN_EVERY:
            self._note_use(session, now)
        return Recognition(_actor(account, session.id))

    def sign_out(self, token: str | None, portal: str) -> bool:
        """Ends the session of this token, in all its tabs. False when there was none to end."""
        here = Portal(portal)

        def work(uow: UnitOfWork) -> bool:
            found = sessions.find(uow.connection, token)
            now = self._clock()
            if found is None or found[0].portal != here or not sessions.revoke(uow.connection, found[0].id, now):
                return False
            session, account = found
            actor = _actor(account, session.id)
            self._changed(uow, "sign_out", account.id, actor=actor, source=here, before=None, after=None, now=now)
            return True

        return self._write(work)

    def prune(self) -> int:
        """Removes sessions, links and tickets that ended a month ago or earlier, and answers how many."""
        before = self._clock() - KEPT_AFTER_END
        return self._write(lambda uow: sessions.prune(uow.connection, before) + links.prune(uow.connection, before))

    def _check_may_enter(self, account: Account, here: Portal) -> None:
        if account.status is not Status.ACTIVE:
            raise AccountLocked()
        if not here.admits(account.role):
            there = home_of(account.role)
            address = there.address(self._settings)
            raise WrongPortal(
                f"This is the {here.label}, and your account is for the {there.label}: {address}", address=address
            )

    def _admit(self, uow: UnitOfWork, verified: Credentials, rehashed: str | None, here: Portal) -> str:
        current = accounts.credentials(uow.connection, account_id=verified.account.id, lock=True)
        if current is None or current.password_hash != verified.password_hash:
            raise WrongCredentials()  # the password was changed while we verified the one before
        self._check_may_enter(current.account, here)
        if rehashed is not None:
            accounts.change(uow.connection, current.account.id, password_hash=rehashed)
        if current.account.failed_sign_ins:
            accounts.change(uow.connection, current.account.id, failed_sign_ins=0)
        return links.issue(
            uow.connection,
            purpose=Purpose.TICKET,
            portal=here,
            account_id=current.account.id,
            now=self._clock(),
        )

    def _make_owner(
        self, uow: UnitOfWork, name: str, email: str, password_hash: str, link: Link, now: datetime
    ) -> Account:
        # Takes the rows of other owner's links too, so that of two links that are used at once one finds an owner.
        links.void(uow.connection, now=now, account_id=None, purpose=Purpose.OWNER)
        if accounts.owner_exists(uow.connection):
            raise LinkUnusable("There is an owner already, so this link is of no more use. Please sign in.")
        if accounts.by_email(uow.connection, email) is not None:
            raise StateConflict("There is already an account with this e-mail address. Give another one.")
        owner = accounts.create(
            uow.connection,
            email=email,
            name=name,
            role=Role.OWNER,
            status=Status.ACTIVE,
            password_hash=password_hash,
            now=now,
        )
        self._changed(
            uow,
            "create",
            owner.id,
            actor=_actor(owner, None),
            source=link.portal,
            before=None,
            after=shown(owner),
            now=now,
        )
        return owner

    def _open_account(
        self, uow: UnitOfWork, account_id: str, name: str, password_hash: str, link: Link, now: datetime
    ) -> Account:
        before = self._target(uow.connection, account_id, lock=True)
        if not _fits(link, before):
            raise LinkUnusable()
        accounts.change(
            uow.connection,
            account_id,
            name=name,
            status=Status.ACTIVE,
            password_hash=password_hash,
            failed_sign_ins=0,
        )
        # Whoever had another link or a session of this account has them no longer.
        links.void(uow.connection, now=now, account_id=account_id)
        ended = sessions.revoke_all(uow.connection, account_id, now)
        after = self._target(uow.connection, account_id)
        if after.role is Role.CANDIDATE:
            self._ensure_profile(uow, after)
        is_reset = link.purpose is Purpose.RESET
        self._changed(
            uow,
            "reset_password" if is_reset else "accept_invitation",
            account_id,
            actor=_actor(after, None),
            source=link.portal,
            before=None if is_reset else {"name": before.name, "status": str(before.status)},
            after={"sessions_ended": ended} if is_reset else {"name": after.name, "status": str(after.status)},
            now=now,
        )
        return after

    def _note_use(self, session: Session, now: datetime) -> None:
        try:
            self._database.run(lambda uow: sessions.touch(uow.connection, session, self._lifetime, now))
        except DatabaseUnavailable as error:
            # A page that only reads must open while the database can't be written; the next run tries again.
            _log.warning("the use of a session could not be noted", code=error.code)


def _fits(link: Link, account: Account) -> bool:
    """Whether the account is still in the state that the link was made for."""
    wanted = {Purpose.INVITE: Status.INVITED, Purpose.RESET: Status.ACTIVE}
    return account.status is wanted.get(link.purpose)


def _actor(account: Account, session_id: str | None) -> Actor:
    return Actor(id=account.id, role=account.role, name=account.name, session_id=session_id)
