"""The head of a candidate's page: who it is, how complete, what is said of the account; and deleting, apart."""

from __future__ import annotations

import streamlit as st

from admin_portal.candidate_account import account_menu, account_of, status_badge
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.entities import Entity
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.erase_person import draw_erase
from shared_backend.portal_ui.live_component import changed_mark
from shared_backend.portal_ui.profile_desk import KIND
from shared_backend.portal_ui.profile_words import author_words, portal_words
from shared_backend.portal_ui.relative_time import time_caption
from shared_backend.portal_ui.text_safety import escape, inline, isolate, shorten


def name_of(entity: Entity, fallback: str = "") -> str:
    """What a candidate is called on this page."""
    return entity.label or fallback or f"Candidate {entity.id[:8]}"


def draw_header(entity: Entity, context: PageContext) -> None:
    """Name, headline, states, last change, and the account's menu at the right."""
    account = account_of(entity.id, context)
    name = name_of(entity, account.name if account else "")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="page_header"
    ):
        with st.container(gap="xxsmall", width=640):
            st.title(inline(name), anchor=False)
            headline = entity.data.get("basics", {}).get("label", "")
            st.caption(inline(headline, longest=300) if headline else "No headline yet")
        with st.container(horizontal=True, width="content", key="page_action"):
            account_menu(account, context)
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badge(str(account.status) if account else "none")
        st.badge(f":material/donut_large: {entity.score}% complete", color="blue")
        st.badge(f":material/tag: Version {entity.version:,}", color="gray")
        who = author_words(entity.updated_by, entity.updated_by_name, context.actor.id)
        with st.container(width="content"):
            by = "you" if who == "You" else inline(who)
            time_caption("changed", entity.updated_at, f"by {by}, {portal_words(entity.updated_source)}")


def draw_changed_mark(entity: Entity, context: PageContext) -> None:
    """Tells for a moment who has just changed the profile; it keeps its place, so that nothing moves."""
    who = author_words(entity.updated_by, entity.updated_by_name, context.actor.id)
    changed_mark(entity.version, "you" if who == "You" else isolate(shorten(who, 60)), key="candidate")


def draw_deleted(entity: Entity, context: PageContext) -> None:
    """In the profile's place while it is deleted: who did it, and the way back."""
    who = inline(author_words(entity.updated_by, entity.updated_by_name, context.actor.id))
    with st.container(border=True, key="profile_deleted"):
        st.markdown("#### :material/delete: This profile is deleted")
        time_caption("deleted", entity.updated_at, f"by {who}. Nobody sees it; everything is kept in its history.")
        if context.actor.may(Permission.EDIT_ALL):
            st.button(
                "Bring the profile back",
                key="undelete_profile",
                icon=":material/undo:",
                type="primary",
                on_click=_undelete,
                args=(entity.id,),
            )
    _erase(entity, context)


def draw_danger(entity: Entity, context: PageContext) -> None:
    """Deleting the profile, apart from everything else on the page."""
    if not context.actor.may(Permission.EDIT_ALL):
        return
    name = name_of(entity)
    with st.popover(
        f"Delete {isolate(escape(shorten(name, 40)))}'s profile", icon=":material/delete:", key="delete_menu"
    ):
        st.text("It disappears from both portals at once. Its history is kept, and it can be brought back here.")
        st.button(
            "Delete the profile",
            key="delete_profile",
            icon=":material/delete:",
            on_click=_delete,
            args=(entity.id,),
        )
    _erase(entity, context)


def _erase(entity: Entity, context: PageContext) -> None:
    """For good, where there is a person behind the profile."""
    if context.actor.may(Permission.MANAGE_PEOPLE) and account_of(entity.id, context) is not None:
        draw_erase(entity.id, own=False)


def _delete(candidate_id: str) -> None:
    context = page_context()
    _tell(
        context.bridge.delete(KIND, candidate_id, source=context.source, actor=context.actor), "The profile is deleted."
    )


def _undelete(candidate_id: str) -> None:
    context = page_context()
    _tell(
        context.bridge.undelete(KIND, candidate_id, source=context.source, actor=context.actor), "The profile is back."
    )


def _tell(answer: dict[str, object], done: str) -> None:
    if answer["success"]:
        st.toast(done, icon=":material/check_circle:")
    else:
        st.toast(escape(answer["error"]), icon=":material/error:")
