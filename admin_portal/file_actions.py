"""Deleting a file: asked for by its name, then done to what was seen and to nothing newer."""

from __future__ import annotations

from typing import Final

import streamlit as st

from admin_portal import dialog_state
from admin_portal.cloud_words import file_name, provider_name
from admin_portal.confirmation import draw_confirmation
from shared_backend.portal_ui.context import page_context
from shared_backend.services.cloud_desk import CloudDesk, StoredFile
from shared_backend.utils.exception_handler import IntelliCVError

_ASKED: Final = "_file_to_delete"
_PROBLEM: Final = "_file_delete_problem"


def ask_to_delete(file: StoredFile) -> None:
    """The row's callback."""
    st.session_state[_ASKED] = file
    dialog_state.asked()
    st.session_state.pop(_PROBLEM, None)


def draw_deletion() -> None:
    """The dialog, while it is open. Call it on every run of the page."""
    if isinstance(st.session_state.get(_ASKED), StoredFile):
        _dialog()


def _close() -> None:
    st.session_state.pop(_ASKED, None)
    st.session_state.pop(_PROBLEM, None)


@st.dialog("Delete this file?", icon=":material/delete:", on_dismiss=_close)
def _dialog() -> None:
    file = st.session_state.get(_ASKED)
    if not isinstance(file, StoredFile):
        st.rerun()
    draw_confirmation(
        file_name(file.name, longest=200),
        f"It is deleted from {provider_name(file.provider)} for everybody. This can't be taken back here.",
        where=f"In {file_name(file.path.rpartition('/')[0] or 'all files', longest=300)}",
        label=f"Delete {file_name(file.name, longest=40)}",
        keys=("confirm_delete_file", "cancel_delete_file"),
        problem=st.session_state.get(_PROBLEM) or "",
        on_confirm=_delete,
        on_keep=_close,
    )


def _delete() -> None:
    file = st.session_state.get(_ASKED)
    if not isinstance(file, StoredFile):
        return
    try:
        context = page_context()
        waits = CloudDesk(context.backend).delete(file.path, etag=file.etag, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    _close()
    dialog_state.tell(
        f"{file.name} is deleted" + (", and will be at its provider when that is back." if waits else ".")
    )
