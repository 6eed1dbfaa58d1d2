"""Conflicts: edits that met on one field, what stands, what was kept, and the decision."""

from __future__ import annotations

import streamlit as st

from admin_portal.conflict_list import draw_list, filters
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region

with page_header("Conflicts", "Edits that met on one field: one value stands, the other was kept for you to decide."):
    st.page_link("app_pages/event_log.py", label="Event log", icon=":material/receipt_long:")
filters()
# Open ones show what stands now, of whatever kind that is.
heads = [(kind, None) for kind in page_context().backend.kinds.names()]
live_region("conflict", draw=draw_list, key="conflicts", also=heads)
