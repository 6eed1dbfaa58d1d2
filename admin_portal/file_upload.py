"""Uploading files: several at once, one after the other, each with what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import streamlit as st

from admin_portal.cloud_words import at_provider, file_name, plural, row_key, short_digest
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.lockstep_words import size_words
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.cloud_desk import CloudDesk, StoredFile
from shared_backend.utils.exception_handler import IntelliCVError

_STATE: Final = "_file_upload"


@dataclass
class _Question:
    """A file whose name is taken: its bytes wait for what the person says."""

    name: str
    content: bytes
    content_type: str
    present: StoredFile | None


@dataclass
class _Upload:
    """The dialog while it is open. `number` grows with each round, and the file picker with it is a new, empty one."""

    folder: str
    number: int = 1
    begin: bool = False
    stored: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    questions: list[_Question] = field(default_factory=list)


def open_upload(folder: str) -> None:
    """The button's callback."""
    st.session_state[_STATE] = _Upload(folder)


def draw_upload() -> None:
    """The dialog, while it is open. Call it on every run of the page."""
    if isinstance(st.session_state.get(_STATE), _Upload):
        _dialog()


def _close() -> None:
    st.session_state.pop(_STATE, None)


@st.dialog("Upload files", icon=":material/upload:", on_dismiss=_close, width="medium")
def _dialog() -> None:
    upload = st.session_state.get(_STATE)
    if not isinstance(upload, _Upload):
        st.rerun()
    if upload.begin:
        _store_all(upload)
    where = file_name(upload.folder.rstrip("/"), longest=200) if upload.folder else "all files, at the top"
    st.markdown(f":material/folder: Into {where}")
    st.text_input(
        "New folder in it",
        key="upload_folder",
        placeholder="Leave empty to store them here",
        max_chars=200,
        autocomplete="off",
    )
    limit = int(st.get_option("server.maxUploadSize"))
    files = st.file_uploader(
        f"Files, up to {limit:,} MB each", accept_multiple_files=True, key=f"upload_files_{upload.number}"
    )
    for name in upload.stored:
        st.success(name, icon=":material/check_circle:")
    for problem in upload.refused:
        st.error(problem, icon=":material/error:")
    for question in upload.questions:
        _ask(question)
    with st.container(horizontal=True):
        st.button(
            f"Upload {plural(len(files), 'file')}" if files else "Upload",
            key="start_upload",
            type="primary",
            icon=":material/upload:",
            on_click=_begin,
            disabled=not files,
        )
        st.button("Done", key="close_upload", on_click=_close)


def _begin() -> None:
    upload = st.session_state.get(_STATE)
    if isinstance(upload, _Upload):
        upload.begin = True


def _store_all(upload: _Upload) -> None:
    files: list[Any] = st.session_state.get(f"upload_files_{upload.number}") or []
    upload.begin, upload.number = False, upload.number + 1
    upload.stored, upload.refused, upload.questions = [], [], []
    added = str(st.session_state.get("upload_folder") or "").strip().strip("/")
    if added:
        upload.folder = f"{upload.folder}{added}/"
        st.session_state["upload_folder"] = ""
    bar = st.progress(0.0, text="Uploading …")
    for number, file in enumerate(files):
        bar.progress(number / len(files), text=f"{number + 1} of {len(files)}: {file_name(file.name, longest=60)}")
        _store(upload, file.name, file.getvalue(), str(file.type or ""))
    bar.empty()


def _store(
    upload: _Upload,
    name: str,
    content: bytes,
    content_type: str,
    way: Literal["new", "replace", "both"] = "new",
    etag: str = "",
) -> None:
    try:
        context = page_context()
        stored = CloudDesk(context.backend).upload(
            upload.folder,
            name,
            content,
            content_type=content_type,
            way=way,
            etag=etag,
            actor=context.actor,
            source=context.source,
        )
    except IntelliCVError as error:
        upload.refused.append(f"**{file_name(name)}** was not stored. {escape(error)}")
        return
    if stored.status == "exists":
        upload.questions.append(_Question(name, content, content_type, stored.present))
        return
    place = at_provider(stored.provider)
    kept = f"kept {place} until its provider is back" if stored.waits else f"stored {place}"
    shown = file_name(stored.path.rpartition("/")[2])
    upload.stored.append(f"**{shown}** is {kept}. {size_words(len(content))}, {short_digest(stored.sha256)}")


def _ask(question: _Question) -> None:
    mark = row_key(question.name)
    with st.container(border=True, key=f"taken_{mark}", gap="xsmall"):
        there = question.present
        about = f": {size_words(there.size)}, changed {relative(there.modified_at)}" if there else ""
        st.markdown(f":material/help: **{file_name(question.name)}** is there already{about}.")
        with st.container(horizontal=True):
            st.button(
                "Replace it",
                key=f"replace_file_{mark}",
                on_click=_answer,
                args=(question, "replace"),
                disabled=there is None,
            )
            st.button("Keep both", key=f"keep_both_{mark}", on_click=_answer, args=(question, "both"))
            st.button("Skip", key=f"skip_file_{mark}", type="tertiary", on_click=_answer, args=(question, None))


def _answer(question: _Question, way: Literal["replace", "both"] | None) -> None:
    upload = st.session_state.get(_STATE)
    if not isinstance(upload, _Upload) or question not in upload.questions:
        return
    upload.questions.remove(question)
    if way is not None:
        etag = question.present.etag if question.present and way == "replace" else ""
        _store(upload, question.name, question.content, question.content_type, way, etag)
