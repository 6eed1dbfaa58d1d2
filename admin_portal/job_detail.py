"""One job: how it gets on, what it was asked, what it answered, and each step that is done."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from admin_portal import job_actions, job_progress
from admin_portal.job_words import badge, span_words
from shared_backend.jobs.job import Job
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.relative_time import exact, relative, viewer_zone
from shared_backend.portal_ui.tables import pager
from shared_backend.portal_ui.text_safety import escape, inline

_STEPS: Final = 100


def draw(job_id: str, context: PageContext) -> None:
    """The whole job."""
    jobs = context.backend.jobs
    job = jobs.get(job_id, actor=context.actor)
    with st.container(border=True, key="job_head", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"#### {inline(jobs.register.title(job.kind))}", width="content")
            badge(job)
        job_progress.draw(job)
        if job.error:
            _error(job)
        job_actions.draw(job, context)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Facts", anchor=False)
        _facts(job)
    with right:
        st.subheader("Asked and answered", anchor=False)
        _json("Asked for with", job.payload)
        _json("Answered", job.result)
    st.subheader("Steps", anchor=False)
    _steps(job, context)


def _error(job: Job) -> None:
    if job.state == "failed":
        st.error(escape(job.error), icon=":material/error:")
    elif job.state == "waiting":
        when = f" Next try: {exact(job.due_at)}." if job.due_at > job.created_at else ""
        st.warning(f"{escape(job.error)}{when}", icon=":material/update:")
    else:
        st.info(escape(job.error), icon=":material/info:")


def _facts(job: Job) -> None:
    asked = "The product itself" if job.actor_role == "system" else inline(job.actor_name or job.actor_id)
    rows = [
        ("Asked for by", f"{asked}, {relative(job.created_at)} ({exact(job.created_at)})"),
        ("First begun", f"{relative(job.started_at)} ({exact(job.started_at)})" if job.started_at else "not yet"),
        ("Ended", f"{relative(job.ended_at)} ({exact(job.ended_at)})" if job.ended_at else "not yet"),
        ("Ran for", span_words(job.ran_s) if job.ran_s else "–"),
        ("Tries that failed", f"{job.attempts:,}"),
        ("Workers that died at it", f"{job.crashes:,}"),
    ]
    st.table({name: value for name, value in rows}, border="horizontal")
    st.caption("Job, and the id that its lines in the worker's log carry")
    st.code(job.id, language=None)
    st.code(job.correlation_id, language=None)


def _json(title: str, value: Any) -> None:
    st.caption(title)
    if value:
        st.json(value, expanded=2)
    else:
        st.text("nothing")


def _steps(job: Job, context: PageContext) -> None:
    total = context.backend.jobs.steps(job.id, actor=context.actor, limit=0)[1]
    if not total:
        st.caption("It has noted no step. Work that keeps its own record, such as the clouds' journal, notes none.")
        return
    table = st.container()
    window = pager(total, key="step_page", size=_STEPS)
    steps, _total = context.backend.jobs.steps(job.id, actor=context.actor, limit=window.size, offset=window.offset)
    rows = [{"Step": each.number, "Name": each.name, "Took (s)": each.took_s, "Done": each.at} for each in steps]
    with table:
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            key="job_steps",
            alt="Steps that are done, in their order",
            height=min(len(rows), 20) * 35 + 40,
            column_config={
                "Step": st.column_config.NumberColumn(format="localized", width="small"),
                "Took (s)": st.column_config.NumberColumn(format="%.3f", width="small"),
                "Done": st.column_config.DatetimeColumn(format="distance", timezone=str(viewer_zone())),
            },
        )
    st.caption("A step that is done is not done again, after an error, a pause or a crash.")
