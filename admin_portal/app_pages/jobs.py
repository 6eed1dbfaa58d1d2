"""Jobs: background work that runs, waits or has ended."""

from __future__ import annotations

from admin_portal import job_list
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region

context = page_context()
page_header("Jobs", "Work that goes on behind the pages: what runs, what waits, and how it ended.")
job_list.filters(context)
live_region("job", draw=job_list.draw, key="jobs")
