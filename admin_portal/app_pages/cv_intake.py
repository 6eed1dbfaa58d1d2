"""CV intake: CVs in bulk, read by workers, and given to candidates."""

from __future__ import annotations

import streamlit as st

from admin_portal import intake_begin, intake_files, intake_progress
from shared_backend.identity.roles import Permission
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.page_header import page_header
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import shorten
from shared_backend.services.intake import KIND, IntakeDesk


def draw(context: PageContext) -> None:
    """The chosen intake, else the newest."""
    desk = IntakeDesk(context.backend)
    intakes = desk.intakes(actor=context.actor)
    if not intakes:
        empty(
            "Nothing was taken in yet", "Upload CVs, or name a folder on the server.", icon=":material/move_to_inbox:"
        )
        return
    known = {each.id: each for each in intakes}
    chosen = st.query_params.get("intake", "")
    if len(intakes) > 1:
        st.session_state["intake_chosen"] = chosen if chosen in known else intakes[0].id
        st.selectbox(
            "Intake",
            list(known),
            key="intake_chosen",
            format_func=lambda each: (
                f"{shorten(known[each].title or 'Intake', 60)}, {relative(known[each].created_at)}"
            ),
            on_change=lambda: st.query_params.update({"intake": st.session_state["intake_chosen"]}),
        )
    intake = known.get(chosen, intakes[0])
    running = intake_progress.draw(intake, context)
    intake_files.draw(intake, running)


context = page_context()
page_header("CV intake", "CVs in bulk: read in the background, told apart, and given to candidates.")
if context.actor.may(Permission.EDIT_ALL):
    intake_begin.draw(context)
live_region(KIND, draw=draw, key="intake")
