"""Erasing a person for good, from both portals: apart from everything else, named, and confirmed by their address."""

from __future__ import annotations

import streamlit as st

from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.erasure import Erasure
from shared_backend.utils.exception_handler import IntelliCVError

_PROBLEM = "_erase_problem"


def draw_erase(owner_id: str, *, own: bool) -> None:
    """The menu. `own`: a person erases themself."""
    title = "Erase everything about me" if own else "Erase this person for good"
    with st.popover(title, icon=":material/person_remove:", key="erase_menu"):
        st.markdown(f"**{title}**")
        st.markdown(
            "The account, the profile with its whole history, all documents and everything that was read in them are "
            "removed, everywhere. **Nobody can undo this.** What stays is a number in the log, which says that "
            "somebody was erased. Backups that were made before keep the data until they are replaced."
        )
        st.text_input(
            "To confirm, type the e-mail address of the account" if not own else "To confirm, type your e-mail address",
            key="erase_address",
            autocomplete="off",
        )
        if problem := st.session_state.get(_PROBLEM):
            st.error(escape(problem), icon=":material/error:")
        st.button(
            "Erase for good",
            key="erase_person",
            icon=":material/delete_forever:",
            on_click=_erase,
            args=(owner_id,),
        )


def _erase(owner_id: str) -> None:
    context = page_context()
    st.session_state.pop(_PROBLEM, None)
    try:
        Erasure(context.backend).erase(
            owner_id,
            confirmation=str(st.session_state.get("erase_address") or ""),
            actor=context.actor,
            source=context.source,
        )
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state["erase_address"] = ""
    st.toast("Everything about this person is erased.", icon=":material/delete_forever:", duration="long")
