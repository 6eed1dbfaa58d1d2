"""What became of a save: stored, seen and shown as it happens, and in plain words what it met."""

from __future__ import annotations

import streamlit as st

from shared_backend.lockstep.conflicts import ConflictInfo
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.profile_conflicts import draw_conflict
from shared_backend.portal_ui.profile_desk import KIND, Outcome, ProfileDesk
from shared_backend.portal_ui.profile_sections import SectionSpec
from shared_backend.portal_ui.profile_words import author_words, field_words
from shared_backend.portal_ui.save_status import after_save_status
from shared_backend.portal_ui.text_safety import escape, inline


def draw_outcome(spec: SectionSpec, desk: ProfileDesk, context: PageContext) -> None:
    """Below the section that was saved last; draws nothing under the others."""
    gone = desk.removed.get(spec.key)
    if gone is not None:
        with st.container(horizontal=True, vertical_alignment="center", key=f"removed_{spec.key}"):
            st.markdown(f":material/delete: Removed {inline(spec.entry_title(gone.entry))}.", width="content")
            st.button("Undo", key=f"undo_{spec.key}", icon=":material/undo:", on_click=desk.undo, args=(spec,))
    outcome = desk.outcome
    if outcome is None or outcome.section != spec.key:
        return
    if outcome.answer["conflict"]:
        _conflicts(desk.candidate_id, outcome, context)
    version = outcome.answer["version"]
    after_save_status(
        KIND,
        desk.candidate_id,
        version,
        acks=lambda: context.backend.acknowledgements.for_version(KIND, desk.candidate_id, version),
        key="profile",
        stored_ms=outcome.stored_ms,
    )


def own_conflicts(desk: ProfileDesk) -> list[str]:
    """The ids of the conflicts that the last save has opened: they are drawn below its section."""
    conflict = desk.outcome.answer["conflict"] if desk.outcome else None
    return list(conflict["ids"]) if conflict else []


def _conflicts(candidate_id: str, outcome: Outcome, context: PageContext) -> None:
    ids = outcome.answer["conflict"]["ids"]
    found, _total = context.bridge.conflicts(
        actor=context.actor, status=None, kind=KIND, entity_id=candidate_id, limit=max(len(ids), 50)
    )
    met = [each for each in found if each.id in ids]
    with st.container(key="save_conflict"):
        for each in met:
            if each.status == "open":
                st.warning(_sentence(each, context), icon=":material/call_split:")
                draw_conflict(each, context)


def _sentence(conflict: ConflictInfo, context: PageContext) -> str:
    field = inline(field_words(conflict.path))
    if conflict.loser_id == context.actor.id and conflict.winner_id != context.actor.id:
        who = _other(conflict.winner_id, conflict.winner_name, conflict.winner_source, context)
        return f"{field}: what you typed was kept aside, because {who} changed it at the same time."
    if conflict.loser_id == conflict.winner_id:
        return f"{field}: you changed it in two places at once. The newer one stands; the older one is kept aside."
    who = _other(conflict.loser_id, conflict.loser_name, conflict.loser_source, context)
    return f"{field}: yours stands. {who[:1].upper() + who[1:]} changed it at the same time; their value is kept aside."


def _other(author_id: str, name: str, source: str, context: PageContext) -> str:
    if not context.source.startswith("admin") and source == "admin_portal":
        return "an administrator"
    return escape(author_words(author_id, name, context.actor.id))
