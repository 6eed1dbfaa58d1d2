"""Uploading a CV: drag and drop, and what was wrong with a file, in words."""

from __future__ import annotations

from typing import Final

import streamlit as st

from shared_backend.data_management.intellicv_data_manager import MOST_BYTES
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.utils.exception_handler import IntelliCVError

_NUMBER: Final = "_cv_upload_number"
_SAID: Final = "_cv_upload_said"
CHOSEN: Final = "_cv_chosen"


def draw(*, first: bool) -> None:
    """The place to drop a file at. `first`: there is no CV yet."""
    number = int(st.session_state.setdefault(_NUMBER, 1))
    said = st.session_state.get(_SAID)
    with st.container(border=first, key="cv_upload", gap="small"):
        if first:
            st.markdown("#### :material/upload_file: Upload your CV")
            st.markdown(
                "We read it and show you each fact beside the place where it stands. Nothing gets into your profile "
                "before you have looked through it."
            )
        st.file_uploader(
            "Your CV" if first else "A newer version of your CV",
            key=f"cv_file_{number}",
            on_change=_store,
            max_upload_size=MOST_BYTES // 1_000_000,
            help=None,
        )
        st.caption("PDF, DOCX, ODT, RTF, HTML, Markdown, plain text or JSON Resume.")
        if isinstance(said, tuple):
            kind, words = said
            if kind == "error":
                st.error(words, icon=":material/error:")
            else:
                st.info(words, icon=":material/info:")


def _store() -> None:
    number = int(st.session_state.get(_NUMBER, 1))
    file = st.session_state.get(f"cv_file_{number}")
    if file is None:
        return
    context = page_context()
    st.session_state.pop(_SAID, None)
    # A new picker: the one at hand would go on to hold the file.
    st.session_state[_NUMBER] = number + 1
    try:
        uploaded = context.backend.documents.upload(
            file.getvalue(), file.name, owner_id=context.actor.id, actor=context.actor, source=context.source
        )
    except IntelliCVError as error:
        st.session_state[_SAID] = ("error", f"**{inline(file.name)}** was not stored. {escape(error)}")
        return
    st.session_state[CHOSEN] = uploaded.document.id
    if uploaded.duplicate:
        words = "You have uploaded this very file before, so it was not stored again. Here it is."
        st.session_state[_SAID] = ("info", words)
