"""Dialogs that are asked for inside a live region. The button's press runs that region alone, and the dialog is the
page's to draw, so that it stays open whatever the region does: the region has the whole page run again, once."""

from __future__ import annotations

from typing import Final

import streamlit as st

from admin_portal.cloud_words import say

_ASKED: Final = "_dialog_asked"
_TOLD: Final = "_dialog_told"


def asked() -> None:
    """In the callback that opens a dialog."""
    st.session_state[_ASKED] = True


def tell(words: str, *, bad: bool = False) -> None:
    """In a callback of a dialog: said once the dialog has gone. A toast beside an open dialog would take its place in
    the browser's tree, and what the dialog still draws would go astray."""
    st.session_state[_TOLD] = (words, bad)


def drawn_here() -> None:
    """First on the page: it draws its dialogs itself in this run, and says what they left to be said."""
    st.session_state.pop(_ASKED, None)
    if told := st.session_state.pop(_TOLD, None):
        words, bad = told
        say(words, bad=bad)


def draw_page_if_asked() -> None:
    """First in a region that has such buttons."""
    if st.session_state.pop(_ASKED, False):
        st.rerun()
