"""Job titles: any title, all occupations, one in full, and the company's own words for them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from admin_portal import alias_editor, alias_list, title_browse, title_detail, title_search
from admin_portal.same_page import settle_address
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import follow, live_region
from shared_backend.services.title_aliases import KIND

VIEWS = ("Search", "Browse", "Aliases")  # as they stand in the address

settle_address()
context = page_context()
code = st.query_params.get("code", "")
alias = st.query_params.get("alias", "")

with page_header("Job titles", "What a title means: pay, outlook, skills, moves, and your own aliases."):
    if context.actor.may(Permission.EDIT_ALL) and not alias:
        st.button(
            "Add an alias",
            key="add_alias",
            type="primary",
            icon=":material/add:",
            on_click=alias_editor.begin,
        )

if alias:
    alias_editor.draw(alias, context)
elif code:
    follow("dataset")
    title_detail.draw(code, context)
else:
    view = st.segmented_control(
        "Show",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == "Browse":
        follow("dataset")
        title_browse.draw(context)
    elif view == "Aliases":
        alias_list.filters()
        live_region(KIND, draw=alias_list.draw, key="aliases", also=[("dataset", None)])
    else:
        wanted = title_search.draw_box()
        live_region(KIND, draw=partial(title_search.draw_answer, wanted), key="title_answer", also=[("dataset", None)])
