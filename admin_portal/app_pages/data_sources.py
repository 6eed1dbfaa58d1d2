"""Data sources: releases that are known, imports, comparing and switching, and whom they are from."""

from __future__ import annotations

import streamlit as st

from admin_portal import dataset_actions, dataset_import, dataset_list, dataset_runs, dialog_state
from admin_portal.same_page import settle_address
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.attributions import draw_attributions
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region
from shared_backend.services.knowledge_desk import KIND

_VIEWS = {"sources": "Sources", "imports": "Imports", "attributions": "Attributions"}


def draw(context: PageContext) -> None:
    """One source where the address names one, else what was chosen to be seen."""
    dialog_state.draw_page_if_asked()
    source = st.query_params.get("source", "")
    if source:
        dataset_list.draw_source(source, context)
    elif st.session_state.get("data_view") == "imports":
        dataset_runs.draw_all(context)
    else:
        dataset_runs.draw_attention(context)
        dataset_list.draw_all(context)


settle_address()
context = page_context()
may_operate = context.actor.may(Permission.OPERATE)
with page_header("Data sources", "Where figures come from: releases, their versions, and which of them is in use."):
    if may_operate:
        st.button(
            "Import a release",
            key="import_release",
            type="primary",
            icon=":material/upload_file:",
            on_click=dataset_import.open_import,
        )
dialog_state.drawn_here()
if not st.query_params.get("source"):
    st.segmented_control(
        "Show",
        tuple(_VIEWS),
        format_func=_VIEWS.__getitem__,
        default="sources",
        required=True,
        key="data_view",
        label_visibility="collapsed",
        bind="query-params",
    )
if st.session_state.get("data_view") == "attributions" and not st.query_params.get("source"):
    draw_attributions()
else:
    live_region(KIND, draw=draw, key="data_sources", also=(("job", None),))
# Last, so that nothing changes its place when one opens or closes.
if may_operate:
    dataset_import.draw_import()
    dataset_actions.draw_dialogs()
