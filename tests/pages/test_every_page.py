"""Every page as every role sees it, and what a role may not see is not there to be reached."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from admin_portal.navigation import NAVIGATION as ADMIN
from shared_backend.config.backend_config import load_settings
from shared_backend.identity.actor import Actor
from shared_backend.identity.portals import Portal
from shared_backend.identity.roles import Permission, Role
from shared_backend.portal_ui.frame import NavItem
from shared_backend.services import inspection, lockstep_reads, overview
from shared_backend.services.conflict_reads import find_conflicts
from shared_backend.services.event_reads import EventFilter, find_events
from shared_backend.services.permission_explainer import explain
from shared_backend.utils.clock import utc_now
from shared_backend.utils.exception_handler import PermissionDenied, SignInRequired
from tests.pages.conftest import Company, words
from user_portal.navigation import NAVIGATION as USER

PORTALS = {"admin_portal": ADMIN, "user_portal": USER}
ROLES = ("owner", "admin", "analyst", "candidate")
NEEDS_ID = {"candidate"}


def pages(portal: str) -> list[NavItem]:
    return [item for items in PORTALS[portal].values() for item in items]


def name_of(item: NavItem) -> str:
    return item.file.removeprefix("app_pages/").removesuffix(".py")


def cases(admitted: bool) -> list[tuple[str, str, str]]:
    found = []
    for portal in PORTALS:
        for role in ROLES:
            actor = Actor("someone", Role(role))
            may_enter = Portal(portal).admits(Role(role))
            for item in pages(portal):
                if may_enter and item.admits(actor) is admitted:
                    found.append((portal, role, name_of(item)))
    return found


def query(company: Company, page: str) -> dict[str, str]:
    return {"id": company.account("candidate").id} if page in NEEDS_ID else {}


@pytest.mark.parametrize(("portal", "role", "page"), cases(admitted=True))
def test_a_page_that_the_role_may_see_is_drawn(
    company: Callable[[str], Company], portal: str, role: str, page: str
) -> None:
    running = company(portal)
    app = running.open(page, role, **query(running, page))
    assert not app.exception
    assert app.title, words(app)
    assert not app.error, words(app)
    assert "may not" not in words(app)


@pytest.mark.parametrize(("portal", "role", "page"), cases(admitted=False))
def test_a_page_that_the_role_may_not_see_is_not_routable(
    company: Callable[[str], Company], portal: str, role: str, page: str
) -> None:
    running = company(portal)
    title = next(item.title for item in pages(portal) if name_of(item) == page)
    try:
        app = running.open(page, role, **query(running, page))
    except Exception:
        return  # the page is none of this person's: Streamlit does not find it
    assert title not in [each.value for each in app.title]


@pytest.mark.parametrize(
    ("portal", "role"),
    [(portal, role) for portal in PORTALS for role in ROLES if not Portal(portal).admits(Role(role))],
)
def test_a_role_that_may_not_enter_a_portal_is_refused_at_its_gate(
    company: Callable[[str], Company], portal: str, role: str
) -> None:
    with pytest.raises((PermissionDenied, SignInRequired)):
        company(portal).sign_in(role)


@pytest.mark.parametrize("portal", PORTALS)
def test_nobody_sees_a_page_without_signing_in(
    company: Callable[[str], Company], portal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared_backend.portal_ui import session
    from tests.pages.conftest import ROOT

    company(portal)
    monkeypatch.setattr(session, "read_session_token", lambda _portal: None)
    titles = {item.title for item in pages(portal)}
    for item in pages(portal):
        app = AppTest.from_file(str(ROOT / portal / "main.py"), default_timeout=30)
        app.switch_page(item.file)
        app.run()
        assert not titles & {str(each.value) for each in app.title}


def test_the_services_behind_the_pages_refuse_a_candidate(company: Callable[[str], Company]) -> None:
    running = company("user_portal")
    actor, database = running.actor("candidate"), running.backend.database
    for call in (
        lambda: overview.people_figures(database, actor=actor, now=utc_now()),
        lambda: overview.low_profiles(database, actor=actor),
        lambda: overview.edit_counts(database, actor=actor, now=utc_now()),
        lambda: overview.newest_edits(database, actor=actor),
        lambda: find_events(database, EventFilter(), actor=actor),
        lambda: find_conflicts(database, actor=actor),
        lambda: lockstep_reads.health_report(running.backend.health, actor=actor),
        lambda: lockstep_reads.latency_points(database, actor=actor),
        lambda: lockstep_reads.newest_canary(database, actor=actor),
    ):
        with pytest.raises(PermissionDenied):
            call()


@pytest.mark.parametrize("role", ["analyst", "candidate"])
def test_the_services_of_operators_refuse_everybody_else(company: Callable[[str], Company], role: str) -> None:
    running = company("admin_portal")
    actor, backend = running.actor(role), running.backend
    for call in (
        lambda: inspection.process_facts(actor=actor, portal="admin_portal"),
        lambda: inspection.settings_facts(load_settings(), actor=actor),
        lambda: inspection.database_facts(backend.database, actor=actor),
        lambda: lockstep_reads.send_canary(backend.bus, actor=actor, source="admin_portal"),
        lambda: explain(Role.ADMIN, Permission.PUBLISH, actor=actor),
    ):
        with pytest.raises(PermissionDenied):
            call()
