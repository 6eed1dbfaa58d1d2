"""Industry: one of a classification, with its place in it, its sector's figures and its candidates."""

from __future__ import annotations

import streamlit as st

from admin_portal import industry_detail
from admin_portal.same_page import settle_address
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.states import empty

settle_address()
chosen = st.query_params.get("id", "")


def draw(context: PageContext) -> None:
    """It, or that there is no such one."""
    industry_detail.draw(context.backend.industries.look(actor=context.actor), chosen, context)


with page_header(
    "Industry", "One industry: its place, jobs and pay in its sector, and who of the candidates works in it."
):
    st.page_link("app_pages/industries.py", label="All industries", icon=":material/arrow_back:")
if chosen:
    live_region("dataset", draw=draw, key="industry")
else:
    empty("No industry is chosen", "Choose one from all industries.", icon=":material/factory:")
