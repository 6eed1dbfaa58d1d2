"""One candidate: `candidate?id=<id>`, and `&view=History` or `&view=Conflicts`."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from admin_portal.candidate_filters import kept_filters
from admin_portal.candidate_header import draw_changed_mark, draw_danger, draw_deleted, draw_header
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.live import Shown
from shared_backend.portal_ui.profile_conflicts import closed_conflicts, draw_conflict, open_conflicts
from shared_backend.portal_ui.profile_desk import KIND, ProfileDesk
from shared_backend.portal_ui.profile_history import draw_history
from shared_backend.portal_ui.profile_view import draw_profile
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.states import empty
from shared_backend.utils.exception_handler import NotFound

REGION = "candidate"
VIEWS = ("Profile", "History", "Conflicts")  # as they stand in the address


def draw(context: PageContext) -> Iterable[Shown]:
    """The page below the link back; drawn again whenever the candidate has changed."""
    candidate_id = st.query_params.get("id", "")
    try:
        entity = context.bridge.get(KIND, candidate_id, actor=context.actor)
    except NotFound:
        st.title("Candidate", anchor=False)
        empty(
            "There is no profile at this address",
            "Perhaps the address was cut off. Look for the person in the list of all candidates.",
            icon=":material/person_off:",
        )
        return []
    draw_header(entity, context)
    opened = len(open_conflicts(candidate_id, context))
    if opened:
        edits = "One edit was kept aside and waits" if opened == 1 else f"{opened:,} edits were kept aside and wait"
        st.warning(f"{edits} for a decision, under Conflicts.", icon=":material/call_split:")
    with st.container(horizontal=True, vertical_alignment="center"):
        view = st.segmented_control(
            "Show",
            VIEWS,
            default=VIEWS[0],
            required=True,
            key="view",
            bind="query-params",
            label_visibility="collapsed",
        )
        with st.container(width=280):
            draw_changed_mark(entity, context)
    if view == "History":
        draw_history(entity, context, may_restore=context.actor.may(Permission.EDIT_ALL))
    elif view == "Conflicts":
        _conflicts(candidate_id, context)
    elif entity.deleted:
        draw_deleted(entity, context)
    else:
        editable = context.actor.may(Permission.EDIT_ALL)
        draw_profile(entity, ProfileDesk.of(candidate_id), context, region=REGION, editable=editable, own=False)
        draw_danger(entity, context)
    return [Shown(KIND, candidate_id, entity.version)]


def _conflicts(candidate_id: str, context: PageContext) -> None:
    opened, closed = open_conflicts(candidate_id, context), closed_conflicts(candidate_id, context)
    if not opened and not closed:
        empty(
            "No conflicts",
            "Nobody has changed the same field of this profile at the same time.",
            icon=":material/handshake:",
        )
    for conflict in opened:
        draw_conflict(conflict, context)
    if closed:
        st.markdown("#### Decided")
        for conflict in closed[:20]:
            draw_conflict(conflict, context)


chosen = st.query_params.get("id", "")
st.page_link(
    "app_pages/candidates.py", label="All candidates", icon=":material/arrow_back:", query_params=kept_filters()
)
if chosen:
    live_region(KIND, chosen, draw=draw, key=REGION, also=[("conflict", chosen), ("account", chosen)])
else:
    st.title("Candidate", anchor=False)
    empty("No candidate is chosen", "Open one from the list of all candidates.", icon=":material/person_search:")
