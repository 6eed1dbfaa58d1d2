"""The made-up company: people, profiles, announcements, a history and some conflicts, so that no page is empty.

Everything is done through the front doors, as people would have done it over the past weeks. Loading it again adds
nothing; loading that was interrupted is completed, because each step has an idempotency key.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared_backend.config.backend_config import Settings
from shared_backend.identity.accounts import Account, Status
from shared_backend.identity.actor import Actor
from shared_backend.services.backend import Backend
from shared_backend.services.demo_story import HISTORY_DAYS, Step, filled_by_hand, meetings, with_ids
from shared_backend.utils.clock import Clock, utc_now
from shared_backend.utils.exception_handler import IntelliCVError, StateConflict

MARKER = ("setting", "demo_company")
STAFF = {
    "ada": ("ada.samplewell@example.org", "admin", "Ada Samplewell"),
    "omar": ("omar.paragon@example.org", "admin", "Omar Paragon"),
    "ines": ("ines.figures@example.org", "analyst", "Inés Figures"),
}
_SYSTEM = Actor.system("demo")
# Without the letters and digits that are taken for one another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class DemoFailed(IntelliCVError):
    """The made-up company could not be loaded completely. Load it again to go on."""

    code = "demo_failed"


@dataclass(frozen=True)
class DemoAccess:
    """Who can sign in to the made-up company. `password` is None where it was loaded before: it is kept nowhere."""

    staff: tuple[Account, ...]
    candidates: tuple[Account, ...]
    password: str | None


@dataclass
class StoryClock:
    """The time within the story: `days_ago` before its end, which is now."""

    end: datetime
    days_ago: float = float(HISTORY_DAYS)

    def __call__(self) -> datetime:
        return self.end - timedelta(days=self.days_ago)


def load(settings: Settings, *, now: Clock = utc_now) -> DemoAccess:
    """Loads the company unless it is there. Raises StateConflict in production, DemoFailed, DatabaseUnavailable."""
    _check_allowed(settings)
    clock = StoryClock(now())
    backend = Backend.open(settings, clock=clock)
    try:
        if backend.bridge.find(MARKER[0], actor=_SYSTEM, search=MARKER[1]).total:
            return _access(backend, None)
        password = new_password()
        _Loading(backend, clock, password).run()
        return _access(backend, password)
    finally:
        backend.close()


def renew_password(settings: Settings) -> DemoAccess:
    """Gives the company's accounts a new password, the way a forgotten one is replaced."""
    _check_allowed(settings)
    backend = Backend.open(settings)
    try:
        access = _access(backend, new_password())
        if not access.staff:
            raise StateConflict("The made-up company has not been loaded. Load it with `intellicv demo load`.")
        for account in (*access.staff, *access.candidates):
            set_password(backend, account, access.password or "")
        return access
    finally:
        backend.close()


