"""What a page works with: who is looking, and the services."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from shared_backend.identity.actor import Actor
from shared_backend.portal_ui.session import current_actor
from shared_backend.services.backend import Backend, get_backend
from shared_backend.services.people import People
from shared_backend.services.portal_bridge import PortalBridge


@dataclass(frozen=True)
class PageContext:
    """The person with the role that they have now, and the front doors."""

    actor: Actor
    backend: Backend

    @property
    def bridge(self) -> PortalBridge:
        """The shared state."""
        return self.backend.bridge

    @property
    def people(self) -> People:
        """The accounts."""
        return self.backend.people

    @property
    def source(self) -> str:
        """The portal that this process is."""
        return self.backend.portal


def page_context() -> PageContext:
    """For pages, fragments and callbacks, on every run. Whoever is not signed in any more is taken to the gate."""
    backend = get_backend()
    actor = current_actor(backend.portal)
    if actor is None:
        st.rerun()
    return PageContext(actor, backend)
