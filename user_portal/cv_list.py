"""A person's CVs: which there are, how each stands, fetching one back, and deleting one for good."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from shared_backend.data_management.document_store import Document
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.lockstep_words import size_words
from shared_backend.portal_ui.relative_time import exact, relative
from shared_backend.portal_ui.take_file import take_button
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.utils.exception_handler import IntelliCVError
from user_portal.cv_upload import CHOSEN
from user_portal.cv_words import BADGES, mark


def current(documents: Sequence[Document]) -> Document:
    """The one that the page is about: the chosen one, else the newest."""
    chosen = st.session_state.get(CHOSEN)
    return next((each for each in documents if each.id == chosen), documents[0])


def draw(documents: Sequence[Document], shown: Document, context: PageContext) -> None:
    """All of them, newest first."""
    with st.container(key="cv_list", gap="small"):
        for document in documents:
            with st.container(border=True, key=f"cv_document_{document.id}", gap="xsmall"):
                _row(document, document.id == shown.id, context)


def _row(document: Document, is_shown: bool, context: PageContext) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{inline(document.name, longest=60)}**", width="content")
        words, color = BADGES[document.state]
        st.badge(words, color=color)  # type: ignore[arg-type]
    st.caption(
        f"Version {document.number}, {size_words(document.size)}, uploaded {relative(document.created_at)} "
        f"({exact(document.created_at)})"
    )
    with st.container(horizontal=True, gap="small"):
        if not is_shown:
            st.button(
                "Look through",
                key=f"cv_open_{document.id}",
                icon=":material/rate_review:",
                on_click=_choose,
                args=(document.id,),
            )
        take_button(
            "Download",
            partial(_content, document.id),
            file_name=document.name,
            mime="application/octet-stream",
            key=f"cv_download_{document.id}",
            type="tertiary",
        )
        with st.popover("Delete", icon=":material/delete:", key=f"cv_delete_menu_{document.id}"):
            st.markdown("**Delete this document for good?**")
            st.caption(
                "The file and all that was read in it are removed, everywhere and at once; it can't be brought back. "
                "What you have taken into your profile stays there."
            )
            st.button(
                "Delete the document",
                key=f"cv_delete_{mark(document.id)}",
                icon=":material/delete_forever:",
                on_click=_delete,
                args=(document.id,),
            )


def _content(document_id: str) -> bytes:
    context = page_context()
    return context.backend.documents.content(document_id, actor=context.actor)


def _choose(document_id: str) -> None:
    st.session_state[CHOSEN] = document_id
    st.session_state.pop("cv_page", None)


def _delete(document_id: str) -> None:
    context = page_context()
    try:
        context.backend.documents.delete(document_id, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.toast(escape(error), icon=":material/error:", duration="long")
        return
    st.session_state.pop("_cv_looks", None)
    st.toast("The document is deleted for good.", icon=":material/delete_forever:")
