"""The conflicts of one profile: what stands, what was kept aside, and the decision."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from shared_backend.identity.roles import Permission
from shared_backend.lockstep.conflicts import ConflictInfo
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.profile_desk import KIND
from shared_backend.portal_ui.profile_words import author_words, field_words, portal_words, value_words
from shared_backend.portal_ui.relative_time import time_caption
from shared_backend.portal_ui.text_safety import inline, shorten

_CLOSED = {
    "accepted": "Accepted: what stood stayed",
    "dismissed": "Dismissed",
    "applied": "The value kept aside was applied",
    "overridden": "Overridden on purpose",
}
_LONGEST = 600


def open_conflicts(candidate_id: str, context: PageContext) -> Sequence[ConflictInfo]:
    """The open conflicts of a profile, newest first."""
    found, _total = context.bridge.conflicts(actor=context.actor, kind=KIND, entity_id=candidate_id, limit=50)
    return found


def closed_conflicts(candidate_id: str, context: PageContext) -> Sequence[ConflictInfo]:
    """The latest that are decided."""
    found, _total = context.bridge.conflicts(
        actor=context.actor, status=None, kind=KIND, entity_id=candidate_id, limit=50
    )
    return [each for each in found if each.status != "open"]


def draw_conflict(conflict: ConflictInfo, context: PageContext) -> None:
    """One conflict as a card; open ones with their three answers for whoever may give them."""
    data = {"before": conflict.winning_value, "after": conflict.losing_value}
    states = [value for value in data.values() if isinstance(value, dict)]
    with st.container(border=True, key=f"conflict_{conflict.id}", gap="small"):
        st.markdown(
            f":material/call_split: **{inline(field_words(conflict.path, *states))}** was changed twice at once"
        )
        time_caption("met", conflict.opened_at)
        sides = (
            ("Stands", conflict.winner_id, conflict.winner_name, conflict.winner_source, conflict.winning_value),
            ("Kept aside", conflict.loser_id, conflict.loser_name, conflict.loser_source, conflict.losing_value),
        )
        for column, (title, author_id, name, source, value) in zip(st.columns(2), sides, strict=True):
            with column.container(gap="xxsmall"):
                who = inline(author_words(author_id, name, context.actor.id))
                st.caption(f"{title}: {who}, {portal_words(source)}")
                st.text(shorten(value_words(value, conflict.path), _LONGEST), width="stretch")
        if conflict.status != "open":
            st.caption(_CLOSED.get(conflict.status, conflict.status.capitalize()))
        elif _may_decide(conflict, context):
            _answers(conflict, context)


def _may_decide(conflict: ConflictInfo, context: PageContext) -> bool:
    own = context.actor.may(Permission.EDIT_OWN) and context.actor.id in (conflict.entity_id, conflict.loser_id)
    return own or context.actor.may(Permission.EDIT_ALL)


def _answers(conflict: ConflictInfo, context: PageContext) -> None:
    mine = conflict.loser_id == context.actor.id
    other = "Apply mine" if mine else "Apply the one kept aside"
    with st.container(horizontal=True):
        for resolution, key, label, icon in (
            ("accept", "accept_conflict", "Accept what stands", "check"),
            ("apply_mine", "apply_mine", other, "published_with_changes"),
            ("dismiss", "dismiss_conflict", "Dismiss", "close"),
        ):
            st.button(
                label,
                key=f"{key}_{conflict.id}",
                icon=f":material/{icon}:",
                on_click=_resolve,
                args=(conflict.id, resolution),
            )
    st.caption("Accepting and dismissing change nothing in the profile. Applying writes the value as a new version.")


def _resolve(conflict_id: str, resolution: str) -> None:
    context = page_context()
    answer = context.bridge.resolve_conflict(conflict_id, resolution, source=context.source, actor=context.actor)
    if not answer["success"]:
        st.toast(inline(answer["error"], longest=300), icon=":material/error:")
    elif resolution == "apply_mine":
        st.toast(f"Applied, as version {answer['version']:,}.", icon=":material/check_circle:")
    else:
        st.toast("The conflict is closed.", icon=":material/check_circle:")
