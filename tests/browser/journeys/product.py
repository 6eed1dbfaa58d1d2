"""The whole product as a person starts it, on free ports and a database of its own, and a script's way into it."""

from __future__ import annotations

import ctypes
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared_backend.config import backend_config
from shared_backend.config.backend_config import PREFIX, Settings, child_environment, load_settings, project_root
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.lockstep.entities import Entity
from shared_backend.services.backend import Backend
from tests.support.people import PASSWORD

PROFILE = "user_profile"
_PR_SET_PDEATHSIG = 1
_COMPLAINTS = ("Traceback", "page.failed", "[error", "[critical")


@dataclass(frozen=True)
class Person:
    """Somebody with an account, who can sign in with PASSWORD."""

    id: str
    email: str
    name: str
    role: str

    @property
    def actor(self) -> Actor:
        return Actor(self.id, Role(self.role), self.name)


class Product:
    """What is running. `backend` is this process's own, on the same database."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.settings = settings
        self.log = log
        self.backend = Backend.open(settings)
        self._numbers = itertools.count(1)
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "shared_backend.cli.main", "up"],
                env=child_environment(settings, PYTHONUNBUFFERED="1"),
                cwd=project_root(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def address(self, portal: str) -> str:
        return self.settings.admin_url if portal == "admin_portal" else self.settings.user_url

    def person(self, role: str, name: str = "") -> Person:
        """A new account; a candidate comes with a profile."""
        number = next(self._numbers)
        name = name or f"{role.capitalize()} Number {number}"
        email = f"{role}{number}@example.org"
        account = self.backend.people.create_account(email, role, name, PASSWORD, actor=Actor.system("test"))
        return Person(account.id, email, name, role)

    def session(self, person: Person, portal: str) -> str:
        """A session's token, as the sign-in page would have brought it into a cookie."""
        people = self.backend.people
        return people.exchange(people.sign_in(person.email, PASSWORD, portal), portal)

    def save(self, candidate: Person, by: Person, **basics: Any) -> int:
        """A save by somebody whose page is not open here; answers the version."""
        source = "user_portal" if by.role == "candidate" else "admin_portal"
        answer = self.backend.bridge.sync_user_data(candidate.id, {"basics": basics}, source, actor=by.actor)
        assert answer["success"], answer["error"]
        return int(answer["version"])

    def profile(self, candidate: Person) -> Entity:
        return self.backend.bridge.get(PROFILE, candidate.id, actor=Actor.system("test"))

    def basics(self, candidate: Person) -> dict[str, Any]:
        return dict(self.profile(candidate).data["basics"])

    def conflicts(self, candidate: Person, status: str | None = "open") -> list[Any]:
        found, _total = self.backend.bridge.conflicts(
            actor=Actor.system("test"), status=status, kind=PROFILE, entity_id=candidate.id, limit=50
        )
        return list(found)

    def pid(self, portal: str) -> int:
        """The portal's process, among the supervisor's children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in map(int, children):
            if f"{portal}/app.py" in Path(f"/proc/{pid}/cmdline").read_text():
                return pid
        raise LookupError(f"{portal} has no process")

    def answers(self, portal: str) -> bool:
        """Whether the portal is up."""
        assert self.process.poll() is None, f"the product has ended:\n{self.log_tail()}"
        try:
            with urllib.request.urlopen(self.address(portal) + "/_stcore/health", timeout=2) as answer:
                return bool(answer.read() == b"ok")
        except OSError:
            return False

    def log_size(self) -> int:
        return self.log.stat().st_size

    def complaints(self, since: int = 0) -> list[str]:
        """Lines of the log, from that place on, that a healthy product does not write."""
        lines = self.log.read_bytes()[since:].decode(errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in _COMPLAINTS)]

    def log_tail(self, lines: int = 60) -> str:
        """What was written last, without the list of files that browsers fetched."""
        written = self.log.read_text(errors="replace").splitlines()
        return "\n".join([line for line in written if '"GET ' not in line][-lines:])

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.backend.close()


def die_with_parent() -> None:
    """In a child, before it starts: it is told to stop when this test run is killed, and leaves nothing behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def running_product(
    folder: Path, database_url: str | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Product]:
    """Both portals, gateway and worker, up and answering; SQLite in the folder when no database is named.
    `environment`: settings that have no place in Settings, such as the clouds'."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            patch.delenv(name)
        for name, text in (environment or {}).items():
            patch.setenv(name, text)
        patch.setattr(backend_config, "dotenv_path", lambda: folder / "no.env")
        ports = dict(zip(("admin_port", "user_port", "gateway_port"), _free_ports(3), strict=True))
        given = {"database_url": database_url} if database_url else {}
        settings = load_settings(environment="test", var_dir=folder / "var", log_level="WARNING", **ports, **given)
        product = Product(settings, folder / "product.log")
        try:
            for portal in ("admin_portal", "user_portal"):
                until(lambda portal=portal: product.answers(portal), f"{portal} does not come up", seconds=120)
            yield product
        finally:
            product.close()


def until(condition: Callable[[], Any], what: str, *, seconds: float = 60.0, page: Any = None) -> None:
    """Wait until `condition()` holds; the limit is only there to end a test that has failed.

    With a `page`, its events and routes are served meanwhile: Playwright does nothing while Python sleeps.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        if page is None:
            time.sleep(0.05)
        else:
            page.wait_for_timeout(50)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [opened.getsockname()[1] for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()
