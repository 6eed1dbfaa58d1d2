"""People for tests: quick hashes, a clock that can be moved, and what was published and made along the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from shared_backend.config.backend_config import Settings
from shared_backend.database.engine import Database
from shared_backend.database.tables import AuditRow
from shared_backend.database.unit_of_work import UnitOfWork
from shared_backend.identity.accounts import Account
from shared_backend.identity.actor import Actor
from shared_backend.identity.passwords import Passwords
from shared_backend.services.people import People

PASSWORD = "correct horse battery"
ADMIN, USER = "admin_portal", "user_portal"
SYSTEM = Actor.system()


def quick_passwords(time_cost: int = 1) -> Passwords:
    """Passwords that cost next to nothing to verify."""
    return Passwords(time_cost=time_cost, memory_kib=8, parallelism=1)


class CountingPasswords(Passwords):
    """Counts the verifications that are really done."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_kib=8, parallelism=1)
        self._hasher = _CountingHasher(self._hasher)  # type: ignore[assignment]

    @property
    def verified(self) -> int:
        return self._hasher.verified  # type: ignore[attr-defined]


class _CountingHasher:
    def __init__(self, hasher: Any) -> None:
        self._inner = hasher
        self.verified = 0

    def verify(self, *args: Any) -> Any:
        self.verified += 1
        return self._inner.verify(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@dataclass
class World:
    """A company with a front door to its people."""

    database: Database
    settings: Settings
    passwords: Passwords = field(default_factory=quick_passwords)
    now: datetime = datetime(2030, 5, 1, 12, tzinfo=UTC)
    events: list[dict[str, Any]] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)
    system: Actor = field(default_factory=Actor.system)

    def __post_init__(self) -> None:
        self.people = People(
            self.database,
            self.settings,
            publish=self.publish,
            ensure_profile=self.ensure_profile,
            clock=lambda: self.now,
            passwords=self.passwords,
        )

    def publish(self, uow: UnitOfWork, type: str, **event: Any) -> None:
        uow.after_commit(lambda: self.events.append({"type": type, **event}))

    def ensure_profile(self, uow: UnitOfWork, account: Account) -> None:
        uow.after_commit(lambda: self.profiles.append(account.id))

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def account(self, role: str, email: str = "", name: str = "") -> Account:
        return self.people.create_account(
            email or f"{role}@example.org", role, name or f"The {role}", PASSWORD, actor=self.system
        )

    def session(self, email: str, portal: str, password: str = PASSWORD) -> str:
        return self.people.exchange(self.people.sign_in(email, password, portal), portal)

    def actor(self, role: str, portal: str = ADMIN, email: str = "") -> Actor:
        """A new account of the role, signed in."""
        account = self.account(role, email)
        found = self.people.who(self.session(account.email, portal), portal)
        assert found is not None
        return found

    def audit(self) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            rows = connection.execute(select(*AuditRow.__table__.c).order_by(AuditRow.__table__.c.at))  # type: ignore[attr-defined]
            return [dict(row._mapping) for row in rows]

    def everything_stored(self) -> str:
        """All the text of the tables about people, to look for what must not be there."""
        from shared_backend.database.tables import AccountRow, SessionRow, SignInLinkRow

        with self.database.read() as connection:
            tables: list[Any] = [
                vars(table)["__table__"] for table in (AccountRow, SessionRow, SignInLinkRow, AuditRow)
            ]
            return repr([connection.execute(select(*table.c)).all() for table in tables])


def token_of(link: str | None) -> str:
    """The token in a link's fragment."""
    assert link is not None
    return link.partition("#link=")[2]
