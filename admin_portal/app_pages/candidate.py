"""One candidate: `candidate?id=<id>`, and `&view=History` or `&view=Conflicts`."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import streamlit as st

from admin_portal.candidate_filters import kept_filters
from admin_portal.candidate_header import draw_changed_mark, draw_danger, draw_deleted, draw_header
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.topics import WHOLE, part_kind
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.live import Shown
from shared_backend.portal_ui.profile_conflicts import closed_conflicts, draw_conflict, open_conflicts
from shared_backend.portal_ui.profile_desk import KIND, ProfileDesk
from shared_backend.portal_ui.profile_history import draw_history
from shared_backend.portal_ui.profile_view import draw_profile
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.states import empty
from shared_backend.utils.exception_handler import NotFound

VIEWS = ("Profile", "History", "Conflicts")  # as they stand in the address


def draw(context: PageContext) -> None:
    """The page below the link back. It is drawn anew as a whole only when the profile is deleted or brought back."""
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
        return
    live_region(
        KIND,
        candidate_id,
        draw=functools.partial(draw_head, candidate_id),
        key="candidate_head",
        also=[("conflict", candidate_id), ("account", candidate_id)],
    )
    view = st.segmented_control(
        "Show",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == "History":
        live_region(KIND, candidate_id, draw=functools.partial(draw_past, candidate_id), key="candidate_history")
    elif view == "Conflicts":
        live_region(
            "conflict",
            candidate_id,
            draw=functools.partial(draw_conflicts, candidate_id),
            key="candidate_conflicts",
            also=[(KIND, candidate_id)],  # open ones show what stands now
        )
    elif entity.deleted:
        draw_deleted(entity, context)
    else:
        editable = context.actor.may(Permission.EDIT_ALL)
        draw_profile(entity, ProfileDesk.of(candidate_id), editable=editable, own=False)
        draw_danger(entity, context)


def draw_head(candidate_id: str, context: PageContext) -> Iterable[Shown]:
    """Who it is, who changed it last, and what waits for a decision."""
    entity = context.bridge.get(KIND, candidate_id, actor=context.actor)
    draw_header(entity, context)
    draw_changed_mark(entity, context)
    opened = len(open_conflicts(candidate_id, context))
    if opened:
        edits = "One edit was kept aside and waits" if opened == 1 else f"{opened:,} edits were kept aside and wait"
        st.warning(f"{edits} for a decision, under Conflicts.", icon=":material/call_split:")
    return [Shown(KIND, candidate_id, entity.version)]


def draw_past(candidate_id: str, context: PageContext) -> None:
    """Every version, what changed in it, and the way back to it."""
    entity = context.bridge.get(KIND, candidate_id, actor=context.actor)
    draw_history(entity, context, may_restore=context.actor.may(Permission.EDIT_ALL))


def draw_conflicts(candidate_id: str, context: PageContext) -> None:
    """The open ones first, and what was decided."""
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
    live_region(part_kind(KIND, WHOLE), chosen, draw=draw, key="candidate")
else:
    st.title("Candidate", anchor=False)
    empty("No candidate is chosen", "Open one from the list of all candidates.", icon=":material/person_search:")
