"""What earlier providers hold and the present one lacks, found beside the page; carrying it over is a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from admin_portal import dialog_state
from admin_portal.cloud_words import capability_title, provider_title, say
from shared_backend.cloud.contract import Capability
from shared_backend.cloud.difference import Difference
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.lockstep_words import size_words
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services.errand import Errand
from shared_backend.services.provider_desk import ProviderDesk
from shared_backend.utils.exception_handler import IntelliCVError

_STATE: Final = "_comparison"
_LOOK_S: Final = 0.5


@dataclass
class _Open:
    """The dialog at hand, with what runs in it. `asked`: carrying over was asked for."""

    capability: str
    looking: Errand[Sequence[Difference]]
    asked: bool = False


def open_comparison(capability: str) -> None:
    """The card's callback: begins to compare."""
    try:
        context = page_context()
        looking = ProviderDesk(context.backend).compare(Capability(capability), actor=context.actor)
    except IntelliCVError as error:
        say(str(error), bad=True)
        return
    st.session_state[_STATE] = _Open(capability, looking)
    dialog_state.asked()


def draw_comparison() -> None:
    """The dialog, while it is open. Call it on every run of the page."""
    if isinstance(st.session_state.get(_STATE), _Open):
        _dialog()


def _close() -> None:
    st.session_state.pop(_STATE, None)


@st.dialog("What is elsewhere", icon=":material/difference:", on_dismiss=_close, width="medium")
def _dialog() -> None:
    opened = st.session_state.get(_STATE)
    if not isinstance(opened, _Open):
        st.rerun()
    st.markdown(f"**{capability_title(opened.capability)}**")
    _body()
    st.button("Close", key="close_comparison", on_click=_close)


@st.fragment(key="comparison-body", run_every=_LOOK_S)
def _body() -> None:
    opened = st.session_state.get(_STATE)
    if not isinstance(opened, _Open):
        return
    looking = opened.looking
    if looking.running:
        st.markdown(":material/progress_activity: Listing both sides …")
        return
    if looking.problem:
        st.error(escape(looking.problem), icon=":material/error:")
        return
    found = looking.result or ()
    for difference in found:
        _line(difference)
    if not found:
        st.markdown(":material/check_circle: Nobody else has served: there is nothing elsewhere.")
    if opened.asked:
        st.success("A worker carries it over. It may take a while; nothing stands still meanwhile.")
        st.page_link("app_pages/jobs.py", label="Jobs", icon=":material/arrow_forward:")
    elif any(each.objects for each in found):
        st.button("Carry it over", key="carry_over", type="primary", icon=":material/move_up:", on_click=_carry)


def _line(found: Difference) -> None:
    source, target = escape(provider_title(found.source)), escape(provider_title(found.target))
    with st.container(border=True, gap="xsmall"):
        if found.problem:
            st.markdown(f":material/error: {source} can't be looked at. {escape(found.problem)}")
            return
        if not found.objects:
            st.markdown(f":material/check_circle: **{target} has all that {source} holds.**")
        else:
            size = f", {size_words(found.size)}" if found.size else ""
            st.markdown(f":material/move_up: **{source} holds {found.objects:,}{size} that {target} lacks.**")
            st.caption(", ".join(inline(path, longest=60) for path in found.examples))
        for count, words in (
            (found.kept_beside, f"meet another's on {target} and will be kept beside it"),
            (found.differing, "differ on both sides since before us and stay as they are"),
            (found.same, "are the same on both"),
        ):
            if count:
                st.caption(f"{count:,} {words}.")


def _carry() -> None:
    opened = st.session_state.get(_STATE)
    if not isinstance(opened, _Open):
        return
    try:
        context = page_context()
        ProviderDesk(context.backend).carry_over(
            Capability(opened.capability), actor=context.actor, source=context.source
        )
        opened.asked = True
    except IntelliCVError as error:
        dialog_state.tell(str(error), bad=True)
