"""The list of jobs: those that run, those that wait, the newest that ended."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from admin_portal import job_actions, job_progress
from admin_portal.job_words import TITLES, badge, span_words
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.jobs.job import Job
from shared_backend.jobs.reads import JobFilter
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.csv_export import csv_bytes, export_button
from shared_backend.portal_ui.relative_time import exact, relative
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.tables import first_page, pager
from shared_backend.portal_ui.text_safety import inline
from shared_backend.services.jobs import Jobs

_VIEWS: Final = {
    "all": ("All", ()),
    "open": ("Under way", ("running", "waiting", "paused")),
    "failed": ("Failed", ("failed",)),
    "ended": ("Ended", ("done", "failed", "cancelled")),
}
_EXPORT_LIMIT: Final = 2_000


def filters(context: PageContext) -> None:
    """State and kind, kept in the address."""
    jobs = context.backend.jobs
    with st.container(horizontal=True, vertical_alignment="bottom", key="job_filters"):
        st.segmented_control(
            "State",
            tuple(_VIEWS),
            format_func=lambda view: _VIEWS[view][0],
            default="all",
            required=True,
            key="job_state",
            wrap=True,
            bind="query-params",
            on_change=first_page,
        )
        st.multiselect(
            "Kind",
            jobs.kinds(actor=context.actor),
            format_func=jobs.register.title,
            key="job_kind",
            placeholder="All kinds",
            bind="query-params",
            on_change=first_page,
            width=320,
        )


def draw(context: PageContext) -> None:
    """What needs attention, the figures, and one page of jobs."""
    jobs, actor = context.backend.jobs, context.actor
    wanted = _wanted()
    counted = jobs.find(wanted, actor=actor, limit=0)
    _attention(jobs, actor, counted.by_state)
    _figures(counted.by_state)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{counted.total:,}** {'job' if counted.total == 1 else 'jobs'}", width="content")
        if actor.may(Permission.EXPORT):
            export_button(
                "jobs.csv",
                partial(_export, wanted),
                key="export_jobs",
                about=wanted,
                help=f"The first {_EXPORT_LIMIT:,} jobs of this filter.",
                disabled=not counted.total,
            )
    rows = st.container(gap="small", key="job_list")
    window = pager(counted.total)
    page = jobs.find(wanted, actor=actor, limit=window.size, offset=window.offset)
    with rows:
        if not page.items:
            _nothing(wanted)
        for job in page.items:
            _card(job, context)


def _wanted() -> JobFilter:
    view = st.session_state.get("job_state") or "all"
    return JobFilter(_VIEWS[view][1], tuple(st.session_state.get("job_kind") or ()))


def _attention(jobs: Jobs, actor: Actor, by_state: dict[str, int]) -> None:
    if by_state["waiting"] + by_state["running"] and not jobs.has_worker(actor=actor):
        st.warning(
            "No worker process has reported for a while, so nothing is being run. Start one with `intellicv worker`, "
            "or look at what it wrote last.",
            icon=":material/warning:",
        )


def _figures(by_state: dict[str, int]) -> None:
    shown = (
        ("Running", by_state["running"], "now", "Jobs that a worker is at."),
        ("Waiting", by_state["waiting"], f"and {by_state['paused']:,} paused", "Jobs that are due, or due later."),
        ("Failed", by_state["failed"], "of those kept", "Jobs that ended with an error and are not tried again."),
        ("Done", by_state["done"], "of those kept", "Jobs that ended well. Old ones are forgotten."),
    )
    with st.grid(4, min_column_width=150, key="job_figures"):
        for label, count, period, words in shown:
            st.metric(
                label,
                f"{count:,} {'job' if count == 1 else 'jobs'}",
                delta=period,
                delta_arrow="off",
                delta_color="inverse" if label == "Failed" and count else "off",
                help=words,
                border=True,
                height="stretch",
            )


def _card(job: Job, context: PageContext) -> None:
    with st.container(border=True, key=f"job_{job.id}", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{inline(context.backend.jobs.register.title(job.kind))}**", width="content")
            badge(job)
        if job.state in ("running", "paused", "waiting"):
            job_progress.draw(job)
        if job.error and job.state != "running":
            st.text(job.error)
        st.caption(_line(job), help=_times(job))
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.page_link(
                "app_pages/job.py", label="Details", icon=":material/chevron_right:", query_params={"id": job.id}
            )
            job_actions.draw(job, context)


def _line(job: Job) -> str:
    who = "Asked for by itself" if job.actor_role == "system" else f"Asked for by {inline(job.actor_name)}"
    parts = [f"{who} {relative(job.created_at)}"]
    if job.ended_at is not None:
        parts.append(f"{TITLES[job.state].lower()} {relative(job.ended_at)}")
    if job.ran_s and job.state != "running":
        parts.append(f"ran for {span_words(job.ran_s)}")
    return ", ".join(parts)


def _times(job: Job) -> str:
    told = (("Asked for", job.created_at), ("Begun", job.started_at), ("Ended", job.ended_at))
    return "  \n".join(f"{name}: {exact(at)}" for name, at in told if at is not None)


def _nothing(wanted: JobFilter) -> None:
    if wanted == JobFilter():
        empty(
            "No job yet",
            "Work that takes a while appears here by itself, such as carrying files to a cloud that was away.",
            icon=":material/work_history:",
        )
    else:
        empty("No job matches", "Choose another state, or all kinds.", icon=":material/search_off:")


def _export(wanted: JobFilter) -> bytes:
    context = page_context()
    context.actor.require(Permission.EXPORT, "export background jobs")
    page = context.backend.jobs.find(wanted, actor=context.actor, limit=_EXPORT_LIMIT)
    header = ("Kind", "State", "Asked for", "By", "Begun", "Ended", "Ran for (s)", "Done", "Of", "Unit", "Error", "Id")
    return csv_bytes(
        header,
        [
            (
                job.kind,
                job.state,
                job.created_at,
                job.actor_name,
                job.started_at,
                job.ended_at,
                round(job.ran_s, 1),
                job.progress_done,
                job.progress_total,
                job.progress_unit,
                job.error,
                job.id,
            )
            for job in page.items
        ],
    )
