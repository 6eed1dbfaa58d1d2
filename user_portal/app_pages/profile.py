"""A person's own profile: everything that it says, theirs to correct."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from shared_backend.identity.roles import Permission
from shared_backend.lockstep.kinds.user_profile import missing_parts
from shared_backend.lockstep.topics import WHOLE, part_kind
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.erase_person import draw_erase
from shared_backend.portal_ui.live import Shown
from shared_backend.portal_ui.live_component import changed_mark
from shared_backend.portal_ui.profile_conflicts import draw_conflict, open_conflicts
from shared_backend.portal_ui.profile_desk import KIND, ProfileDesk
from shared_backend.portal_ui.profile_history import draw_history
from shared_backend.portal_ui.profile_outcome import own_conflicts
from shared_backend.portal_ui.profile_view import draw_profile
from shared_backend.portal_ui.profile_words import author_words
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import isolate, shorten
from shared_backend.utils.exception_handler import NotFound
from user_portal.profile_export import draw_take_away
from user_portal.title_region import draw_title

VIEWS = ("Profile", "History")  # as they stand in the address


def draw(context: PageContext) -> None:
    """Everything below the title. It is drawn anew as a whole only when the profile is deleted or brought back."""
    own = context.actor.id
    try:
        entity = context.bridge.get(KIND, own, actor=context.actor)
    except NotFound:
        empty(
            "Your profile is deleted",
            "An administrator can bring it back with everything that was in it. It is here again at once then.",
            icon=":material/person_off:",
        )
        # What the deletion keeps is theirs all the same.
        draw_erase(own, own=True)
        return
    live_region(KIND, own, draw=draw_head, key="profile_head", also=[("conflict", own)])
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
        live_region(KIND, own, draw=draw_past, key="profile_history")
    else:
        # Above the sections, and drawn after them: the first title that needs it waits for an index.
        title = st.container()
        draw_profile(entity, ProfileDesk.of(own), editable=True, own=True)
        with title:
            draw_title(context, key="profile_title")
        draw_take_away()
        draw_erase(own, own=True)


def draw_head(context: PageContext) -> Iterable[Shown]:
    """How complete it is, who changed it last, and what waits for a decision."""
    entity = context.bridge.get(KIND, context.actor.id, actor=context.actor)
    missing = missing_parts(entity.data)
    with st.container(gap="xsmall", key="completeness"):
        st.progress(entity.score / 100, text=f"{entity.score}% complete")
        if missing:
            _path, points, words = max(missing, key=lambda part: part[1])
            st.caption(f"Next: {words[:1].lower() + words[1:]} (+{points}%)")
        who = author_words(entity.updated_by, entity.updated_by_name, context.actor.id)
        if entity.updated_source == "admin_portal":
            who = "an administrator"
        changed_mark(entity.version, "you" if who == "You" else isolate(shorten(who, 60)), key="profile")
    desk = ProfileDesk.of(entity.id)
    below = [] if st.session_state.get("view") == "History" else own_conflicts(desk)
    for conflict in open_conflicts(entity.id, context):
        if conflict.id not in below:
            draw_conflict(conflict, context)
    return [Shown(KIND, entity.id, entity.version)]


def draw_past(context: PageContext) -> None:
    """Every version, and what changed in it."""
    draw_history(context.bridge.get(KIND, context.actor.id, actor=context.actor), context, may_restore=False)


st.title("Profile", anchor=False)
st.caption(
    "What companies and our analyses know about you. What you change here is saved at once, and nothing is lost."
)
visitor = page_context()
if visitor.actor.may(Permission.EDIT_OWN):
    live_region(part_kind(KIND, WHOLE), visitor.actor.id, draw=draw, key="profile")
else:
    empty(
        "You have no profile of your own",
        "You are signed in with a colleague's account. Candidates' profiles are in the admin portal.",
        icon=":material/badge:",
    )
