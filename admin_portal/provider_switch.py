"""Switching who serves a capability, and taking a switch back: first what will be different, then the button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from admin_portal import dialog_state
from admin_portal.cloud_words import capability_title, plural, provider_title
from admin_portal.journal_strip import waiting
from shared_backend.cloud.contract import Capability
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.cloud_operations import KEEPING
from shared_backend.services.provider_desk import ProviderDesk
from shared_backend.utils.exception_handler import IntelliCVError

_STATE: Final = "_provider_switch"
_NOBODY: Final = "none"


@dataclass
class _Open:
    """The dialog at hand."""

    act: Literal["switch", "roll_back"]
    capability: str
    problem: str = ""


def open_switch(act: Literal["switch", "roll_back"], capability: str) -> None:
    """The callback of a card's buttons."""
    st.session_state[_STATE] = _Open(act, capability)
    dialog_state.asked()
    for key in ("switch_primary", "switch_fallback", "switch_reason"):
        st.session_state.pop(key, None)


def draw_switch() -> None:
    """The dialog, while it is open. Call it on every run of the page."""
    opened = st.session_state.get(_STATE)
    if isinstance(opened, _Open):
        _switch() if opened.act == "switch" else _roll_back()


def _close() -> None:
    st.session_state.pop(_STATE, None)


def _opened() -> _Open:
    opened = st.session_state.get(_STATE)
    if not isinstance(opened, _Open):
        st.rerun()
    return opened


@st.dialog("Switch providers", icon=":material/swap_horiz:", on_dismiss=_close, width="medium")
def _switch() -> None:
    opened, context = _opened(), page_context()
    capability = Capability(opened.capability)
    desk = ProviderDesk(context.backend)
    route = desk.route(capability, actor=context.actor)
    names = list(desk.names())
    st.markdown(f"**{capability_title(opened.capability)}**")
    primary = st.selectbox(
        "Who serves",
        names,
        index=names.index(route.primary) if route.primary in names else 0,
        format_func=provider_title,
        key="switch_primary",
    )
    fallback = st.selectbox(
        "Who serves where that one can't",
        [_NOBODY, *names],
        index=names.index(route.fallback) + 1 if route.fallback in names else 0,
        format_func=lambda name: "Nobody" if name == _NOBODY else provider_title(name),
        key="switch_fallback",
    )
    st.text_input("Why", key="switch_reason", max_chars=300, placeholder="For those who come after you")
    _difference(desk, capability, primary, None if fallback == _NOBODY else fallback, context)
    if opened.problem:
        st.error(escape(opened.problem), icon=":material/error:")
    with st.container(horizontal=True):
        st.button(
            f"Switch {capability_title(opened.capability).lower()} to {escape(provider_title(primary))}",
            key="confirm_switch",
            type="primary",
            icon=":material/swap_horiz:",
            on_click=_do_switch,
            disabled=(primary, None if fallback in (_NOBODY, primary) else fallback) == (route.primary, route.fallback),
        )
        st.button("Leave it", key="cancel_switch", on_click=_close)


def _difference(
    desk: ProviderDesk, capability: Capability, primary: str, fallback: str | None, context: PageContext
) -> None:
    changes = desk.difference(capability, primary, fallback, actor=context.actor)
    with st.container(border=True, gap="xsmall", key="switch_difference"):
        if not changes:
            st.caption("That is how it is now.")
            return
        for change in changes:
            what = "Serves" if change.what == "primary" else "Serves where that one can't"
            before, after = escape(provider_title(change.before)), escape(provider_title(change.after))
            st.markdown(f"{what}: {before} :material/arrow_right_alt: **{after}**")
        st.caption("It counts for all processes at once. The new one is tried first; nothing changes when it fails.")
        left = waiting(desk.counts(actor=context.actor))
        if capability is Capability.BLOBS and left:
            st.caption(f"{plural(left, 'write')} of the journal stay where they are, and are still carried over.")
        if capability in KEEPING and any(change.what == "primary" for change in changes):
            st.caption("What the former one holds stays readable. Compare shows what may be carried over afterwards.")


def _do_switch() -> None:
    opened = st.session_state.get(_STATE)
    if not isinstance(opened, _Open):
        return
    fallback = str(st.session_state.get("switch_fallback") or _NOBODY)
    try:
        context = page_context()
        ProviderDesk(context.backend).switch(
            Capability(opened.capability),
            str(st.session_state["switch_primary"]),
            None if fallback == _NOBODY else fallback,
            reason=str(st.session_state.get("switch_reason") or ""),
            actor=context.actor,
            source=context.source,
        )
    except IntelliCVError as error:
        opened.problem = str(error)
        return
    primary = provider_title(str(st.session_state["switch_primary"]))
    _close()
    dialog_state.tell(f"{capability_title(opened.capability)}: {primary} serves from now on, in all processes.")


@st.dialog("Take the last switch back?", icon=":material/undo:", on_dismiss=_close)
def _roll_back() -> None:
    opened, context = _opened(), page_context()
    desk = ProviderDesk(context.backend)
    capability = Capability(opened.capability)
    st.markdown(f"**{capability_title(opened.capability)}**")
    try:
        before = desk.route_before(capability, actor=context.actor)
        if before is None:
            st.text("It will be as it is configured.")
        else:
            _difference(desk, capability, before.primary, before.fallback, context)
    except IntelliCVError as error:
        opened.problem = str(error)
    if opened.problem:
        st.error(escape(opened.problem), icon=":material/error:")
    with st.container(horizontal=True):
        st.button("Roll back", key="confirm_roll_back", type="primary", icon=":material/undo:", on_click=_do_roll_back)
        st.button("Leave it", key="cancel_roll_back", on_click=_close)


def _do_roll_back() -> None:
    opened = st.session_state.get(_STATE)
    if not isinstance(opened, _Open):
        return
    try:
        context = page_context()
        ProviderDesk(context.backend).roll_back(
            Capability(opened.capability), actor=context.actor, source=context.source
        )
    except IntelliCVError as error:
        opened.problem = str(error)
        return
    _close()
    dialog_state.tell(f"{capability_title(opened.capability)}: it is as it was before.")
