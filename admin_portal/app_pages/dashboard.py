"""Dashboard: people, edits, the health of the bridge, and what needs attention."""

from __future__ import annotations

import streamlit as st

from admin_portal import dashboard_regions as regions
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region

with page_header("Dashboard", "Who is here, what changes, and what waits for somebody."):
    st.page_link("app_pages/candidates.py", label="All candidates", icon=":material/groups:")

live_region(
    "user_profile",
    draw=regions.draw_overview,
    key="dashboard_overview",
    also=(("account", None), ("conflict", None)),
)
live_region("user_profile", draw=regions.draw_edits, key="dashboard_edits", also=(("announcement", None),))
live_region(
    "user_profile",
    draw=regions.draw_feed,
    key="dashboard_feed",
    also=(("announcement", None), ("setting", None)),
)
