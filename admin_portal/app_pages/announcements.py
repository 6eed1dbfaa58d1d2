"""Announcements: what all candidates read, written, published and withdrawn here."""

from __future__ import annotations

import streamlit as st

from admin_portal import announcement_editor, announcement_list
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region

context = page_context()
may_publish = context.actor.may(Permission.PUBLISH)
chosen = st.query_params.get("id", "")

with page_header("Announcements", "What all candidates read on their home page, from the moment it is published."):
    if may_publish and not chosen:
        st.button(
            "New announcement",
            key="new_announcement",
            type="primary",
            icon=":material/add:",
            on_click=announcement_editor.begin,
        )

if chosen:
    announcement_editor.draw(chosen, context)
else:
    announcement_list.filters()
    live_region("announcement", draw=announcement_list.draw, key="announcements")
