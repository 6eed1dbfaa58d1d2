"""Event log: every event in commit order, searchable."""

from __future__ import annotations

import streamlit as st

from admin_portal.event_search import draw_filters, draw_table
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.states import draw_error
from shared_backend.utils.exception_handler import IntelliCVError

context = page_context()
with page_header("Event log", "Everything that happened, in the order in which it was committed."):
    st.page_link("app_pages/lockstep_monitor.py", label="Lockstep monitor", icon=":material/sync:")
try:
    draw_table(context, draw_filters(context))
except IntelliCVError as error:
    draw_error(error)
