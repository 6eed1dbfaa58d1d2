"""Skills: any of them, who needs them and how much, and which candidates have them."""

from __future__ import annotations

import streamlit as st

from admin_portal import skill_detail, skill_search
from admin_portal.same_page import settle_address
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import follow

settle_address()
follow("dataset")
context = page_context()
with page_header("Skills", "Who needs a skill and how much, what goes with it, and which candidates have it."):
    st.page_link("app_pages/job_titles.py", label="Job titles", icon=":material/work:")

if chosen := st.query_params.get("id", ""):
    skill_detail.draw(chosen, context)
else:
    skill_search.draw(context)
