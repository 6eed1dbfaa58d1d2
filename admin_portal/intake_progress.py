"""One intake: how it gets on, and what an operator does about it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from admin_portal.intake_words import STATES, left_words
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.relative_time import time_caption
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services.intake import IntakeDesk, Progress
from shared_backend.services.intake_store import Intake
from shared_backend.utils.exception_handler import IntelliCVError

_LOOK_S: Final = 2.0


def draw(intake: Intake, context: PageContext) -> bool:
    """The progress; while it runs it is read anew every two seconds. Answers whether it runs."""
    progress = IntakeDesk(context.backend).progress(intake.id, actor=context.actor)
    running = progress.state in ("running", "waiting")

    @st.fragment(key=f"intake-progress-{intake.id}", run_every=_LOOK_S if running else None)
    def follow() -> None:
        now = page_context()
        found = IntakeDesk(now.backend).progress(intake.id, actor=now.actor)
        _bar(intake, found, now)

    follow()
    return running


def _bar(intake: Intake, progress: Progress, context: PageContext) -> None:
    with st.container(border=True, key="intake_progress", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"#### {inline(intake.title or 'Intake', longest=80)}", width="content")
            words, color = STATES[progress.state]
            st.badge(words, color=color)  # type: ignore[arg-type]
        time_caption("begun", intake.created_at)
        share = progress.done / progress.total if progress.total else 1.0
        rate = left_words(progress)
        st.progress(share, text=f"{progress.done:,} of {progress.total:,} files{f', {rate}' if rate else ''}")
        with st.container(horizontal=True):
            for state, title in (
                ("read", "Read"),
                ("failed", "Could not be read"),
                ("duplicate", "Duplicates"),
                ("waiting", "Wait"),
            ):
                st.metric(title, f"{progress.by_state.get(state, 0):,}", width="content")
        if progress.state == "waiting" and not context.backend.jobs.has_worker(actor=context.actor):
            st.warning(
                "No worker is running, so nothing is read. Start one: intellicv worker.", icon=":material/warning:"
            )
        for error in sorted(
            {job.error for job in progress.jobs if job.error and progress.state in ("failed", "waiting")}
        ):
            st.warning(escape(error), icon=":material/info:")
        _buttons(intake, progress, context)


def _buttons(intake: Intake, progress: Progress, context: PageContext) -> None:
    if not context.actor.may(Permission.OPERATE):
        return
    with st.container(horizontal=True):
        if progress.state in ("running", "waiting"):
            _button("Pause", "pause", ":material/pause:", intake, "intake_pause")
        if progress.state == "paused":
            _button("Go on", "resume", ":material/play_arrow:", intake, "intake_resume")
        if progress.state in ("running", "waiting", "paused"):
            with st.popover("Cancel", icon=":material/cancel:", key="intake_cancel_menu"):
                st.markdown("**End this intake?**")
                st.caption("What is read stays. What waits is not read until it is retried.")
                _button("Cancel this intake", "cancel", ":material/cancel:", intake, "intake_cancel")
        left = progress.by_state.get("failed", 0) + progress.by_state.get("waiting", 0)
        if progress.state in ("done", "cancelled", "failed") and left:
            _button(f"Try {left:,} again", "retry", ":material/replay:", intake, "intake_retry")


def _button(label: str, action: str, icon: str, intake: Intake, key: str) -> None:
    st.button(label, key=key, icon=icon, on_click=_act, args=(action, intake.id))


def _act(action: str, intake_id: str) -> None:
    context = page_context()
    try:
        getattr(IntakeDesk(context.backend), action)(intake_id, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.toast(escape(error), icon=":material/error:", duration="long")
