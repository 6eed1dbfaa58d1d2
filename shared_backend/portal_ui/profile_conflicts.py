"""The conflicts of one profile: what stands, what was kept aside, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from shared_backend.identity.roles import Permission
from shared_backend.lockstep.conflicts import ConflictInfo
from shared_backend.lockstep.fields import differ, flatten, value_at
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.profile_desk import KIND
from shared_backend.portal_ui.profile_words import author_words, field_words, portal_words, value_words
from shared_backend.portal_ui.relative_time import time_caption
from shared_backend.portal_ui.text_safety import inline, shorten
from shared_backend.utils.exception_handler import NotFound, PermissionDenied

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
    stands = _standing(conflict, context) if conflict.status == "open" else conflict.winning_value
    overtaken = not conflict.is_between(stands)
    states = [value for value in (stands, conflict.losing_value) if isinstance(value, dict)]
    with st.container(border=True, key=f"conflict_{conflict.id}", gap="small"):
        st.markdown(
            f":material/call_split: **{inline(field_words(conflict.path, *states))}** was changed twice at once"
        )
        time_caption("met", conflict.opened_at)
        winner = (conflict.winner_id, conflict.winner_name, conflict.winner_source)
        loser = (conflict.loser_id, conflict.loser_name, conflict.loser_source)
        sides = (("Stands", winner, stands), ("Kept aside", loser, conflict.losing_value))
        for column, (title, (author_id, name, source), value) in zip(st.columns(2), sides, strict=True):
            with column.container(gap="xxsmall"):
                who = inline(author_words(author_id, name, context.actor.id))
                if title == "Stands" and differ(stands, conflict.winning_value):
                    st.caption(f"{title}: edited again since")
                else:
                    st.caption(f"{title}: {who}, {portal_words(source)}")
                st.text(shorten(value_words(value, conflict.path), _LONGEST), width="stretch")
        if conflict.status != "open":
            st.caption(_CLOSED.get(conflict.status, conflict.status.capitalize()))
        elif _may_decide(conflict, context):
            _answers(conflict, context, overtaken=overtaken)


def _standing(conflict: ConflictInfo, context: PageContext) -> Any:
    """What the newest version has there: it may have been edited again since the two edits met."""
    try:
        entity = context.bridge.get(conflict.kind, conflict.entity_id, actor=context.actor)
    except (NotFound, PermissionDenied):
        return conflict.winning_value
    return value_at(flatten(entity.data), conflict.path)


def _may_decide(conflict: ConflictInfo, context: PageContext) -> bool:
    own = context.actor.may(Permission.EDIT_OWN) and context.actor.id in (conflict.entity_id, conflict.loser_id)
    return own or context.actor.may(Permission.EDIT_ALL)


def _answers(conflict: ConflictInfo, context: PageContext, *, overtaken: bool) -> None:
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
                disabled=overtaken and resolution == "apply_mine",
            )
    if overtaken:
        st.caption("Something else stands by now: edit it in its place, or close this. Closing changes nothing.")
    else:
        st.caption(
            "Accepting and dismissing change nothing in the profile. Applying writes the value as a new version."
        )


def _resolve(conflict_id: str, resolution: str) -> None:
    context = page_context()
    answer = context.bridge.resolve_conflict(conflict_id, resolution, source=context.source, actor=context.actor)
    if not answer["success"]:
        st.toast(inline(answer["error"], longest=300), icon=":material/error:")
    elif resolution == "apply_mine":
        st.toast(f"Applied, as version {answer['version']:,}.", icon=":material/check_circle:")
    else:
        st.toast("The conflict is closed.", icon=":material/check_circle:")
