"""The files of an intake: what became of each, and whose its document is."""

from __future__ import annotations

from typing import Final

import streamlit as st

from admin_portal.intake_words import FILE_STATES, counted
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.tables import first_page, pager
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services.intake import IntakeDesk
from shared_backend.services.intake_store import Intake, IntakeFile, IntakeFilter
from shared_backend.utils.exception_handler import IntelliCVError

_LOOK_S: Final = 4.0
_LINK: Final = "_intake_link"
_PROBLEM: Final = "_intake_assign_problem"
_SHOW: Final = "intake_show"
_UNASSIGNED: Final = "unassigned"
# What the address and the filter call them, and what people read.
_SHOWN: Final = {
    **{state: words for state, words in FILE_STATES.items() if state != "deleted"},
    _UNASSIGNED: "For nobody yet",
}
_ICONS: Final = {
    "waiting": (":material/schedule:", "gray"),
    "read": (":material/check_circle:", "green"),
    "duplicate": (":material/content_copy:", "orange"),
    "failed": (":material/error:", "red"),
    "deleted": (":material/delete:", "gray"),
}


def draw(intake: Intake, running: bool) -> None:
    """A page of files, filtered by their state. While the intake runs it follows by itself every few seconds, as single
    files are no events, and documents are given away when it has ended."""

    @st.fragment(key=f"intake-files-{intake.id}", run_every=_LOOK_S if running else None)
    def follow() -> None:
        _draw(intake, running, page_context())

    follow()


def _draw(intake: Intake, running: bool, context: PageContext) -> None:
    desk = IntakeDesk(context.backend)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        # Not bound to the address by Streamlit: that would write the words into it, and know the state's name no more.
        asked = st.query_params.get(_SHOW)
        st.session_state[_SHOW] = asked if asked in _SHOWN else None
        chosen = st.pills("Show", tuple(_SHOWN), key=_SHOW, format_func=_SHOWN.__getitem__, on_change=_show)
        if context.actor.may(Permission.EDIT_ALL) and not running:
            st.button(
                "Give to candidates by e-mail",
                key="intake_assign_all",
                icon=":material/alternate_email:",
                help="Every document with a candidate's e-mail address in it goes to that candidate.",
                on_click=_assign_all,
                args=(intake.id,),
            )
    wanted = IntakeFilter(
        states=(chosen,) if chosen and chosen != _UNASSIGNED else (), unassigned=chosen == _UNASSIGNED
    )
    _files, total = desk.files(intake.id, wanted, actor=context.actor, limit=1)
    rows = st.container(key="intake_list", gap="xsmall")
    window = pager(total)
    files, _ = desk.files(intake.id, wanted, actor=context.actor, limit=window.size, offset=window.offset)
    with rows:
        if not files:
            st.caption("No files here." if total == 0 else "")
        for file in files:
            _row(file, running, desk, context)


def _show() -> None:
    chosen = st.session_state.get(_SHOW)
    if chosen:
        st.query_params[_SHOW] = chosen
    else:
        st.query_params.pop(_SHOW, None)
    first_page()


def _row(file: IntakeFile, running: bool, desk: IntakeDesk, context: PageContext) -> None:
    with st.container(border=True, key=f"intake_file_{file.number}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
                icon, color = _ICONS[file.state]
                st.badge(FILE_STATES[file.state], icon=icon, color=color)  # type: ignore[arg-type]
                st.markdown(inline(file.name, longest=70) if file.name else ":gray[deleted]", width="content")
            if file.owner_id:
                st.page_link(
                    "app_pages/candidate.py",
                    label="Open the candidate",
                    icon=":material/person:",
                    query_params={"id": file.owner_id},
                )
            elif file.state == "read" and file.document_id and not running and context.actor.may(Permission.EDIT_ALL):
                with st.popover("Give to …", icon=":material/person_add:", key=f"intake_assign_{file.number}"):
                    _assign(file, desk, context)
        if file.words and file.state != "read":
            st.caption(escape(file.words))
        link = st.session_state.get(_LINK)
        if isinstance(link, tuple) and link[0] == file.document_id:
            st.caption("Send this link to the person yourself. It is shown only now, and opens their account.")
            with st.container(key="intake_invitation_link"):
                st.code(link[1], language=None, wrap_lines=True)


def _assign(file: IntakeFile, desk: IntakeDesk, context: PageContext) -> None:
    assert file.document_id is not None
    found = desk.suggestion(file.document_id, actor=context.actor)
    if found.owner_id:
        st.markdown(f"**{inline(found.email)}** is a candidate's address.")
        if not found.sure:
            st.caption("It does not stand beside the name in the document: look first whether it is the person's own.")
        st.button(
            "Give it to them",
            key=f"intake_give_{file.number}",
            type="primary",
            icon=":material/check:",
            on_click=_give,
            args=(file.document_id, found.owner_id),
        )
        return
    st.caption("No candidate has the address in it. Make an account for the person, or give it to a candidate by hand.")
    email, name = f"intake_email_{file.number}", f"intake_name_{file.number}"
    st.text_input("E-mail", found.email, key=email, autocomplete="off")
    st.text_input("Name", found.name, key=name, autocomplete="off")
    problem = st.session_state.get(_PROBLEM)
    if isinstance(problem, tuple) and problem[0] == file.document_id:
        st.error(escape(problem[1]), icon=":material/error:")
    with st.container(horizontal=True):
        st.button(
            "Invite and give",
            key=f"intake_invite_{file.number}",
            type="primary",
            icon=":material/mail:",
            on_click=_invite,
            args=(file.document_id, email, name),
        )
        st.button(
            "Give to that candidate",
            key=f"intake_by_hand_{file.number}",
            icon=":material/person:",
            help="The candidate who has the e-mail address typed above.",
            on_click=_by_hand,
            args=(file.document_id, email),
        )


def _give(document_id: str, owner_id: str) -> None:
    context = page_context()
    try:
        IntakeDesk(context.backend).assign(document_id, owner_id, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = (document_id, str(error))
        st.toast(escape(error), icon=":material/error:", duration="long")
        return
    st.session_state.pop(_PROBLEM, None)
    st.toast("The candidate finds it on their page, to look through and confirm.", icon=":material/check_circle:")


def _by_hand(document_id: str, email_key: str) -> None:
    context = page_context()
    try:
        account = context.people.find(str(st.session_state.get(email_key) or ""), actor=context.actor)
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = (document_id, str(error))
        return
    if account is None:
        st.session_state[_PROBLEM] = (document_id, "No candidate has this e-mail address.")
        return
    _give(document_id, account.id)


def _invite(document_id: str, email_key: str, name_key: str) -> None:
    context = page_context()
    email, name = (str(st.session_state.get(key) or "") for key in (email_key, name_key))
    try:
        link = IntakeDesk(context.backend).invite(document_id, email, name, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = (document_id, str(error))
        return
    st.session_state.pop(_PROBLEM, None)
    st.session_state[_LINK] = (document_id, link)


def _assign_all(intake_id: str) -> None:
    context = page_context()
    try:
        given, left = IntakeDesk(context.backend).assign_by_email(intake_id, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.toast(escape(error), icon=":material/error:", duration="long")
        return
    words = f"{counted(given, 'document')} given to candidates"
    st.toast(f"{words}; {left:,} without one." if left else f"{words}.", icon=":material/check_circle:")
