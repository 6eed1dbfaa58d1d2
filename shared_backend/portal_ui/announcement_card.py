"""One announcement, as both portals draw it."""

from __future__ import annotations

import streamlit as st

from shared_backend.portal_ui.announcement_text import safe_markdown
from shared_backend.portal_ui.text_safety import inline


def announcement_card(title: str, body: str, level: str) -> None:
    """A title and a text; both are data. What is important says so in words."""
    if level == "important":
        st.badge("Important", icon=":material/priority_high:", color="red")
    st.markdown(f"#### {inline(title or 'Untitled', longest=300)}")
    if body:
        st.markdown(safe_markdown(body))
