"""Pages without a browser: a company of its own for each test, and any page of either portal as any role sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from shared_backend.identity.accounts import Account
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Role
from shared_backend.portal_ui import session
from shared_backend.portal_ui.process import portal_process
from shared_backend.services.backend import Backend, close_backend, get_backend
from shared_backend.utils.performance_monitor import performance_monitor
from tests.support.cloud_desks import TwoProvider, cloud_of_two
from tests.support.people import PASSWORD, quick_passwords

ROOT = Path(__file__).parents[2]


class Company:
    """One portal's process with its people; `portal` is which. Texts of a page are read with `words`."""

    def __init__(self, portal: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.portal = portal
        self.backend: Backend = get_backend(portal)
        self.backend.people._passwords = quick_passwords()
        self._monkeypatch = monkeypatch
        self._accounts: dict[str, Account] = {}

    @property
    def bridge(self) -> Any:
        """The portal bridge."""
        return self.backend.bridge

    def account(self, role: str, email: str = "", name: str = "") -> Account:
        """The account of this e-mail (by default one for each role), made when it is first asked for."""
        email = email or f"{role}@example.org"
        if email not in self._accounts:
            self._accounts[email] = self.backend.people.create_account(
                email, role, name or f"The {role}", PASSWORD, actor=Actor.system()
            )
        return self._accounts[email]

    def actor(self, role: str, email: str = "") -> Actor:
        """That person as services are told of them."""
        account = self.account(role, email)
        return Actor(account.id, Role(account.role), account.name)

    def sign_in(self, role: str, email: str = "") -> None:
        """From here on pages are opened by this person."""
        account = self.account(role, email)
        people = self.backend.people
        token = people.exchange(people.sign_in(account.email, PASSWORD, self.portal), self.portal)
        self._monkeypatch.setattr(session, "read_session_token", lambda portal: token)

    def open(self, page: str, role: str, email: str = "", /, **query: str) -> AppTest:
        """The page (a file's name in app_pages, without .py) after its first run."""
        self.sign_in(role, email)
        app = AppTest.from_file(str(ROOT / self.portal / "main.py"), default_timeout=30)
        app.switch_page(f"app_pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()


def words(app: AppTest) -> str:
    """Everything that a page says, one element a line."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.text, app.caption, app.error, app.warning)
    return "\n".join(str(each.value) for kind in (*kinds, app.info, app.success) for each in kind)


@pytest.fixture
def company(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Company]]:
    """`company("admin_portal")`: the process of that portal on a database of this test alone."""
    close_backend()
    portal_process.cache_clear()
    performance_monitor.cache_clear()  # what other tests' jobs and pages have taken is not this process's
    monkeypatch.setenv("INTELLICV_DATABASE_URL", sqlite_url)
    yield lambda portal: Company(portal, monkeypatch)
    close_backend()
    portal_process.cache_clear()


@pytest.fixture
def portal_app(company: Callable[[str], Company]) -> Callable[..., AppTest]:
    """`portal_app("admin_portal", "analyst", "candidates")`: that page as a person of that role sees it."""

    def opened(portal: str, role: str, page: str, **query: str) -> AppTest:
        return company(portal).open(page, role, **query)

    return opened


@pytest.fixture
def office(company: Callable[[str], Company]) -> tuple[Company, TwoProvider, TwoProvider]:
    """The admin portal with two clouds in memory: azure first, this machine behind it."""
    running = company("admin_portal")
    azure, local = cloud_of_two(running.backend)
    return running, azure, local
