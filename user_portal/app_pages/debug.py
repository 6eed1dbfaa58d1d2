"""Debug: the bridge as the user portal sees it. For administrators."""

from __future__ import annotations

import streamlit as st

from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.live import push_state
from shared_backend.portal_ui.lockstep_canary import canary_button, canary_panel
from shared_backend.portal_ui.lockstep_health import fact_table, health_figures, health_reasons, process_table
from shared_backend.portal_ui.lockstep_refresh import refresh_picker
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.process import portal_process
from shared_backend.services import lockstep_reads
from shared_backend.utils.clock import utc_now

context = page_context()
with page_header("Debug", "The bridge as the user portal sees it."):
    canary_button(context)
refresh_picker()

report = lockstep_reads.health_report(context.backend.health, actor=context.actor)
health_figures(report)
health_reasons(report.reasons, report.score)

st.subheader("Canary", anchor=False)
canary_panel(context)

st.subheader("This tab", anchor=False)
if push_state() == "up":
    st.markdown(":material/bolt: **Push is up**: what changes is drawn as soon as it is committed.")
else:
    st.markdown(
        ":material/hourglass_top: **Push is down**: this tab looks for changes every "
        f"{context.backend.settings.poll_tight_s:g} s until its connection is back."
    )

st.subheader("This process", anchor=False)
hub = portal_process(context.source).hub
watcher = context.backend.watcher.health()
position = context.backend.watcher.position
fact_table(
    {
        "Watcher": watcher.detail,
        "Last tick": f"{watcher.last_tick_age_s:,.2f} s ago",
        "Ticks": f"{watcher.ticks:,}",
        "Restarts": f"{watcher.restarts:,}",
        "Gaps met": f"{watcher.gaps:,}",
        "Read up to": f"{position.seq:,}",
        "Open tabs": f"{hub.open_sockets:,}",
        "Topics listened to": f"{hub.topics:,}",
    },
    alt="This process's watcher and sockets",
)

st.subheader("Processes", anchor=False)
process_table(report, utc_now())
