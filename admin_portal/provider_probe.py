"""Trying all providers beside the page: how far it is, then what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from admin_portal.cloud_words import plural, say
from shared_backend.portal_ui.context import page_context
from shared_backend.services.cloud_operations import Finding
from shared_backend.services.errand import Errand
from shared_backend.services.provider_desk import ProviderDesk
from shared_backend.utils.exception_handler import IntelliCVError

_ERRAND: Final = "_probe"
_FOUND: Final = "_probe_found"
_LOOK_S: Final = 0.5


def begin_probe() -> None:
    """The button's callback: returns at once."""
    try:
        context = page_context()
        st.session_state[_ERRAND] = ProviderDesk(context.backend).probe(actor=context.actor)
    except IntelliCVError as error:
        say(str(error), bad=True)


def is_probing() -> bool:
    """Whether a probe is under way in this tab."""
    return isinstance(st.session_state.get(_ERRAND), Errand)


def findings() -> Mapping[tuple[str, str], Finding]:
    """What the last probe of this tab has found."""
    found = st.session_state.get(_FOUND)
    return found if isinstance(found, dict) else {}


def draw_progress() -> None:
    """The bar while a probe is under way; the page is drawn anew when it is over."""
    if is_probing():
        _progress()


@st.fragment(key="probe-progress", run_every=_LOOK_S)
def _progress() -> None:
    errand = st.session_state.get(_ERRAND)
    if not isinstance(errand, Errand):
        return
    if errand.running:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="probe_progress"):
            st.progress(
                errand.share, text=f"Trying the providers: {errand.done:,} of {errand.total:,}", width="stretch"
            )
            st.button("Stop", key="stop_probe", on_click=errand.stop)
        return
    st.session_state.pop(_ERRAND, None)
    if errand.problem:
        say(errand.problem, bad=True)
    elif errand.result is not None:
        st.session_state[_FOUND] = dict(errand.result)
        bad = sum(each.problem is not None for each in errand.result.values())
        say(f"{plural(len(errand.result), 'check')} done, {bad:,} failed.")
    st.rerun()
