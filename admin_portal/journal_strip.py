"""What waits for its primary, on one line that follows by itself; nothing while nothing waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from admin_portal.cloud_words import plural, provider_name
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.states import draw_error
from shared_backend.services.provider_desk import CONFLICTS, WAITING, ProviderDesk
from shared_backend.utils.exception_handler import IntelliCVError

_LOOK_S: Final = 2.0
_LOOK_SLACK_S: Final = 20.0


def waiting(counts: Mapping[str, int]) -> int:
    """Entries that have yet to reach their primary."""
    return sum(counts.get(state, 0) for state in WAITING)


def journal_strip(counts: Mapping[str, int], primary: str, *, link: bool = True) -> None:
    """Draws the line for these counts, and looks again each 2 s while something waits, else each 20 s. When they have
    changed, the page is drawn anew: what it lists has changed with them. The reconciling itself tells no page."""

    @st.fragment(key="journal-strip", run_every=_LOOK_S if waiting(counts) else _LOOK_SLACK_S)
    def strip() -> None:
        try:
            context = page_context()
            now = ProviderDesk(context.backend).counts(actor=context.actor)
        except IntelliCVError as error:
            draw_error(error)
            return
        if dict(now) != dict(counts):
            st.rerun()
        _draw(now, primary, link)

    strip()


def _draw(counts: Mapping[str, int], primary: str, link: bool) -> None:
    left, conflicts = waiting(counts), sum(counts.get(state, 0) for state in CONFLICTS)
    if not left and not conflicts:
        return
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="pending_strip",
    ):
        with st.container(gap="xxsmall", width="content"):
            if left:
                wait = "waits" if left == 1 else "wait"
                st.markdown(f":material/cloud_upload: **{plural(left, 'write')} {wait} for {provider_name(primary)}.**")
                st.caption(
                    "Nothing is lost: they are stored elsewhere, can be read, and are carried over by themselves."
                )
            if conflicts:
                st.markdown(
                    f":material/call_split: **{plural(conflicts, 'conflict')}**: somebody else had written the same "
                    "path meanwhile; both are kept."
                )
        if link:
            st.page_link("app_pages/providers.py", label="Journal", icon=":material/arrow_forward:")
