"""Importing a release: its published files from this desk, or a folder on the server; a worker reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import streamlit as st

from admin_portal import dialog_state
from admin_portal.cloud_words import plural
from shared_backend.data_management.dataset import SOURCES
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.knowledge_desk import KnowledgeDesk
from shared_backend.utils.exception_handler import IntelliCVError

_STATE: Final = "_dataset_import"
_WAYS: Final = {"files": "Files", "folder": "A folder of this computer", "server": "A folder on the server"}


@dataclass
class _Import:
    """The dialog while it is open. `number` grows with each try, and the pickers with it are new ones."""

    number: int = 1
    begin: bool = False
    problem: str = ""


def open_import() -> None:
    """The button's callback."""
    st.session_state[_STATE] = _Import()


def draw_import() -> None:
    """The dialog, while it is open. Call it on every run of the page."""
    if isinstance(st.session_state.get(_STATE), _Import):
        _dialog()


def _close() -> None:
    st.session_state.pop(_STATE, None)


@st.dialog("Import a release", icon=":material/upload_file:", on_dismiss=_close, width="medium")
def _dialog() -> None:
    asked = st.session_state.get(_STATE)
    if not isinstance(asked, _Import):
        st.rerun()
    context = page_context()
    if asked.begin:
        _begin_upload(asked, context)
    named = st.query_params.get("source", "")
    sources = list(SOURCES)
    if "import_source" not in st.session_state and named in sources:
        st.session_state["import_source"] = named
    st.selectbox(
        "Of which source", sources, key="import_source", format_func=lambda each: SOURCES[each].title, filter_mode=None
    )
    way = st.segmented_control(
        "From where",
        tuple(_WAYS),
        key="import_way",
        format_func=_WAYS.__getitem__,
        default="files",
        required=True,
        wrap=True,
    )
    ready = _server(context) if way == "server" else _picker("directory" if way == "folder" else True, asked.number)
    st.toggle("Put it in use as soon as it is stored", True, key="import_use")
    st.caption(
        "A worker reads and checks every file first. A release with anything wrong in it changes nothing, and the page "
        "says what is wrong."
    )
    if asked.problem:
        st.error(escape(asked.problem), icon=":material/error:")
    with st.container(horizontal=True):
        st.button(
            "Import",
            key="begin_import",
            type="primary",
            icon=":material/play_arrow:",
            disabled=not ready,
            on_click=_begin_server if way == "server" else _wish,
        )
        st.button("Cancel", key="cancel_import", on_click=_close)


def _picker(accept: Literal["directory", True], number: int) -> bool:
    limit = int(st.get_option("server.maxUploadSize"))
    words = (
        "The folder of the release" if accept == "directory" else "The files of the release, as published, or a .zip"
    )
    key = f"import_folder_{number}" if accept == "directory" else f"import_files_{number}"
    files = st.file_uploader(f"{words}; each up to {limit:,} MB", accept_multiple_files=accept, key=key)
    return bool(files)


def _server(context: PageContext) -> bool:
    roots = KnowledgeDesk(context.backend).roots(actor=context.actor)
    if not roots:
        st.info(
            "No folder of the server may be read yet. An operator allows some by the setting "
            "INTELLICV\\_RELEASE\\_ROOTS.",
            icon=":material/folder_off:",
        )
        return False
    st.selectbox("Below", [str(root) for root in roots], key="import_root")
    st.text_input("Folder in it", key="import_path", placeholder="Leave empty for all of it", autocomplete="off")
    return True


def _wish() -> None:
    asked = st.session_state.get(_STATE)
    if isinstance(asked, _Import):
        asked.begin = True


def _begin_upload(asked: _Import, context: PageContext) -> None:
    asked.begin = False
    keys = (f"import_files_{asked.number}", f"import_folder_{asked.number}")
    way = st.session_state.get("import_way") or "files"
    files: list[Any] = st.session_state.get(keys[way == "folder"]) or []
    bar = st.progress(0.0, text="Storing …")

    def stored(done: int, total: int) -> None:
        bar.progress(done / max(total, 1), text=f"Storing {done + 1:,} of {plural(total, 'file')}")

    try:
        KnowledgeDesk(context.backend).import_upload(
            str(st.session_state.get("import_source")),
            [(file.name, file.getvalue()) for file in files],
            use=bool(st.session_state.get("import_use")),
            actor=context.actor,
            source_portal=context.source,
            stored=stored,
        )
    except IntelliCVError as error:
        asked.problem = str(error)
        bar.empty()
        return
    _done()
    st.rerun()


def _begin_server() -> None:
    asked = st.session_state.get(_STATE)
    if not isinstance(asked, _Import):
        return
    context = page_context()
    folder = str(st.session_state.get("import_path") or "").strip().strip("/")
    try:
        KnowledgeDesk(context.backend).import_folder(
            str(st.session_state.get("import_source")),
            Path(str(st.session_state.get("import_root"))) / folder,
            use=bool(st.session_state.get("import_use")),
            actor=context.actor,
            source_portal=context.source,
        )
    except IntelliCVError as error:
        asked.problem = str(error)
        return
    _done()


def _done() -> None:
    _close()
    dialog_state.tell("The import has begun. Its progress stands on the page.")
