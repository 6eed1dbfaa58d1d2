"""The health of the bridge as both portals draw it: the number, its reasons, and who is running."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from shared_backend.lockstep.consumers import ConsumerInfo
from shared_backend.lockstep.health import HealthReport, Reason
from shared_backend.lockstep.presence import STALE_S
from shared_backend.portal_ui.lockstep_words import health_icon, health_word, portal_title, size_words
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.text_safety import escape

_WATCHING = {"ok": "Watching", "stopped": "Stopped"}


def health_figures(report: HealthReport) -> None:
    """The four figures: health, latency, how far the slowest process is behind, open conflicts."""
    seen = next((each for each in report.latencies if each.stage == "seen" and each.count), None)
    with st.grid(4, min_column_width=150, key="health_figures"):
        st.metric(
            "Health",
            f"{report.score} of 100",
            help="100 less the points of every reason below.",
            border=True,
            height="stretch",
            delta=health_word(report.score),
            delta_arrow="off",
            delta_color="normal" if report.score >= 90 else "yellow" if report.score >= 60 else "inverse",
        )
        st.metric(
            "Commit to seen",
            "–" if seen is None else f"{seen.p50_ms:,.1f} ms",
            help="From the commit of an edit until a portal's process has it, over the newest 200 edits.",
            border=True,
            height="stretch",
            delta=None if seen is None else f"median, p99 {seen.p99_ms:,.0f} ms",
            delta_arrow="off",
            delta_color="off",
        )
        st.metric(
            "Backlog",
            f"{backlog(report):,} events",
            help="How far the slowest running process was behind the log at its last beat.",
            border=True,
            height="stretch",
            delta="at the last beat",
            delta_arrow="off",
            delta_color="off",
        )
        st.metric(
            "Open conflicts",
            f"{report.open_conflicts:,}",
            help="Edits that met on one field and wait for a decision.",
            border=True,
            height="stretch",
            delta="now",
            delta_arrow="off",
            delta_color="off",
        )


def health_reasons(reasons: Sequence[Reason], score: int) -> None:
    """What took points off, most first, and what is worth knowing."""
    with st.container(border=True, gap="xsmall", key="health_reasons"):
        st.markdown(f"{health_icon(score)} **{health_word(score)}: {score} of 100**")
        if not reasons:
            st.caption("Nothing takes points off: every portal answers, and no event is missing.")
        for reason in sorted(reasons, key=lambda each: -each.points):
            if reason.points:
                st.markdown(f":material/remove_circle: **−{reason.points}** {escape(reason.text)}")
            else:
                st.markdown(f":material/info: {escape(reason.text)}")


def process_table(report: HealthReport, now: datetime) -> None:
    """Each process that shares the database: what it is, whether it reports, how far it has read."""
    if not report.processes:
        st.caption("No process has reported yet. Processes report as soon as they start, then every 5 seconds.")
        return
    seq = report.log.seq if report.log else 0
    rows: list[dict[str, Any]] = []
    for each in report.processes:
        silent = (now - each.beat_at).total_seconds() > STALE_S
        state = str(each.watcher.get("state") or "")
        rows.append(
            {
                "Process": portal_title(each.portal),
                "State": "Silent" if silent else "Running",
                "Last beat": relative(each.beat_at, now=now),
                "Watcher": _WATCHING.get(state, state.capitalize() or "Not known"),
                "Read up to": each.seq,
                "Behind": max(seq - each.seq, 0) if report.log and each.epoch == report.log.epoch else None,
                "Restarts": int(each.watcher.get("restarts") or 0),
                "Started": each.started_at,
                "Where": f"{each.host}:{each.pid}",
            }
        )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="process_table",
        alt="Processes that share the database",
        column_config={
            "Read up to": st.column_config.NumberColumn(format="localized"),
            "Behind": st.column_config.NumberColumn(format="localized", help="Events behind the log, at the last beat"),
            "Started": st.column_config.DatetimeColumn(format="distance"),
        },
    )


def consumer_table(consumers: Sequence[ConsumerInfo]) -> None:
    """The durable consumers of the log and how they stand."""
    if not consumers:
        st.caption("No durable consumer is registered. They come with what reads the log under a name of its own.")
        return
    rows = [
        {
            "Consumer": each.name,
            "State": "Failing" if each.failures and each.state == "live" else each.state.capitalize(),
            "Read up to": each.seq,
            "Behind": each.lag,
            "Failures": each.failures,
            "Last error": each.last_error or "",
            "Moved": each.updated_at,
        }
        for each in consumers
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="consumer_table",
        alt="Durable consumers of the log",
        column_config={
            "Read up to": st.column_config.NumberColumn(format="localized"),
            "Behind": st.column_config.NumberColumn(format="localized"),
            "Moved": st.column_config.DatetimeColumn(format="distance"),
        },
    )


def log_facts(report: HealthReport) -> None:
    """Where the log stands: its numbers, its identity, its size."""
    if report.log is None:
        return
    facts = {
        "Newest number (seq)": f"{report.log.seq:,}",
        "Trimmed up to (floor)": f"{report.log.floor:,}",
        "Events held": f"{report.events_held:,}",
        "Numbers missing": f"{report.missing_numbers:,}",
        "Write-ahead log": "–" if report.wal_bytes is None else size_words(report.wal_bytes),
    }
    fact_table(facts, alt="Where the log stands")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Epoch")
        st.code(report.log.epoch, language=None, width="content")


def fact_table(facts: dict[str, str], *, alt: str) -> None:
    """Names and values, the values right-aligned by their column."""
    st.table(
        pd.DataFrame({"Fact": [escape(name) for name in facts], "Value": [escape(value) for value in facts.values()]}),
        hide_index=True,
        hide_header=True,
        border="horizontal",
        alt=alt,
    )


def backlog(report: HealthReport) -> int:
    """Events that the slowest process had not read at its last beat."""
    if report.log is None:
        return 0
    behind = [report.log.seq - each.seq for each in report.processes if each.epoch == report.log.epoch]
    return max([0, *behind])
