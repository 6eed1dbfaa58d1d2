"""Inviting a candidate: their address and name, and the link that lets them in, shown once."""

from __future__ import annotations

import streamlit as st

from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.text_safety import escape
from shared_backend.utils.exception_handler import IntelliCVError

# While the dialog is open, and what it has to say: kept apart from the button, because a live redraw of the whole page
# would close the dialog otherwise, and the link is shown only once.
_OPEN = "_inviting"
_LINK = "_invitation_link"
_PROBLEM = "_invitation_problem"


def open_invitation() -> None:
    """The button's callback."""
    st.session_state[_OPEN] = True


def draw_invitation() -> None:
    """The dialog, while it is open. Call it on every run. Keys: `invite_email`, `invite_name`, `send_invitation`,
    `invite_another`, `invitation_link`."""
    if st.session_state.get(_OPEN):
        _dialog()


def _close() -> None:
    for key in (_OPEN, _LINK, _PROBLEM):
        st.session_state.pop(key, None)


@st.dialog("Invite a candidate", icon=":material/person_add:", on_dismiss=_close)
def _dialog() -> None:
    link = st.session_state.get(_LINK)
    if link:
        st.markdown("Send this link to the person yourself. It is shown only now, works once, and opens their account.")
        with st.container(key="invitation_link"):
            st.code(link, language=None, wrap_lines=True)
        st.button("Invite somebody else", key="invite_another", icon=":material/person_add:", on_click=_again)
        return
    st.text_input("E-mail", key="invite_email", placeholder="name@example.org", autocomplete="off")
    st.text_input("Name", key="invite_name", placeholder="Ada Lovelace", autocomplete="off")
    if problem := st.session_state.get(_PROBLEM):
        st.error(escape(problem), icon=":material/error:")
    st.button("Make the link", key="send_invitation", type="primary", icon=":material/link:", on_click=_invite)


def _invite() -> None:
    context = page_context()
    email, name = (str(st.session_state.get(key) or "") for key in ("invite_email", "invite_name"))
    try:
        link = context.people.invite(email, name, "candidate", context.source, actor=context.actor)
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state.pop(_PROBLEM, None)
    st.session_state[_LINK] = link


def _again() -> None:
    st.session_state.pop(_LINK, None)
    st.session_state.update({"invite_email": "", "invite_name": ""})
