"""Job: one piece of background work, with its steps."""

from __future__ import annotations

from functools import partial

import streamlit as st

from admin_portal import job_detail
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.states import empty

chosen = st.query_params.get("id", "")

with page_header("Job", "One piece of background work: how it gets on, and what it has done."):
    st.page_link("app_pages/jobs.py", label="All jobs", icon=":material/arrow_back:")

if chosen:
    live_region("job", chosen, draw=partial(job_detail.draw, chosen), key="job")
else:
    empty("No job is chosen", "Choose one from all jobs.", icon=":material/work_history:")
