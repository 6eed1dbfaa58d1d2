"""Putting a version in use, and removing one: each asked about first, and done to what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from admin_portal import dialog_state
from shared_backend.data_management.ai_data_manager import DatasetVersion
from shared_backend.data_management.dataset import SOURCES
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.knowledge_desk import KnowledgeDesk
from shared_backend.utils.exception_handler import IntelliCVError

_ASKED: Final = "_dataset_asked"
_PROBLEM: Final = "_dataset_problem"


@dataclass(frozen=True)
class _Asked:
    """What the person wants of which version."""

    action: Literal["use", "remove"]
    version: DatasetVersion


def buttons(version: DatasetVersion) -> None:
    """What can be done to a version."""
    name = version.manifest.version
    if version.in_use:
        return
    with st.container(horizontal=True):
        st.button(
            "Put in use",
            key=f"use_version_{name}",
            icon=":material/swap_horiz:",
            on_click=_ask,
            args=(_Asked("use", version),),
        )
        if not version.shipped:
            st.button(
                "Remove",
                key=f"remove_version_{name}",
                icon=":material/delete:",
                type="tertiary",
                on_click=_ask,
                args=(_Asked("remove", version),),
            )


def draw_dialogs() -> None:
    """The dialog that is open, if any. Call it on every run of the page."""
    asked = st.session_state.get(_ASKED)
    if isinstance(asked, _Asked):
        if asked.action == "use":
            _use_dialog()
        else:
            _remove_dialog()


def _ask(asked: _Asked) -> None:
    st.session_state[_ASKED] = asked
    st.session_state.pop(_PROBLEM, None)
    dialog_state.asked()


def _close() -> None:
    st.session_state.pop(_ASKED, None)
    st.session_state.pop(_PROBLEM, None)


@st.dialog("Put this version in use?", icon=":material/swap_horiz:", on_dismiss=_close)
def _use_dialog() -> None:
    asked = _head()
    st.markdown(
        "Every answer of both portals, the gateway and the workers comes from it with the next question. The version "
        "that is in use now stays, for switching back."
    )
    _foot(asked, "Put it in use", ":material/swap_horiz:", "confirm_use_version")


@st.dialog("Remove this version?", icon=":material/delete:", on_dismiss=_close)
def _remove_dialog() -> None:
    asked = _head()
    st.markdown("It is removed for good. The release's files can be imported again.")
    _foot(asked, f"Remove {asked.version.manifest.version}", ":material/delete:", "confirm_remove_version")


def _head() -> _Asked:
    asked = st.session_state.get(_ASKED)
    if not isinstance(asked, _Asked):
        st.rerun()
    manifest = asked.version.manifest
    st.markdown(f"**{escape(SOURCES[manifest.source].title)}**  \n{escape(manifest.vintage)}, `{manifest.version}`")
    return asked


def _foot(asked: _Asked, label: str, icon: str, key: str) -> None:
    if problem := st.session_state.get(_PROBLEM):
        st.error(escape(problem), icon=":material/error:")
    with st.container(horizontal=True):
        st.button(label, key=key, type="primary", icon=icon, on_click=_act)
        st.button("Leave it", key="cancel_version", on_click=_close)


def _act() -> None:
    asked = st.session_state.get(_ASKED)
    if not isinstance(asked, _Asked):
        return
    context = page_context()
    desk, name = KnowledgeDesk(context.backend), asked.version.manifest.version
    act = desk.use if asked.action == "use" else desk.remove
    try:
        act(name, actor=context.actor, source_portal=context.source)
    except IntelliCVError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    _close()
    dialog_state.tell(f"{name} is {'in use' if asked.action == 'use' else 'removed'}.")
