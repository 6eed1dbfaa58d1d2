"""Who is using this page: asked of the database on every run, so that a lock or a lowered role counts at once."""

from __future__ import annotations

import streamlit as st

from shared_backend.identity.actor import Actor
from shared_backend.identity.portals import Portal
from shared_backend.services.people import Recognition
from shared_backend.utils.exception_handler import DatabaseUnavailable


def read_session_token(portal: str) -> str | None:
    """The session's token in the cookie that the browser sent with this page, or None."""
    return st.context.cookies.get(Portal(portal).cookie_name)


def recognise(portal: str) -> Recognition:
    """Whom the browser's cookie stands for now, or why it is nobody."""
    from shared_backend.services.backend import get_backend

    return get_backend().people.recognise(read_session_token(portal), portal)


def current_actor(portal: str) -> Actor | None:
    """The person who is signed in, with the role that they have now. For fragments and callbacks too: they run
    without the gate of `require_actor`."""
    return recognise(portal).actor


def require_actor(portal: str) -> Actor:
    """The gate, first in main.py: the person who is signed in. Draws the sign-in page and stops the run for anybody
    else, and for whoever has just opened an invitation or signed out."""
    from shared_backend.portal_ui import sign_in

    try:
        recognition = recognise(portal)
        if recognition.actor is not None and not sign_in.is_wanted():
            return recognition.actor
        sign_in.draw(Portal(portal), recognition)
    except DatabaseUnavailable as error:
        st.error(str(error), icon=":material/cloud_off:")
    st.stop()
