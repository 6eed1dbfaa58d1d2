"""Admin debug: this process from the inside. For owners and administrators."""

from __future__ import annotations

import streamlit as st

from admin_portal import debug_sections as sections
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.lockstep_refresh import refresh_picker
from shared_backend.portal_ui.page_header import page_header

context = page_context()
page_header("Admin debug", "This process from the inside: never a secret, never a person's data.")
refresh_picker()

process, live, words, settings, permissions = st.tabs(
    ["Process", "Live and watcher", "Kinds and events", "Settings", "Permissions"],
    key="debug_section",
    on_change="rerun",
    bind="query-params",
)
for tab, draw in (
    (process, sections.draw_process),
    (live, sections.draw_live),
    (words, sections.draw_words),
    (settings, sections.draw_settings),
    (permissions, sections.draw_permissions),
):
    if tab.open:
        with tab:
            draw(context)
