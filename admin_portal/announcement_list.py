"""The list of announcements: where each is in its life, who has read it, and what can be done to it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import streamlit as st

from admin_portal import announcement_actions as actions
from admin_portal import announcement_editor
from admin_portal.announcement_actions import KIND
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.entities import Entity
from shared_backend.portal_ui.announcement_text import excerpt
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.csv_export import csv_bytes, export_button
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.relative_time import time_caption
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.tables import first_page, pager
from shared_backend.portal_ui.text_safety import inline
from shared_backend.portal_ui.topics import ACK, ack_topic
from shared_backend.services.readership import readership

_WORDS: Final = {
    "all": "All",
    "published": "Published",
    "draft": "Drafts",
    "withdrawn": "Withdrawn",
    "deleted": "Deleted",
}
_BADGES: Final = {
    "published": ("Published", ":material/campaign:", "green"),
    "draft": ("Draft", ":material/edit_note:", "gray"),
    "withdrawn": ("Withdrawn", ":material/visibility_off:", "orange"),
    "deleted": ("Deleted", ":material/delete:", "gray"),
}
_EXPORT_LIMIT: Final = 500


def filters() -> None:
    """State and words, kept in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="announcement_filters"):
        st.segmented_control(
            "State",
            tuple(_WORDS),
            format_func=_WORDS.__getitem__,
            default="all",
            required=True,
            key="announcement_state",
            wrap=True,
            bind="query-params",
            on_change=first_page,
        )
        st.text_input(
            "Search",
            key="announcement_search",
            type="search",
            placeholder="Words of the title or the text",
            bind="query-params",
            on_change=first_page,
            max_chars=200,
            width=320,
        )


def _undo_bar() -> None:
    """After a deletion: what was deleted, and the way back."""
    held = st.session_state.get(actions.DELETED)
    if held is None:
        return
    entity_id, title = held
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f":material/delete: {inline(title or 'Untitled')} was deleted.", width="content")
        st.button(
            "Undo",
            key="undo_delete",
            icon=":material/undo:",
            on_click=actions.undelete,
            args=(entity_id,),
        )


def draw(context: PageContext) -> None:
    """One page of announcements, the newest change first."""
    _undo_bar()
    wanted = _wanted()
    total = context.bridge.find(KIND, actor=context.actor, **wanted, limit=1).total
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{total:,}** announcement{'' if total == 1 else 's'}", width="content")
        if context.actor.may(Permission.EXPORT):
            export_button(
                "announcements.csv",
                partial(_export, wanted),
                key="export_announcements",
                about=repr(sorted(wanted.items())),
                help=f"The newest {_EXPORT_LIMIT:,} announcements of this filter.",
                disabled=not total,
            )
    rows = st.container(gap="medium", key="announcement_list")
    window = pager(total)
    found = context.bridge.find(KIND, actor=context.actor, **wanted, limit=window.size, offset=window.offset)
    with rows:
        if not found.items:
            _nothing(wanted)
        for entity in found.items:
            _card(entity, context.actor.may(Permission.PUBLISH))


def _wanted() -> dict[str, Any]:
    state = st.session_state.get("announcement_state") or "all"
    wanted: dict[str, Any] = {"search": st.session_state.get("announcement_search") or "", "sort": "-updated_at"}
    if state == "deleted":
        return {**wanted, "deleted": True}
    return wanted if state == "all" else {**wanted, "status": (state,)}


def _card(entity: Entity, may_publish: bool) -> None:
    state = "deleted" if entity.deleted else entity.status
    label, icon, colour = _BADGES.get(state, (state, ":material/help:", "gray"))
    with st.container(border=True, key=f"announcement_{entity.id}", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"#### {inline(entity.label or 'Untitled', longest=120)}", width="content")
            with st.container(horizontal=True, width="content", gap="xsmall"):
                if entity.data.get("level") == "important":
                    st.badge("Important", icon=":material/priority_high:", color="red")
                st.badge(label, icon=icon, color=colour)  # type: ignore[arg-type]
        if body := str(entity.data.get("body") or ""):
            st.text(excerpt(body))
        time_caption(f"{label} by {inline(entity.updated_by_name or entity.updated_by)}", entity.updated_at)
        if state == "published":
            topic = ack_topic(KIND, entity.id, entity.version)[1]
            live_region(
                ACK, topic, draw=partial(_readers, entity.id, entity.version), key=f"announcement_readers_{entity.id}"
            )
        if may_publish:
            _buttons(entity, state)


def _readers(entity_id: str, version: int, context: PageContext) -> None:
    found = readership(context.backend.database, entity_id, version, actor=context.actor)
    share = min(found.read / found.people, 1.0) if found.people else 0.0
    words = f"Read by {found.read:,} of {found.people:,} {'person' if found.people == 1 else 'people'}"
    with st.container(key=f"readers_{entity_id}"):
        st.progress(share, text=words, width=320)


def _buttons(entity: Entity, state: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        with st.container(horizontal=True, width="content"):
            if state == "deleted":
                _button("Bring back", f"undelete_{entity.id}", ":material/restore:", actions.undelete, entity.id)
                return
            _button("Edit", f"edit_{entity.id}", ":material/edit:", announcement_editor.open_it, entity.id)
            if state == "published":
                _button("Withdraw", f"withdraw_{entity.id}", ":material/visibility_off:", actions.withdraw, entity.id)
            else:
                _button("Publish", f"publish_{entity.id}", ":material/campaign:", actions.publish, entity.id)
        st.button(
            "Delete announcement",
            key=f"delete_{entity.id}",
            icon=":material/delete:",
            type="tertiary",
            on_click=actions.delete,
            args=(entity.id, entity.label),
        )


def _button(label: str, key: str, icon: str, action: Any, entity_id: str) -> None:
    st.button(label, key=key, icon=icon, on_click=action, args=(entity_id,))


def _nothing(wanted: dict[str, Any]) -> None:
    if wanted["search"]:
        empty("No announcement matches", "Look for other words, or choose another state.", icon=":material/search_off:")
    elif wanted.get("deleted"):
        empty("Nothing was deleted", "Deleted announcements are kept here and can be brought back.")
    elif wanted.get("status"):
        empty("No announcement in this state", "Choose another state above.")
    else:
        empty(
            "No announcements yet",
            "Write the first one: it is a draft until you publish it, and then it is on every home page at once.",
            icon=":material/campaign:",
        )


def _export(wanted: dict[str, Any]) -> bytes:
    context = page_context()
    context.actor.require(Permission.EXPORT, "export announcements")
    found = context.bridge.find(KIND, actor=context.actor, **wanted, limit=_EXPORT_LIMIT)
    return csv_bytes(
        ("Title", "State", "Level", "Text", "Changed", "By", "Version", "Id"),
        [
            (
                each.label,
                "deleted" if each.deleted else each.status,
                each.data.get("level", "info"),
                each.data.get("body", ""),
                each.updated_at,
                each.updated_by_name,
                each.version,
                each.id,
            )
            for each in found.items
        ],
    )
