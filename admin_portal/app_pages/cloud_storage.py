"""Cloud storage: files by folder, where each is, and what has yet to reach its provider."""

from __future__ import annotations

import streamlit as st

from admin_portal import dialog_state, file_actions, file_upload
from admin_portal.file_list import current_folder, draw_list, draw_search
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region
from shared_backend.services.cloud_record import CLOUD, FILES, PROVIDERS

context = page_context()
may_write = context.actor.may(Permission.OPERATE)
with page_header(
    "Cloud storage", "The company's files, on whichever cloud holds them: find, upload, download, delete."
):
    if may_write:
        st.button(
            "Upload files",
            key="upload_files",
            type="primary",
            icon=":material/upload:",
            on_click=file_upload.open_upload,
            args=(current_folder(),),
        )
dialog_state.drawn_here()
draw_search()
live_region(CLOUD, FILES, draw=draw_list, key="files", also=((CLOUD, PROVIDERS),))
# Last, so that nothing changes its place when one opens or closes: what is pushed meanwhile goes to its own.
if may_write:
    file_upload.draw_upload()
    file_actions.draw_deletion()
