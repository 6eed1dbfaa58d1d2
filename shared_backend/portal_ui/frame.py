"""The frame around every page: the gate, the navigation that a role sees, and the live link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission, Role
from shared_backend.portal_ui.live import live_frame
from shared_backend.portal_ui.process import portal_process
from shared_backend.portal_ui.session import require_actor
from shared_backend.portal_ui.sign_in import account_menu
from shared_backend.utils.performance_monitor import performance_monitor

_ASSETS = Path(__file__).with_name("assets")


@dataclass(frozen=True)
class NavItem:
    """One page. `permission`: who sees it; `roles` narrows further. `hidden`: reachable by its address only."""

    file: str
    title: str
    icon: str
    url_path: str
    help: str
    permission: Permission | None = None
    roles: frozenset[Role] | None = None
    hidden: bool = False
    default: bool = False

    def admits(self, actor: Actor) -> bool:
        """Whether the actor may open it. The services behind it ask again."""
        if self.permission is not None and not actor.may(self.permission):
            return False
        return self.roles is None or actor.role in self.roles


Navigation = Mapping[str, Sequence[NavItem]]


def run_portal(portal: str, title: str, navigation: Navigation, *, layout: Literal["wide", "centered"]) -> None:
    """Everything that main.py does. A page that is not in the list is not routable, whoever types its address."""
    # Files of our own: a Material symbol as the tab's icon is fetched from the internet by every browser.
    st.set_page_config(page_title=f"IntelliCV · {title}", page_icon=_ASSETS / "icon.png", layout=layout)
    actor = require_actor(portal)
    process = portal_process(portal)
    pages = {
        section: [page for item in items if item.admits(actor) for page in _pages(item)]
        for section, items in navigation.items()
        if any(item.admits(actor) for item in items)
    }
    st.logo(_ASSETS / "logo.svg", size="large")
    st.html(_ASSETS / "portal.css")
    page = st.navigation(pages, expanded=True)
    with st.sidebar:
        account_menu(actor, portal)
    live_frame(process.link(actor))
    with performance_monitor().timed("page", f"{portal}/{page.url_path or 'home'}"):
        page.run()


def _pages(item: NavItem) -> list[st.Page]:
    """Its page. The default one stands at the portal's bare address, and is found by its name as well."""
    page = _page(item)
    if not item.default:
        return [page]

    def named() -> None:
        st.switch_page(page)

    return [page, st.Page(named, title=item.title, url_path=item.url_path, visibility="hidden")]


def _page(item: NavItem) -> st.Page:
    return st.Page(
        item.file,
        title=item.title,
        icon=item.icon,
        url_path="" if item.default else item.url_path,
        default=item.default,
        help=item.help,
        visibility="hidden" if item.hidden else "visible",
    )
