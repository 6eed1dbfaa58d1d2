"""Beginning an intake: files from this desk, or a folder on the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import streamlit as st

from admin_portal.intake_words import counted
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.intake import IntakeDesk
from shared_backend.utils.exception_handler import IntelliCVError

_NUMBER: Final = "_intake_upload"
_PROBLEM: Final = "_intake_problem"


def draw(context: PageContext) -> None:
    """Both ways, the second only where an operator has allowed folders."""
    number = int(st.session_state.setdefault(_NUMBER, 1))
    roots = IntakeDesk(context.backend).roots(actor=context.actor)
    with st.container(border=True, key="intake_begin", gap="small"):
        st.markdown("#### :material/upload_file: Take in CVs")
        ways = st.tabs(["Upload files", "A folder on the server"])
        with ways[0]:
            files = st.file_uploader(
                "CVs: PDF, DOCX, ODT, RTF, HTML, Markdown, plain text or JSON Resume",
                accept_multiple_files=True,
                key=f"intake_files_{number}",
            )
            st.button(
                f"Take in {counted(len(files), 'file')}" if files else "Take in",
                key="intake_upload",
                type="primary",
                icon=":material/play_arrow:",
                disabled=not files,
                on_click=_wish,
            )
        with ways[1]:
            _folder(roots)
        if problem := st.session_state.get(_PROBLEM):
            st.error(escape(problem), icon=":material/error:")
    if st.session_state.pop("_intake_wished", False):
        _store(context, files or [], number)


def _folder(roots: list[Path]) -> None:
    if not roots:
        st.info(
            "No folder of the server may be read yet. An operator allows some by the setting "
            "INTELLICV\\_INTAKE\\_ROOTS.",
            icon=":material/folder_off:",
        )
        return
    st.selectbox("Below", [str(root) for root in roots], key="intake_root")
    st.text_input(
        "Folder in it", key="intake_folder", placeholder="Leave empty to take in all of it", autocomplete="off"
    )
    st.button(
        "Take in the folder",
        key="intake_folder_begin",
        type="primary",
        icon=":material/play_arrow:",
        on_click=_begin_folder,
    )


def _wish() -> None:
    st.session_state["_intake_wished"] = True


def _store(context: PageContext, files: list[Any], number: int) -> None:
    desk = IntakeDesk(context.backend)
    st.session_state.pop(_PROBLEM, None)
    bar = st.progress(0.0, text="Storing …")
    try:
        # Not by a file's name, which is a person's more often than not.
        title = f"{counted(len(files), 'file')} uploaded"
        intake_id = desk.open_upload(title, actor=context.actor, source=context.source)
        waiting = 0
        for at, file in enumerate(files):
            bar.progress(at / len(files), text=f"Storing {at + 1:,} of {len(files):,}")
            stored = desk.add_file(intake_id, file.name, file.getvalue(), actor=context.actor, source=context.source)
            waiting += stored.state == "waiting"
        if waiting:
            desk.begin(intake_id, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        st.query_params["intake"] = intake_id
    st.session_state[_NUMBER] = number + 1
    st.rerun()


def _begin_folder() -> None:
    context = page_context()
    st.session_state.pop(_PROBLEM, None)
    folder = str(st.session_state.get("intake_folder") or "").strip().strip("/")
    try:
        intake = IntakeDesk(context.backend).begin_folder(
            Path(str(st.session_state.get("intake_root"))) / folder,
            folder,
            actor=context.actor,
            source=context.source,
        )
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.query_params["intake"] = intake.id
