"""How every page opens: its title, one line that says what it is for, and its main action at the right."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def page_header(title: str, purpose: str) -> DeltaGenerator:
    """Draws the head of a page; answers the container at the right for its main action. Both texts are our own."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="page_header"
    ):
        with st.container(gap="xxsmall", width=500):
            st.title(title, anchor=False)
            st.caption(purpose)
        return st.container(horizontal=True, width="content", key="page_action")
