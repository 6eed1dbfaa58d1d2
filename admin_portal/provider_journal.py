"""The journal: what waits for its primary, what met somebody else's write, and the job that carries it over."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from admin_portal.cloud_words import plural, provider_title, say
from admin_portal.journal_strip import waiting
from shared_backend.cloud.journal import Entry
from shared_backend.identity.roles import Permission
from shared_backend.jobs.job import Job
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.states import draw_error, empty
from shared_backend.portal_ui.tables import first_page, pager
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.provider_desk import CONFLICTS, DONE, WAITING, ProviderDesk
from shared_backend.utils.exception_handler import IntelliCVError

_VIEWS: Final = {"waiting": WAITING, "conflicts": CONFLICTS, "carried": DONE}
_WORDS: Final = {"waiting": "Waiting", "conflicts": "Conflicts", "carried": "Carried over"}
_LOOK_S: Final = 1.0
_LOOK_SLACK_S: Final = 15.0


def draw_journal(context: PageContext) -> None:
    """The section, which follows by itself: each second while something waits."""
    counts = ProviderDesk(context.backend).counts(actor=context.actor)

    @st.fragment(key="journal", run_every=_LOOK_S if waiting(counts) else _LOOK_SLACK_S)
    def section() -> None:
        try:
            now = page_context()
            left = _section(now)
        except IntelliCVError as error:
            draw_error(error)
            return
        if bool(left) != bool(waiting(counts)):
            st.rerun()  # the pace of looking is the outer run's to set

    section()


def _section(context: PageContext) -> int:
    desk = ProviderDesk(context.backend)
    view = st.session_state.get("journal_view") or "waiting"
    counted = desk.counts(actor=context.actor)
    left, conflicts = waiting(counted), sum(counted.get(state, 0) for state in CONFLICTS)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap="xxsmall", width=560, key="journal_state"):
            if left:
                st.markdown(f":material/cloud_upload: **{plural(left, 'write')} {'waits' if left == 1 else 'wait'}**")
            else:
                st.markdown(":material/check_circle: **Nothing waits**: every write is where it belongs.")
            if conflicts:
                st.markdown(f":material/call_split: **{plural(conflicts, 'conflict')}**: both are kept, see below.")
            _job_line(desk.reconciling(actor=context.actor), bool(left))
        if context.actor.may(Permission.OPERATE):
            st.button(
                "Reconcile now",
                key="reconcile_now",
                icon=":material/sync:",
                on_click=_reconcile,
                disabled=not left,
            )
    chosen = st.segmented_control(
        "Entries",
        tuple(_VIEWS),
        # Without a count: what stands on the button is what stands in the address.
        format_func=_WORDS.__getitem__,
        default="waiting",
        required=True,
        key="journal_view",
        bind="query-params",
        on_change=first_page,
        args=("journal_page",),
        label_visibility="collapsed",
    )
    view = str(chosen or view)
    states = _VIEWS[view]
    total = sum(counted.get(state, 0) for state in states)
    rows = st.container()
    with st.container():
        window = pager(total, key="journal_page")
    found = desk.journal(states, limit=window.size, offset=window.offset, actor=context.actor)
    with rows:
        if found.entries:
            _table(view, found.entries)
        else:
            _nothing(view)
    return left


def _job_line(job: Job | None, wanted: bool) -> None:
    if job is None:
        st.caption("A worker carries over what waits, by itself, each 15 seconds.")
    elif job.state == "running":
        share = job.share
        words = f"Carrying over: {job.progress_done:,} of {job.progress_total or 0:,}"
        st.progress(share or 0.0, text=escape(f"{words} {job.progress_words}".strip()), width=320)
    elif job.is_open and wanted:
        waits = job.error or "A worker takes it up in a moment."
        st.caption(f"Waits for its turn. {escape(waits)}")
    elif job.ended_at is not None:
        st.caption(f"Last carried over {relative(job.ended_at)}.")


def _table(view: str, entries: tuple[Entry, ...]) -> None:
    st.dataframe(
        pd.DataFrame([_row(view, entry) for entry in entries]),
        hide_index=True,
        key=f"journal_table_{view}",
        height="content",
        alt=f"Journal entries: {_WORDS[view].lower()}",
        column_config={
            "Bytes": st.column_config.NumberColumn(format="localized"),
            "Tries": st.column_config.NumberColumn(format="localized", help="That did not get through."),
            "Since": st.column_config.DatetimeColumn(format="distance"),
        },
    )


def _row(view: str, entry: Entry) -> dict[str, Any]:
    what = "Deletion" if entry.operation == "delete" else "Write"
    row: dict[str, Any] = {"Since": entry.created_at, "What": what, "Path": entry.path}
    if view == "conflicts":
        row["Theirs stays at"] = entry.path
        row["Ours is kept at"] = entry.conflict_path if entry.operation == "put" else "nothing was deleted"
        del row["Path"]
    else:
        row["Bytes"] = entry.size if entry.operation == "put" else None
    row["Kept on"] = provider_title(entry.fallback) if view == "waiting" else provider_title(entry.primary)
    if view == "waiting":
        row["Waits for"] = provider_title(entry.primary)
        row["Tries"] = entry.attempts
        row["Last answer"] = entry.last_error or ""
    return row


def _nothing(view: str) -> None:
    if view == "waiting":
        empty("Nothing waits", "Writes appear here while their provider is away.", icon=":material/check_circle:")
    elif view == "conflicts":
        empty("No conflicts", "Where somebody else wrote the same path meanwhile, both are kept and named here.")
    else:
        empty("Nothing was carried over yet", "What had to wait for its provider is listed here once it arrived.")


def _reconcile() -> None:
    try:
        context = page_context()
        ProviderDesk(context.backend).reconcile(actor=context.actor, source=context.source)
    except IntelliCVError as error:
        say(str(error), bad=True)
        return
    say("Asked for. A worker takes it up at once.")
