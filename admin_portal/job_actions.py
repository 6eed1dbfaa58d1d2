"""What an operator does to a job: pause, resume, cancel, retry."""

from __future__ import annotations

from typing import Final

import streamlit as st

from shared_backend.identity.roles import Permission
from shared_backend.jobs.job import Job
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.text_safety import escape
from shared_backend.utils.exception_handler import IntelliCVError

_DONE: Final = {
    "pause": ("It is paused. What it has done stays done.", "It pauses at its next step.", ":material/pause_circle:"),
    "resume": ("It goes on as soon as a worker is free.", "It goes on.", ":material/play_circle:"),
    "cancel": ("It is cancelled. Retry it to take that back.", "It ends at its next step.", ":material/cancel:"),
    "retry": ("It runs as soon as a worker is free, without what it has done already.", "", ":material/replay:"),
}


def draw(job: Job, context: PageContext) -> None:
    """The buttons that make sense for its state; none for whoever may not act."""
    if not context.actor.may(Permission.OPERATE):
        return
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        if job.state == "paused" or job.wish == "pause":
            _button("Resume", "resume", ":material/play_arrow:", job, f"resume_job_{job.id}")
        elif job.state in ("running", "waiting") and not job.wish:
            _button("Pause", "pause", ":material/pause:", job, f"pause_job_{job.id}")
        if job.state in ("failed", "cancelled"):
            _button("Retry", "retry", ":material/replay:", job, f"retry_job_{job.id}")
        elif job.state == "waiting" and job.attempts:
            _button("Try now", "retry", ":material/replay:", job, f"retry_job_{job.id}")
        if job.is_open and job.wish != "cancel":
            with st.popover("Cancel job", icon=":material/cancel:", key=f"cancel_menu_{job.id}"):
                st.markdown("**End this job?**")
                st.caption("What it has done stays done, and the rest is not done. Retrying it is the way back.")
                st.button(
                    "Cancel this job",
                    key=f"cancel_job_{job.id}",
                    icon=":material/cancel:",
                    on_click=_act,
                    args=("cancel", job.id),
                )


def _button(label: str, action: str, icon: str, job: Job, key: str) -> None:
    st.button(label, key=key, icon=icon, on_click=_act, args=(action, job.id))


def _act(action: str, job_id: str) -> None:
    context = page_context()
    act = getattr(context.backend.jobs, action)
    try:
        job = act(job_id, actor=context.actor, source=context.source)
    except IntelliCVError as error:
        st.toast(escape(str(error)), icon=":material/error:", duration="long")
        return
    now, later, icon = _DONE[action]
    st.toast(later if job.state == "running" and later else now, icon=icon)
