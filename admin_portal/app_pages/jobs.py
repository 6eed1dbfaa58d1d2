"""Jobs: background work that runs, waits or has ended."""

from __future__ import annotations

from functools import partial

import streamlit as st

from admin_portal import job_detail, job_list
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region

context = page_context()
chosen = st.query_params.get("id", "")

with page_header("Jobs", "Work that goes on behind the pages: what runs, what waits, and how it ended."):
    if chosen:
        st.page_link("app_pages/jobs.py", label="All jobs", icon=":material/arrow_back:")

if chosen:
    live_region("job", chosen, draw=partial(job_detail.draw, chosen), key="job")
else:
    job_list.filters(context)
    live_region("job", draw=job_list.draw, key="jobs")
