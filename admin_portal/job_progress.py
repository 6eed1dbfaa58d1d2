"""How a running job gets on: a bar that follows by itself, as progress is no event."""

from __future__ import annotations

from typing import Final

import streamlit as st

from admin_portal.job_words import progress_words
from shared_backend.jobs.job import Job
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.text_safety import inline
from shared_backend.utils.exception_handler import NotFound

_LOOK_S: Final = 2.0


def draw(job: Job) -> None:
    """The progress. While the job runs, it is read anew every two seconds, and only then."""

    @st.fragment(key=f"job-progress-{job.id}", run_every=_LOOK_S if job.state == "running" else None)
    def follow() -> None:
        context = page_context()
        try:
            _bar(context.backend.jobs.get(job.id, actor=context.actor))
        except NotFound:
            # It was forgotten meanwhile; the list says so when it is drawn again.
            st.empty()

    if job.state == "running":
        follow()
    else:
        _bar(job)


def _bar(job: Job) -> None:
    words = progress_words(job)
    if job.progress_words:
        words = f"{words}, {inline(job.progress_words)}" if words else inline(job.progress_words)
    if job.state == "done":
        # A full bar says no more than the badge beside it.
        if words:
            st.caption(words)
    elif job.share is not None:
        st.progress(job.share, text=words)
    elif words:
        st.caption(words)
    elif job.state == "running":
        st.caption("It runs, and has not told how far it is.")
