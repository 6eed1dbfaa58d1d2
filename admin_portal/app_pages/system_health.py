"""System health: how long things take, memory, queues and errors, over all processes."""

from __future__ import annotations

import streamlit as st

from admin_portal import health_charts, health_tables
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.lockstep_refresh import refresh_picker
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.relative_time import exact, viewer_zone
from shared_backend.services.system_health import system_report
from shared_backend.utils.clock import utc_now

context = page_context()
with page_header("System health", "How long pages, calls and jobs take, what waits, what fails, and who is running."):
    st.page_link("app_pages/lockstep_monitor.py", label="Lockstep monitor", icon=":material/sync:")

now = utc_now()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    refresh_picker(default="10")
    st.caption(f"Drawn at {exact(now)}", width="content")

report = system_report(context.backend.database, actor=context.actor, now=now, own=context.backend.reports)
if report.silent:
    count = len(report.silent)
    st.warning(
        f"{count:,} process{' has' if count == 1 else 'es have'} stopped reporting: killed, stuck, or without the "
        "database.",
        icon=":material/warning:",
    )
health_tables.figures(report)

st.subheader("Waiting", anchor=False)
health_tables.queues(report)

durations, memory = st.columns(2, gap="large")
with durations:
    st.subheader("How long it took", anchor=False)
    if health_charts.duration_chart(report, zone=viewer_zone(), key="duration_chart"):
        st.caption(
            "95th percentile of each minute. Unit: milliseconds. Source: performance_monitor of each process, at most "
            "15 s old."
        )
    else:
        st.caption("Nothing was measured in the last hour.")
with memory:
    st.subheader("Memory", anchor=False)
    if health_charts.memory_chart(report, zone=viewer_zone(), key="memory_chart"):
        st.caption("Resident memory of each process. Unit: MiB. Source: the operating system, each 15 s.")
    else:
        st.caption("No process has reported yet.")

st.subheader("Since the processes started", anchor=False)
health_tables.slowest(report)

st.subheader("Processes", anchor=False)
health_tables.processes(report)
st.subheader("Errors", anchor=False)
health_tables.errors(report)
st.caption("For Prometheus, the same figures are at the gateway's /metrics; docs/operations.md says who may read them.")
