"""Lockstep monitor: the health of the bridge between the portals, with its reasons."""

from __future__ import annotations

import streamlit as st

from shared_backend.portal_ui.charts import latency_chart
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.lockstep_canary import canary_button, canary_panel
from shared_backend.portal_ui.lockstep_health import (
    consumer_table,
    health_figures,
    health_reasons,
    log_facts,
    process_table,
)
from shared_backend.portal_ui.lockstep_refresh import refresh_picker
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.relative_time import exact, viewer_zone
from shared_backend.services import lockstep_reads
from shared_backend.utils.clock import utc_now

context = page_context()
with page_header("Lockstep monitor", "Whether what is saved in one portal reaches the other, and how fast."):
    canary_button(context)

now = utc_now()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    refresh_picker(default="10")
    st.caption(f"Drawn at {exact(now)}", width="content")

report = lockstep_reads.health_report(context.backend.health, actor=context.actor)
health_figures(report)
health_reasons(report.reasons, report.score)

st.subheader("Canary", anchor=False)
st.caption("An event that changes nothing. Each portal's process answers as soon as it has it.")
canary_panel(context)

st.subheader("Latency", anchor=False)
points = lockstep_reads.latency_points(context.backend.database, actor=context.actor)
if points:
    latency_chart(points, zone=viewer_zone(), key="latency_chart")
    st.caption(
        "The newest 200 acknowledgements of each stage. Unit: milliseconds from the edit's commit. Source: "
        "acknowledgements of edits; canaries, and what was opened more than a minute later, are left out."
    )
else:
    st.caption("No edit has been acknowledged yet. Save something in one portal while the other is open.")

st.subheader("Processes", anchor=False)
process_table(report, now)

left, right = st.columns(2, gap="large")
with left:
    st.subheader("Log", anchor=False)
    log_facts(report)
with right:
    st.subheader("Consumers", anchor=False)
    consumer_table(report.consumers)
