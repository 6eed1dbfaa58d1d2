"""Imports of releases: those under way with their progress, and how the others ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import streamlit as st

from admin_portal import dataset_list, job_actions, job_progress
from admin_portal.job_words import badge
from admin_portal.same_page import same_page
from shared_backend.data_management.dataset import SOURCES
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.relative_time import exact, relative
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services.knowledge_desk import ImportRun, KnowledgeDesk

_SHOWN: Final = 20
# For so long a failed import stands above the sources; later among the imports alone.
_NEWS: Final = timedelta(hours=12)


def draw_attention(context: PageContext) -> None:
    """Imports under way; and the last one, where it has failed."""
    runs = KnowledgeDesk(context.backend).imports(actor=context.actor, limit=_SHOWN)
    under_way = [each for each in runs if each.job.is_open]
    last = [] if under_way else [each for each in runs[:1] if _is_news(each, context)]
    for each in (*under_way, *last):
        _card(each, context)


def _is_news(run: ImportRun, context: PageContext) -> bool:
    ended = run.job.ended_at
    return run.job.state == "failed" and ended is not None and context.backend.clock() - ended < _NEWS


def draw_all(context: PageContext) -> None:
    """The newest imports."""
    runs = KnowledgeDesk(context.backend).imports(actor=context.actor, limit=_SHOWN)
    if not runs:
        empty(
            "No release was imported here yet",
            "What the product ships is in use. A newer release is imported with the button above.",
            icon=":material/upload_file:",
        )
    for each in runs:
        _card(each, context)


def _card(run: ImportRun, context: PageContext) -> None:
    job = run.job
    with st.container(border=True, key=f"import_{job.id}", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            title = SOURCES[run.source].title if run.source in SOURCES else run.source
            st.markdown(f"**Import: {escape(title)}**", width="content")
            badge(job)
        if job.state in ("running", "waiting", "paused"):
            job_progress.draw(job)
        if job.state in ("running", "waiting") and not context.backend.jobs.has_worker(actor=context.actor):
            st.warning(
                "No worker is running, so nothing is read. Start one: intellicv worker.", icon=":material/warning:"
            )
        _outcome(run)
        st.caption(
            f"{escape(run.origin)}, asked for {relative(job.created_at)} by {inline(job.actor_name or job.actor_id)}",
            help=exact(job.created_at),
        )
        # What was uploaded and refused is the same the next time.
        if not run.report or not run.uploaded:
            job_actions.draw(job, context)


def _outcome(run: ImportRun) -> None:
    job = run.job
    if run.report:
        st.error("The release can't be used. Nothing was changed.", icon=":material/error:")
        dataset_list.findings(run.findings)
    elif job.error and job.state in ("failed", "waiting"):
        st.error(escape(job.error), icon=":material/error:")
    elif job.state == "done":
        result = job.result or {}
        words = "is stored" if result.get("added") else "was there already"
        used = " and was put in use" if result.get("use") else ""
        st.markdown(f":material/check_circle: `{run.version}` {words}{used}: {escape(result.get('vintage', ''))}")
        st.page_link(
            "app_pages/data_sources.py",
            label="Its versions",
            icon=":material/chevron_right:",
            query_params=same_page(source=run.source),
        )
