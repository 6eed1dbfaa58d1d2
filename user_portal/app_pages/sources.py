"""Sources: where what is said of jobs, pay and skills comes from, and whom the licences want to be named."""

from __future__ import annotations

import streamlit as st

from shared_backend.data_management.dataset import provenance
from shared_backend.portal_ui.attributions import draw_attributions
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.knowledge_desk import KIND, KnowledgeDesk


def draw(context: PageContext) -> None:
    """The version in use of each source."""
    for version in KnowledgeDesk(context.backend).in_use(actor=context.actor):
        facts = provenance(version.manifest)
        with st.container(border=True, key=f"source_{facts['source']}", gap="xxsmall"):
            st.markdown(f"**[{escape(facts['title'])}]({facts['address']})**")
            st.markdown(escape(facts["vintage"]))
            st.caption(f"{escape(facts['publisher'])}. Licence: {escape(facts['licence'])}.")


page_header("Sources", "Where what IntelliCV says of jobs, pay and skills comes from, and as of when.")
st.subheader("In use now", anchor=False)
live_region(KIND, draw=draw, key="sources")
st.subheader("Attributions and licences", anchor=False)
draw_attributions()
