"""The dashboard's live regions: figures with what needs attention, the chart of edits, the newest edits."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from admin_portal.candidate_filters import COMPLETENESS
from shared_backend.lockstep.health import HealthReport
from shared_backend.portal_ui.charts import edits_chart
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.live_component import changed_mark
from shared_backend.portal_ui.lockstep_words import field_list, health_icon, health_word, portal_title
from shared_backend.portal_ui.relative_time import exact, relative, viewer_zone
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services import lockstep_reads, overview
from shared_backend.services.overview import LOW_SCORE, PERIOD, Edit, PeopleFigures
from shared_backend.utils.clock import utc_now

_WEEK = f"in {PERIOD.days} days"
_FEED = 12
_COUNTS = "_dashboard_edit_counts"
_NOUNS = {"user_profile": "profile"}


class Attention(NamedTuple):
    """One thing that waits for somebody: an icon, the words, and where to go."""

    icon: str
    words: str
    link: str
    page: str
    query: dict[str, Any]


def draw_overview(context: PageContext) -> None:
    """Four figures, then what needs attention."""
    database, actor = context.backend.database, context.actor
    people = overview.people_figures(database, actor=actor, now=utc_now())
    report = lockstep_reads.health_report(context.backend.health, actor=actor)
    low = overview.low_profiles(database, actor=actor)
    with st.grid(4, min_column_width=150, key="dashboard_figures"):
        _figure("Candidates", people.candidates, people.new, "Everybody who has or was given an account.")
        _figure("Active", people.active, people.joined, "Who have opened their invitation and can sign in.")
        _figure("Invited", people.invited, people.newly_invited, "Who have not opened their invitation yet.")
        st.metric(
            "Health of the bridge",
            f"{report.score} of 100",
            delta=health_word(report.score),
            delta_arrow="off",
            delta_color="normal" if report.score >= 90 else "yellow" if report.score >= 60 else "inverse",
            delta_description="now",
            help="100 less the points of each reason; the reasons are below and on the lockstep monitor.",
            border=True,
            height="stretch",
        )
    _attention(_waiting(people, report, low), report)


def draw_edits(context: PageContext) -> None:
    """Edits per day or hour, by portal. What was counted before is kept, and only what is new is counted."""
    now = utc_now()
    counts = overview.edit_counts(
        context.backend.database, actor=context.actor, now=now, known=st.session_state.get(_COUNTS)
    )
    st.session_state[_COUNTS] = counts
    with st.container(border=True, key="dashboard_edits"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Edits", anchor=False)
            by = st.segmented_control(
                "Edits per",
                ("day", "hour"),
                format_func=lambda step: f"Per {step}",
                key="edits_per",
                default="day",
                required=True,
                bind="query-params",
                label_visibility="collapsed",
            )
        if not counts.hours:
            st.caption("Nothing was edited in the last 14 days. Both portals' edits appear here as they happen.")
            return
        total, steps = edits_chart(counts.hours, by=by or "day", now=now, zone=viewer_zone(), key="edits_chart")
        since = f", which was trimmed and begins {relative(counts.since, now=now)}" if counts.since else ""
        st.caption(
            f"{total:,} saved version{'' if total == 1 else 's'} over {steps} {by}s, stacked by portal. "
            f"Unit: edits per {by}. Source: the event log{since}."
        )


def draw_feed(context: PageContext) -> None:
    """Who changed what, when and from where, with a link to it."""
    edits = overview.newest_edits(context.backend.database, actor=context.actor, limit=_FEED)
    with st.container(border=True, key="dashboard_feed"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Newest edits", anchor=False)
            if edits:
                changed_mark(edits[0].seq, edits[0].by, key="dashboard_feed")
            st.page_link("app_pages/event_log.py", label="Event log", icon=":material/receipt_long:")
        if not edits:
            st.caption("No edits yet. Open a candidate and change something: it appears here and on their screen.")
        with st.container(gap="small"):
            for edit in edits:
                _feed_row(edit)


def _figure(title: str, value: int, change: int, help: str) -> None:
    st.metric(
        title,
        f"{value:,}",
        # A flat week is the number 0, which Streamlit draws without an arrow.
        delta=f"+{change:,}" if change else 0,
        delta_color="normal" if change else "off",
        delta_description=_WEEK,
        help=help,
        border=True,
        height="stretch",
    )


def _waiting(people: PeopleFigures, report: HealthReport, low: int) -> list[Attention]:
    found: list[Attention] = []
    conflicts = report.open_conflicts
    if conflicts:
        words = f"**{conflicts:,}** conflict{'s wait' if conflicts > 1 else ' waits'} for a decision"
        found.append(Attention(":material/call_split:", words, "Decide", "conflicts", {}))
    for consumer in report.consumers:
        if consumer.failures or consumer.state == "expired":
            state = "must start over" if consumer.state == "expired" else f"has failed {consumer.failures:,} times"
            words = f"The consumer {inline(consumer.name)} {state}"
            found.append(Attention(":material/sync_problem:", words, "Look", "lockstep_monitor", {}))
    if people.waiting:
        words = (
            f"**{people.waiting:,}** invitation{'s' if people.waiting > 1 else ''} not opened for {PERIOD.days} days"
        )
        found.append(Attention(":material/forward_to_inbox:", words, "See who", "candidates", {"account": "Invited"}))
    if low:
        words = f"**{low:,}** profile{'s are' if low > 1 else ' is'} less than {LOW_SCORE} % complete"
        query = {"completeness": next(name for name, (_, most) in COMPLETENESS.items() if most == LOW_SCORE - 1)}
        found.append(Attention(":material/donut_small:", words, "See which", "candidates", query))
    return found


def _attention(found: list[Attention], report: HealthReport) -> None:
    reasons = [reason for reason in report.reasons if reason.points]
    with st.container(border=True, key="dashboard_attention", gap="small"):
        st.subheader("Needs attention", anchor=False)
        if not found and not reasons:
            st.markdown(":material/check_circle: Nothing waits for you: no conflict, and the bridge is healthy.")
        for reason in reasons:
            _row(
                Attention(
                    health_icon(report.score),
                    f"{escape(reason.text)} (−{reason.points} health)",
                    "Look",
                    "lockstep_monitor",
                    {},
                )
            )
        for each in found:
            _row(each)
        for reason in report.reasons:
            if not reason.points and not (report.open_conflicts and "conflict" in reason.text):
                st.caption(f":material/info: {escape(reason.text)}")


def _row(each: Attention) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"{each.icon} {each.words}", width="content")
        st.page_link(
            f"app_pages/{each.page}.py",
            label=each.link,
            icon=":material/arrow_forward:",
            icon_position="right",
            query_params=each.query or None,
        )


def _feed_row(edit: Edit) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        _target(edit)
        st.markdown(_deed(edit), width="stretch")
        st.badge(f"{portal_title(edit.source)}, {relative(edit.at)}", color="gray", help=exact(edit.at))


def _deed(edit: Edit) -> str:
    """`Ada changed headline, summary`, with what people typed escaped."""
    own = edit.by_id == edit.entity_id
    who = "The product" if edit.by_id.startswith("system:") else "" if own else inline(edit.by, longest=40)
    verb = {"delete": "deleted it", "restore": "brought it back"}.get(edit.type.rpartition("_")[2])
    if verb is None:
        fields = escape(field_list(edit.changed))
        first = f"made the {_NOUNS.get(edit.kind, edit.kind)}"
        verb = first if edit.version == 1 else f"changed {fields}" if fields else "saved it without a change"
    return f"**{who}** {verb}" if who else f"{verb[:1].upper()}{verb[1:]} (their own)"


def _target(edit: Edit) -> None:
    pages = {"user_profile": "app_pages/candidate.py", "announcement": "app_pages/announcements.py"}
    icons = {"user_profile": ":material/person:", "announcement": ":material/campaign:"}
    name = inline(edit.label or edit.entity_id, longest=28)
    if page := pages.get(edit.kind):
        st.page_link(page, label=name, icon=icons[edit.kind], query_params={"id": edit.entity_id}, width=230)
    else:
        st.markdown(f":material/tune: {escape(edit.kind)} {name}", width=230)
