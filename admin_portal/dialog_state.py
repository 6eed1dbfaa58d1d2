"""Dialogs that are asked for inside a live region. The button's press runs that region alone, and the dialog is the
page's to draw, so that it stays open whatever the region does: the region has the whole page run again, once."""

from __future__ import annotations

from typing import Final

import streamlit as st

_ASKED: Final = "_dialog_asked"


def asked() -> None:
    """In the callback that opens a dialog."""
    st.session_state[_ASKED] = True


def drawn_here() -> None:
    """On the page, where its dialogs are drawn, before the regions."""
    st.session_state.pop(_ASKED, None)


def draw_page_if_asked() -> None:
    """First in a region that has such buttons."""
    if st.session_state.pop(_ASKED, False):
        st.rerun()
