"""All candidates: search, filter, sort, export, invite."""

from __future__ import annotations

from functools import partial

import streamlit as st

from admin_portal.candidate_export import candidates_csv
from admin_portal.candidate_filters import back_to_filters, draw_filters
from admin_portal.candidate_invite import draw_invitation, open_invitation
from admin_portal.candidate_list import REGION, draw_list, forget_list
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.csv_export import export_button
from shared_backend.portal_ui.live_component import REGION_KEY
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region

page = page_context()
back_to_filters()
with page_header("Candidates", "Everybody with a profile: find them, see how complete they are, open one."):
    if page.actor.may(Permission.INVITE):
        st.button(
            "Invite a candidate",
            key="invite_candidate",
            type="primary",
            icon=":material/person_add:",
            on_click=open_invitation,
        )
if page.actor.may(Permission.INVITE):
    draw_invitation()
filters, order = draw_filters(page)
if REGION_KEY + REGION not in st.session_state:
    forget_list()  # the person comes from another page
live_region("user_profile", draw=lambda now: draw_list(filters, order, now), key=REGION, also=[("account", None)])
if page.actor.may(Permission.EXPORT):
    export_button(
        "candidates.csv",
        partial(candidates_csv, filters, order),
        key="export_candidates",
        about=(filters, order),
    )
