"""One portal process: its backend, its hub, and who may hear of what."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from shared_backend.identity.actor import Actor
from shared_backend.identity.portals import Portal
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.topics import entity_kind
from shared_backend.portal_ui.auth_routes import auth_routes
from shared_backend.portal_ui.live import LiveLink
from shared_backend.portal_ui.profile_texts import has_texts, texts_of
from shared_backend.portal_ui.push import Hub, Viewer
from shared_backend.portal_ui.security_headers import security_headers
from shared_backend.portal_ui.session import current_actor
from shared_backend.portal_ui.topics import Topic
from shared_backend.services.backend import Backend, get_backend

# What every candidate may hear of: that an announcement or an alias changed says nothing about what is in it, and which
# release is in use is no secret.
_PUBLIC_KINDS = frozenset({"announcement", "title_alias", "dataset"})
_OWN_KINDS = frozenset({"user_profile", "account", "conflict", "document"})


class PortalProcess:
    """What the pages of one portal process share."""

    def __init__(self, portal: Portal, backend: Backend) -> None:
        self.portal = portal
        self.backend = backend
        addresses = (backend.settings.admin_url, backend.settings.user_url)
        hosts = {urlsplit(address).hostname or "" for address in addresses} | {"127.0.0.1", "localhost"}
        self.hub = Hub(
            backend.watcher,
            self._authenticate,
            backend.acknowledgements.report,
            read_texts=self._read_texts,
            allowed_hosts=frozenset(hosts),
        )
        backend.acts_for(functools.partial(current_actor, str(portal)))

    def link(self, actor: Actor) -> LiveLink:
        """What `live_frame` needs for this person."""
        settings = self.backend.settings
        return LiveLink(
            self.backend.watcher,
            self.hub.acks,
            actor.id,
            poll_tight_s=settings.poll_tight_s,
            poll_slack_s=settings.poll_slack_s,
            read_texts=self._texts_of_page,
        )

    def _texts_of_page(self, topics: Collection[Topic]) -> Mapping[str, str]:
        actor = current_actor(self.portal) if has_texts(topics) else None
        return {} if actor is None else texts_of(self.backend.bridge, actor, topics)

    def _read_texts(self, cookies: Mapping[str, str], topics: Collection[Topic]) -> Mapping[str, str]:
        if not has_texts(topics):
            return {}
        actor = self.backend.people.who(cookies.get(self.portal.cookie_name), self.portal)
        return {} if actor is None else texts_of(self.backend.bridge, actor, topics)

    def _authenticate(self, cookies: Mapping[str, str]) -> Viewer | None:
        actor = self.backend.people.who(cookies.get(self.portal.cookie_name), self.portal)
        if actor is None:
            return None
        return Viewer(actor.id, str(actor.role), functools.partial(_may_see, actor))


def _may_see(actor: Actor, kind: str, entity_id: str | None) -> bool:
    about = entity_kind(kind)
    if actor.may(Permission.READ_ALL) or about in _PUBLIC_KINDS:
        return True
    return about in _OWN_KINDS and entity_id == actor.id


@functools.cache
def portal_process(portal: str) -> PortalProcess:
    """This process's portal, made on first use."""
    backend = get_backend(portal)
    return PortalProcess(Portal(portal), backend)


def app_options(portal: str) -> dict[str, Any]:
    """What `st.App(main, **options)` needs to be this portal: the live socket, the sign-in routes, headers, errors.

    The call itself stands in each portal's app.py: `streamlit run` looks for `st.App(` in the text of that file, and
    would take the file for a page if it were not there.
    """
    process = portal_process(portal)

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
        process.backend.start()
        yield {}
        process.hub.close()
        process.backend.close()

    return {
        "routes": [*process.hub.routes(), *auth_routes(portal)],
        "lifespan": lifespan,
        "middleware": security_headers(),
        "on_script_error": _on_script_error,
    }


def _on_script_error(error: Exception) -> bool:
    from shared_backend.portal_ui.states import draw_error

    return draw_error(error)
