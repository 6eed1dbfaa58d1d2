"""What everything about people shares: transactions in which the change, its audit row and its event are one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity import accounts, audit, sessions
from shared_backend.identity.accounts import Account, Status
from shared_backend.identity.actor import Actor
from shared_backend.identity.errors import AccountLocked
from shared_backend.identity.passwords import Passwords
from shared_backend.identity.portals import Portal
from shared_backend.identity.roles import Permission, Role
from shared_backend.identity.sessions import Lifetime
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import NotFound, SignInRequired, StateConflict
from shared_backend.utils.logging_config import new_correlation_id

T = TypeVar("T")

EVENT_TYPE = "account_update"
KIND = "account"


class Publish(Protocol):
    """Appends one event in the transaction of `uow`."""

    def __call__(
        self, uow: UnitOfWork, type: str, *, kind: str, entity_id: str, data: dict[str, Any], actor: Actor, source: str
    ) -> Any: ...


class EnsureProfile(Protocol):
    """Makes the profile of a candidate's account in the transaction of `uow`, where there is none yet."""

    def __call__(self, uow: UnitOfWork, account: Account) -> Any: ...


class PeopleBase:
    """The parts that signing in and administering have in common."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        publish: Publish,
        ensure_profile: EnsureProfile,
        clock: Clock = utc_now,
        passwords: Passwords | None = None,
        correlation: Callable[[], str] = new_correlation_id,
    ) -> None:
        self._database = database
        self._settings = settings
        self._publish = publish
        self._ensure_profile = ensure_profile
        self._clock = clock
        self._passwords = passwords or Passwords()
        self._correlation = correlation
        self._lifetime = Lifetime.of_hours(settings.session_hours)

    def _write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs `work` in one transaction, again after a deadlock. Raises StateConflict when the e-mail is taken."""
        try:
            return self._database.run(work)
        except IntegrityError as error:
            raise StateConflict("There is already an account with this e-mail address.") from error

    def _authorised(self, connection: Connection, actor: Actor, permission: Permission, to: str) -> Actor:
        """The actor with the role that they have now, whatever they had when the page was drawn.

        Raises SignInRequired, AccountLocked or PermissionDenied.
        """
        fresh = self._as_of_now(connection, actor)
        fresh.require(permission, to)
        return fresh

    def _as_of_now(self, connection: Connection, actor: Actor) -> Actor:
        if actor.role is Role.SYSTEM:
            return actor
        account = accounts.by_id(connection, actor.id)
        if account is None:
            raise SignInRequired()
        if account.status is not Status.ACTIVE:
            raise AccountLocked()
        if actor.session_id is not None and not sessions.is_open(connection, actor.session_id, self._clock()):
            raise SignInRequired("You have been signed out. Sign in again; nothing was changed.")
        return replace(actor, role=account.role, name=account.name)

    def _target(self, connection: Connection, account_id: str, *, lock: bool = False) -> Account:
        return accounts.by_id(connection, account_id, lock=lock) or _no_account()

    def _record(
        self,
        uow: UnitOfWork,
        action: str,
        account_id: str,
        *,
        actor: Actor,
        source: str,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        now: datetime,
    ) -> None:
        """The audit row alone: for what is no change of the account, such as signing in."""
        audit.record(
            uow.connection,
            actor=actor,
            source=source,
            action=action,
            subject=(KIND, account_id),
            before=before,
            after=after,
            at=now,
            correlation_id=self._correlation(),
        )

    def _changed(
        self,
        uow: UnitOfWork,
        action: str,
        account_id: str,
        *,
        actor: Actor,
        source: str,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
        now: datetime,
    ) -> None:
        """The audit row and the event. Last in the transaction: the event takes the log's counter until the commit.

        The event says what happened to which account, and nothing about the person.
        """
        self._record(uow, action, account_id, actor=actor, source=source, before=before, after=after, now=now)
        data = {"action": action, "changed": sorted({*(before or {}), *(after or {})})}
        self._publish(uow, EVENT_TYPE, kind=KIND, entity_id=account_id, data=data, actor=actor, source=source)

    def _link_address(self, portal: Portal, token: str) -> str:
        # In the fragment, which browsers keep to themselves: no server, proxy or log gets to see the token.
        return f"{portal.address(self._settings)}/#link={token}"


def shown(account: Account) -> dict[str, Any]:
    """An account as the audit keeps it."""
    return {"email": account.email, "name": account.name, "role": str(account.role), "status": str(account.status)}


def _no_account() -> NoReturn:
    raise NotFound("There is no such account.")
