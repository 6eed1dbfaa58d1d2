"""One CV: waiting, in the way, or to be looked through and confirmed."""

from __future__ import annotations

from typing import Final

import streamlit as st

from shared_backend.data_management.document_store import Document
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.utils.exception_handler import IntelliCVError
from user_portal import cv_fields, cv_picture
from user_portal.cv_words import counted, next_step

_SAID: Final = "_cv_said"


def draw(document: Document, context: PageContext) -> None:
    """What the document's state asks for."""
    match document.state:
        case "stored" | "parsing":
            _waiting(document)
        case "failed":
            _failed(document)
        case _:
            _review(document, context)


def _waiting(document: Document) -> None:
    with st.container(border=True, key="cv_waiting", gap="small"):
        st.markdown(f"#### :material/hourglass_top: Reading {inline(document.name, longest=60)}")
        st.progress(0.6 if document.state == "parsing" else 0.3, text="Stored. Reading it takes a few seconds.")
        st.caption("The page goes on by itself. You can leave it, too: nothing is lost.")


def _failed(document: Document) -> None:
    with st.container(border=True, key="cv_failed", gap="small"):
        st.error(escape(document.words), title=f"{inline(document.name, longest=60)} could not be read")
        st.markdown(f"**What you can do:** {escape(next_step(document))}")
        with st.container(horizontal=True):
            st.button(
                "Read it again",
                key="cv_read_again",
                icon=":material/replay:",
                on_click=_again,
                args=(document.id,),
            )
            st.page_link("app_pages/profile.py", label="Fill in the profile by hand", icon=":material/edit:")


def _review(document: Document, context: PageContext) -> None:
    proposal = context.backend.documents.proposal(document.id, actor=context.actor)
    left = len(cv_fields.to_check(proposal))
    with st.container(border=True, key="cv_confirm_bar", gap="xsmall"):
        if document.state == "confirmed":
            st.markdown("#### :material/check_circle: This CV is in your profile")
            st.caption(
                f"Confirmed {relative(document.confirmed_at)}. Your profile shows which facts came from here. Change "
                "something below to confirm it anew."
            )
            st.page_link("app_pages/profile.py", label="Look at your profile", icon=":material/badge:")
        else:
            st.markdown("#### :material/rate_review: Look through what we have read")
            check = f"{counted(left, 'field')} to check first; " if left else ""
            st.caption(f"{check}{cv_fields.summary(proposal)}. Nothing of your profile is lost.")
            _confirm_button(document, "confirm_cv")
        for note in proposal.notes[:4]:
            st.caption(f":material/info: {escape(note)}")
        said = st.session_state.get(_SAID)
        if isinstance(said, tuple) and said[0] == document.id:
            st.error(escape(said[1]), icon=":material/error:")
    places = next((each.places for each in proposal.fields() if each.path == cv_fields.selected(document)), ())
    picture, fields = st.columns([1, 1], gap="medium")
    with picture:
        cv_picture.draw(document, places, context)
    with fields:
        cv_fields.draw(document, proposal)
        if document.state != "confirmed":
            _confirm_button(document, "confirm_cv_below")


def _confirm_button(document: Document, key: str) -> None:
    st.button(
        "Take it into my profile",
        key=key,
        type="primary",
        icon=":material/check:",
        on_click=_confirm,
        args=(document.id,),
    )


def _confirm(document_id: str) -> None:
    context = page_context()
    st.session_state.pop(_SAID, None)
    try:
        done = context.backend.documents.confirm(document_id, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.session_state[_SAID] = (document_id, str(error))
        return
    st.session_state.pop(cv_fields.SELECTED, None)
    st.toast(f"Your profile has it: {counted(done.fields, 'value')} from this CV.", icon=":material/check_circle:")


def _again(document_id: str) -> None:
    context = page_context()
    try:
        context.backend.documents.read_again(document_id, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.toast(escape(error), icon=":material/error:", duration="long")
