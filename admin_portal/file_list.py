"""The files of a folder: where one is, what lies there, page by page. The folder and the place are in the address."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from admin_portal import dialog_state, file_actions
from admin_portal.cloud_words import file_name, provider_title, row_key, short_digest, where_badge
from admin_portal.journal_strip import journal_strip
from shared_backend.cloud.errors import CloudInvalid
from shared_backend.cloud.names import check_path
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.lockstep_words import size_words
from shared_backend.portal_ui.relative_time import exact, relative
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.take_file import take_button
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services.cloud_desk import MOST_DOWNLOAD_BYTES, CloudDesk, Shelf, StoredFile

# Where the pages before this one began; the address has only where this one begins.
_BEFORE: Final = "_file_pages"


def current_folder() -> str:
    """The folder of the address: empty, or a path that ends with a slash. What is no path is the top."""
    folder = st.query_params.get("folder", "").strip("/")
    try:
        return f"{check_path(folder)}/" if folder else ""
    except CloudInvalid:
        return ""


def draw_search() -> None:
    """Narrows the folder to what begins with a text."""
    st.text_input(
        "Name begins with",
        key="file_starts",
        type="search",
        placeholder="The first letters, as they are written",
        bind="query-params",
        on_change=first_files,
        max_chars=200,
        width=320,
    )


def draw_list(context: PageContext) -> None:
    """What waits, the way to this folder, and one page of it."""
    dialog_state.draw_page_if_asked()
    desk = CloudDesk(context.backend)
    primary = desk.primary()
    journal_strip(desk.waiting(actor=context.actor), primary)
    folder, starts = current_folder(), str(st.session_state.get("file_starts") or "")
    _crumbs(folder)
    shelf = desk.browse(folder, starts=starts, after=st.query_params.get("after"), actor=context.actor)
    # What is there at times only stands in the container: draws that follow each other quickly are merged on their way
    # to the browser, and it fails over a place that was an element and is a container now.
    with st.container(gap="xsmall", key="file_rows"):
        if shelf.notice:
            st.warning(
                f"{provider_title(primary)} can't be reached. Listed is what we know of it, and what waits for it.",
                icon=":material/cloud_off:",
            )
        for name in shelf.folders:
            _folder_row(folder, name)
        for file in shelf.files:
            _file_row(file, primary, desk, context)
        if not shelf.folders and not shelf.files:
            _nothing(folder, starts, shelf)
    with st.container():
        _pages(shelf)


def first_files() -> None:
    """Back to the first page."""
    st.query_params.pop("after", None)
    st.session_state.pop(_BEFORE, None)


def _open(folder: str) -> None:
    first_files()
    st.session_state["file_starts"] = ""
    if folder:
        st.query_params["folder"] = folder
    else:
        st.query_params.pop("folder", None)


def _crumbs(folder: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key="file_crumbs"):
        st.button("All files", key="crumb_0", type="tertiary", icon=":material/home:", on_click=_open, args=("",))
        parts = folder.split("/")[:-1]
        for number, part in enumerate(parts, start=1):
            st.caption("/", width="content")
            above = "/".join(parts[:number]) + "/"
            label = file_name(part, longest=40)
            st.button(label, key=f"crumb_{number}", type="tertiary", on_click=_open, args=(above,))


def _folder_row(folder: str, name: str) -> None:
    path = f"{folder}{name}/"
    with st.container(border=True, key=f"folder_{row_key(path)}"):
        st.button(
            file_name(name, longest=90),
            key=f"open_folder_{row_key(path)}",
            type="tertiary",
            icon=":material/folder:",
            on_click=_open,
            args=(path,),
        )


def _file_row(file: StoredFile, primary: str, desk: CloudDesk, context: PageContext) -> None:
    mark = row_key(file.path)
    with st.container(border=True, key=f"file_{mark}"):
        left, middle, right = st.columns([6, 3, 4], vertical_alignment="center", gap="xsmall")
        with left.container(gap="xxsmall"):
            st.markdown(f":material/draft: {file_name(file.name, longest=90)}")
            facts = (
                size_words(file.size),
                inline(file.content_type, longest=40) if file.content_type else "",
                relative(file.modified_at),
                short_digest(file.sha256),
            )
            digest = f", SHA-256 {escape(file.sha256)}" if file.sha256 else ""
            st.caption(" · ".join(fact for fact in facts if fact), help=f"{exact(file.modified_at)}{digest}")
        with middle:
            where_badge(file.provider, primary if file.waits else None)
        with right.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            if file.size <= MOST_DOWNLOAD_BYTES:
                take_button(
                    "Download",
                    partial(_read, file.path),
                    file_name=file.name,
                    # Whatever it says it is, a browser is to keep it, not to show it.
                    mime="application/octet-stream",
                    key=f"download_file_{mark}",
                    about=file.etag,
                    type="tertiary",
                )
            if context.actor.may(Permission.OPERATE):
                st.button(
                    "Delete",
                    key=f"delete_file_{mark}",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=file_actions.ask_to_delete,
                    args=(file,),
                )


def _read(path: str) -> bytes:
    context = page_context()
    return CloudDesk(context.backend).read(path, actor=context.actor)


def _nothing(folder: str, starts: str, shelf: Shelf) -> None:
    if starts:
        empty("Nothing begins with that", "Capital and small letters differ. Try fewer.", icon=":material/search_off:")
    elif shelf.notice:
        empty("Nothing is known", "What the provider holds is listed again when it is back.")
    elif folder or "after" in st.query_params:
        empty(
            "This folder is empty", "A folder is there as long as something lies in it.", icon=":material/folder_off:"
        )
    else:
        empty("No files yet", "Upload the first one with the button above.", icon=":material/cloud_upload:")


def _pages(shelf: Shelf) -> None:
    here = st.query_params.get("after")
    if here is None and shelf.after is None:
        return
    with st.container(horizontal=True, horizontal_alignment="right", key="file_pages"):
        st.button("First page", key="first_files", on_click=first_files, disabled=here is None)
        st.button(
            "Previous",
            key="previous_files",
            icon=":material/chevron_left:",
            on_click=_previous,
            disabled=not st.session_state.get(_BEFORE),
        )
        st.button(
            "Next",
            key="next_files",
            icon=":material/chevron_right:",
            icon_position="right",
            on_click=_next,
            args=(shelf.after or "",),
            disabled=shelf.after is None,
        )


def _next(after: str) -> None:
    st.session_state[_BEFORE] = [*st.session_state.get(_BEFORE, ()), st.query_params.get("after")]
    st.query_params["after"] = after


def _previous() -> None:
    *before, last = st.session_state[_BEFORE]
    st.session_state[_BEFORE] = before
    if last is None:
        st.query_params.pop("after", None)
    else:
        st.query_params["after"] = last
