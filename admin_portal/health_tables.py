"""The figures and lists of the product's health: what is slow, what fails, what waits, who is running."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from shared_backend.portal_ui.lockstep_words import portal_title, size_words
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.states import empty
from shared_backend.services.system_health import SystemReport
from shared_backend.utils.performance_monitor import Histogram

_KINDS: Final = {"page": "Pages", "request": "Gateway calls", "job": "Background jobs"}
_MILLISECONDS: Final = st.column_config.NumberColumn(format="localized")


def figures(report: SystemReport) -> None:
    """Pages, calls, memory, and what failed."""
    with st.grid(4, min_column_width=150, key="system_figures"):
        for kind, label in (("page", "Page, p95"), ("request", "Gateway call, p95")):
            whole = Histogram.sum(report.histograms(kind).values())
            _figure(
                label,
                "–" if not whole.count else f"{(whole.quantile(0.95) or 0) * 1000:,.0f} ms",
                f"of {whole.count:,} since start",
                "19 of 20 took less, over all processes since each started.",
            )
        memory = sum(int(each.report.get("rss", 0)) for each in report.processes)
        count = len(report.processes)
        _figure(
            "Memory",
            size_words(memory),
            f"{count:,} process{'' if count == 1 else 'es'}, now",
            "Resident memory. What processes share is counted for each.",
        )
        shown = sum(report.errors().values())
        _figure(
            "Failed",
            f"{report.failed():,}",
            f"and {shown:,} errors shown",
            "Runs of pages, calls and jobs that ended in an error of ours, since the processes started.",
            bad=report.failed() > 0,
        )


def slowest(report: SystemReport) -> None:
    """Pages, routes and kinds of jobs, with how long they took."""
    for kind, title in _KINDS.items():
        found = report.histograms(kind)
        if not found:
            continue
        st.markdown(f"**{title}**")
        rows = [
            {
                "Name": name,
                "Times": each.count,
                "Failed": each.failed,
                "p50 (ms)": round((each.quantile(0.5) or 0) * 1000),
                "p95 (ms)": round((each.quantile(0.95) or 0) * 1000),
                "p99 (ms)": round((each.quantile(0.99) or 0) * 1000),
                "Longest (ms)": round(each.longest_s * 1000),
            }
            for name, each in found.items()
        ]
        frame = pd.DataFrame(rows)
        st.dataframe(
            frame,
            hide_index=True,
            key=f"durations_{kind}",
            alt=f"{title}: how long they took",
            column_config={name: _MILLISECONDS for name in frame.columns if name != "Name"},
        )
    if not any(report.histograms(kind) for kind in _KINDS):
        empty("Nothing was measured yet", "Open a page, or call the gateway.", icon=":material/timer:")


def queues(report: SystemReport) -> None:
    """What waits, and how much of it."""
    with st.grid(3, min_column_width=200, key="system_queues"):
        for queue in report.queues:
            _figure(queue.what, f"{queue.depth:,}", "waiting now" if queue.depth else "nothing waits", None)


def errors(report: SystemReport) -> None:
    """By code, most first."""
    found = report.errors()
    if not found:
        st.caption("Nobody was shown an error since the processes started.")
        return
    st.dataframe(
        pd.DataFrame({"Error": list(found), "Times": list(found.values())}),
        hide_index=True,
        key="error_counts",
        height="content",
        alt="Errors that were shown, by code",
        column_config={"Times": st.column_config.NumberColumn(format="localized")},
    )


def processes(report: SystemReport) -> None:
    """Each process as it last reported."""
    if not report.processes:
        empty("No process has reported", "Processes report as soon as they start, then every 15 seconds.")
        return
    rows: list[dict[str, Any]] = [
        {
            "Process": portal_title(each.portal),
            "State": "Silent" if each.instance in report.silent else "Running",
            "Reported": relative(each.at, now=report.at),
            "Memory (MiB)": round(each.report.get("rss", 0) / 2**20),
            "CPU time (s)": round(each.report.get("cpu_s", 0)),
            "Threads": each.report.get("threads"),
            "Started": each.started_at,
            "Where": each.instance,
        }
        for each in report.processes
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="system_processes",
        height="content",
        alt="Processes that share the database",
        column_config={
            "Memory (MiB)": st.column_config.NumberColumn(format="localized"),
            "CPU time (s)": st.column_config.NumberColumn(format="localized"),
            "Started": st.column_config.DatetimeColumn(format="distance"),
        },
    )


def _figure(label: str, value: str, below: str, help: str | None, *, bad: bool = False) -> None:
    st.metric(
        label,
        value,
        help=help,
        border=True,
        height="stretch",
        delta=below,
        delta_arrow="off",
        delta_color="inverse" if bad else "off",
    )
