"""Secrets: their names, versions and ages; rotated here, and never shown."""

from __future__ import annotations

import streamlit as st

from admin_portal import dialog_state
from admin_portal.secret_dialogs import draw_dialogs, open_dialog
from admin_portal.secret_list import draw_list, draw_search
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region
from shared_backend.services.cloud_record import CLOUD, PROVIDERS, SECRETS

context = page_context()
with page_header(
    "Secrets", "Keys and passwords that the product uses: how old each is. Values go in and never come out."
):
    if context.actor.may(Permission.OPERATE):
        st.button(
            "Add a secret",
            key="add_secret",
            type="primary",
            icon=":material/add:",
            on_click=open_dialog,
            args=("add",),
        )
dialog_state.drawn_here()
draw_search()
live_region(CLOUD, SECRETS, draw=draw_list, key="secrets", also=((CLOUD, PROVIDERS),))
# Last, so that nothing changes its place when one opens or closes: what is pushed meanwhile goes to its own.
draw_dialogs()
