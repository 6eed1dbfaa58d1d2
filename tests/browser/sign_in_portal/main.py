from __future__ import annotations

import streamlit as st

from shared_backend.portal_ui.session import current_actor, require_actor
from shared_backend.portal_ui.sign_in import account_menu
from shared_backend.services.backend import get_backend

portal = get_backend().portal

st.set_page_config(page_title="IntelliCV", layout="wide")
actor = require_actor(portal)


@st.fragment(run_every=0.3)
def watch() -> None:
    """In the product, the push does this."""
    if current_actor(portal) != actor:
        st.rerun()


def home() -> None:
    st.title("Home")
    st.text(f"{actor.name} is here as {actor.role}.")
    watch()


def candidates() -> None:
    st.title("Candidates")
    watch()


with st.sidebar:
    account_menu(actor, portal)
st.navigation(
    [st.Page(home, title="Home", default=True), st.Page(candidates, title="Candidates", url_path="candidates")]
).run()