def new_password() -> str:
    """Sixteen random characters in four groups, some 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def set_password(backend: Backend, account: Account, password: str) -> None:
    """By a one-time link, which is used at once."""
    link = backend.people.reset_link(account.id, "script", actor=_SYSTEM)
    backend.people.accept_link(link.partition("#link=")[2], password=password)


def read_data(name: str) -> list[dict[str, Any]]:
    """One of the files of the story."""
    path = Path(__file__).parent / "demo_data" / f"{name}.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


@dataclass
class _Loading:
    """One run through the story."""

    backend: Backend
    clock: StoryClock
    password: str
    actors: dict[str, Actor] = field(default_factory=dict)

    def run(self) -> None:
        steps = [
            *self._arrivals(),
            *self._announcements(),
            *self._edits(),
            *meetings(self.save, self.resolve, self.undo),
            Step(5.0, lambda: self._lock("bram.voorbeeld")),
        ]
        for step in sorted(steps, key=lambda step: -step.days_ago):
            self.clock.days_ago = step.days_ago
            step.do()
        self.clock.days_ago = 0.0
        told = {"value": True, "description": f"{MARKER[1]}: the made-up company is loaded"}
        self._checked(self.backend.bridge.save(*MARKER, told, source="script", actor=_SYSTEM))

    def save(
        self, who: str, of: str, patch: dict[str, Any], key: str, base_version: int | None = None
    ) -> dict[str, Any]:
        """Saves a candidate's profile as `self` or one of the staff would, from their portal."""
        mine = who == "self"
        answer = self.backend.bridge.sync_user_data(
            self.actors[of].id,
            patch,
            "user_portal" if mine else "admin_portal",
            base_version=base_version,
            idempotency_key=f"demo:{key}",
            actor=self.actors[of if mine else who],
        )
        return self._checked(answer)

    def resolve(self, who: str, conflict_id: str, resolution: str) -> None:
        """Closes a conflict, unless an earlier run has."""
        answer = self.backend.bridge.resolve_conflict(
            conflict_id, resolution, source="admin_portal", actor=self.actors[who]
        )
        self._checked(answer, but="state_conflict")

    def undo(self, who: str, of: str, version: int) -> None:
        """Brings an earlier version of a profile back."""
        actor = self.actors[who]
        answer = self.backend.bridge.restore(
            "user_profile", self.actors[of].id, version, source="admin_portal", actor=actor
        )
        self._checked(answer)

    def _arrivals(self) -> list[Step]:
        steps = [Step(HISTORY_DAYS, self._hire)]
        for number, candidate in enumerate(read_data("candidates")):
            slug = candidate["email"].partition("@")[0]
            name = candidate["profile"]["basics"]["name"]
            at = HISTORY_DAYS - 1 - number * 0.2
            arrive = (slug, candidate["email"], "candidate", name, candidate["state"])
            steps.append(Step(at, lambda arrive=arrive: self._arrive(*arrive)))  # type: ignore[misc]
            sections = with_ids(candidate["profile"])
            parts = filled_by_hand(sections) if candidate["state"] != "invited" else [sections]
            who = "self" if candidate["state"] != "invited" else ("ada", "omar")[number % 2]
            for index, part in enumerate(parts, start=1):
                fill: tuple[str, str, dict[str, Any], str] = (who, slug, part, f"fill:{slug}:{index}")
                steps.append(Step(at - 0.03 * index, lambda fill=fill: self.save(*fill)))  # type: ignore[misc]
        return steps

    def _announcements(self) -> list[Step]:
        days = {
            "welcome": (22.0, 21.5),
            "referral-bonus": (15.0, 6.0),
            "open-house": (9.0,),
            "salary-report": (3.0,),
            "maintenance": (2.0,),
        }
        return [
            Step(at, lambda one=announcement["id"], part=part, number=number: self._announce(one, part, number))  # type: ignore[misc]
            for announcement in read_data("announcements")
            for number, (at, part) in enumerate(zip(days[announcement["id"]], announcement["steps"], strict=True))
        ]

    def _edits(self) -> list[Step]:
        return [
            Step(
                edit["days_ago"],
                lambda edit=edit, number=number: self.save(edit["by"], edit["of"], edit["patch"], f"edit:{number}"),  # type: ignore[misc]
            )
            for number, edit in enumerate(read_data("edits"))
        ]

    def _hire(self) -> None:
        for key, staff in STAFF.items():
            self._arrive(key, *staff, "active")

    def _arrive(self, key: str, email: str, role: str, name: str, state: str) -> None:
        people = self.backend.people
        account = people.find(email, actor=_SYSTEM)
        if account is None and state == "invited":
            # Nobody is written to: the link is for whoever invites to hand on, and this person does not exist.
            people.invite(email, name, role, "admin_portal", actor=self.actors["ada"])
        elif account is None:
            people.create_account(email, role, name, self.password, actor=_SYSTEM)
        elif account.status is Status.ACTIVE:
            set_password(self.backend, account, self.password)
        account = people.find(email, actor=_SYSTEM)
        assert account is not None
        self.actors[key] = Actor(account.id, account.role, account.name)

    def _announce(self, announcement_id: str, part: dict[str, Any], number: int) -> None:
        answer = self.backend.bridge.save(
            "announcement",
            announcement_id,
            part,
            source="admin_portal",
            idempotency_key=f"demo:{announcement_id}:{number}",
            actor=self.actors["ada"],
        )
        self._checked(answer)

    def _lock(self, slug: str) -> None:
        self.backend.people.lock(self.actors[slug].id, "admin_portal", actor=self.actors["omar"])

    def _checked(self, answer: dict[str, Any], *, but: str = "") -> dict[str, Any]:
        if not answer["success"] and answer["code"] != but:
            raise DemoFailed(f"The made-up company could not be loaded completely: {answer['error']}")
        return answer


def _access(backend: Backend, password: str | None) -> DemoAccess:
    def known(emails: list[str], wanted: Callable[[Account], bool]) -> tuple[Account, ...]:
        found = [backend.people.find(email, actor=_SYSTEM) for email in emails]
        return tuple(account for account in found if account is not None and wanted(account))

    candidates = [candidate["email"] for candidate in read_data("candidates")]
    return DemoAccess(
        staff=known([email for email, _role, _name in STAFF.values()], lambda account: account.status is Status.ACTIVE),
        candidates=known(candidates, lambda account: account.status is Status.ACTIVE),
        password=password,
    )


def _check_allowed(settings: Settings) -> None:
    if settings.is_production:
        raise StateConflict(
            "The made-up company is not for production: its accounts have a password that was shown on a screen. "
            "Load it elsewhere, with INTELLICV_ENVIRONMENT=development and another INTELLICV_VAR_DIR."
        )
