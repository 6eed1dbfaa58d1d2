"""The company's aliases: which title means which occupation, who says so, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

import streamlit as st

from admin_portal import alias_actions as actions
from admin_portal.same_page import same_page
from admin_portal.title_search import PAGE, link
from shared_backend.identity.actor import Actor
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.entities import Entity
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.csv_export import csv_bytes, export_button
from shared_backend.portal_ui.live import Shown
from shared_backend.portal_ui.relative_time import time_caption
from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.tables import first_page, pager
from shared_backend.portal_ui.text_safety import inline
from shared_backend.services.backend import Backend
from shared_backend.services.job_titles import JobTitles
from shared_backend.services.title_aliases import KIND

_STATES: Final = ("Current", "Removed")  # as they stand in the address
_EXPORT_LIMIT: Final = 500
_OF_ONE: Final = 20


def filters() -> None:
    """State and words, kept in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="alias_filters"):
        st.segmented_control(
            "State",
            _STATES,
            default=_STATES[0],
            required=True,
            key="alias_state",
            bind="query-params",
            on_change=first_page,
        )
        st.text_input(
            "Search",
            key="alias_search",
            type="search",
            placeholder="Title, code or note",
            bind="query-params",
            on_change=first_page,
            max_chars=200,
            width=320,
        )


def draw(context: PageContext) -> Iterable[Shown]:
    """One page of aliases, by title."""
    _undo_bar()
    wanted = _wanted()
    total = context.bridge.find(KIND, actor=context.actor, **wanted, limit=1).total
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"{total:,} alias{'' if total == 1 else 'es'}", width="content")
        if context.actor.may(Permission.EXPORT):
            export_button(
                "aliases.csv",
                partial(_export, wanted),
                key="export_aliases",
                about=tuple(sorted(wanted.items())),
                disabled=not total,
            )
    rows = st.container(gap="small", key="alias_rows")
    window = pager(total)
    found = context.bridge.find(KIND, actor=context.actor, **wanted, limit=window.size, offset=window.offset)
    names = _names(context.backend, context.actor)
    with rows:
        if not found.items:
            _nothing(wanted, context)
        for entity in found.items:
            _row(entity, names, context.actor.may(Permission.EDIT_ALL))
    return [Shown(KIND, entity.id, entity.version) for entity in found.items]


def draw_of_occupation(code: str, context: PageContext) -> Iterable[Shown]:
    """The aliases that mean one occupation, in a line; the way to add one."""
    found = context.bridge.find(KIND, actor=context.actor, status=(code,), limit=_OF_ONE)
    may_edit = context.actor.may(Permission.EDIT_ALL)
    if not found.items and not may_edit:
        return []
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="aliases_of_occupation"):
        st.markdown(":material/apartment: Your company's titles for it:", width="content")
        for entity in found.items:
            st.page_link(
                PAGE, label=inline(entity.label, longest=60), query_params=same_page(alias=entity.id), width="content"
            )
        if not found.items:
            st.markdown(":gray[none]", width="content")
        if may_edit:
            st.page_link(
                PAGE,
                label="Add one",
                icon=":material/add:",
                query_params=same_page(alias="new", means=code),
                width="content",
            )
    return [Shown(KIND, entity.id, entity.version) for entity in found.items]


def _row(entity: Entity, names: Mapping[str, str], may_edit: bool) -> None:
    code = str(entity.data.get("code") or "")
    with st.container(border=True, gap="xxsmall", key=f"alias_{entity.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{inline(entity.label or 'Removed alias', longest=100)}**", width="content")
            if not entity.deleted:
                st.markdown(":gray[means]", width="content")
                if code in names:
                    link(code, names[code])
                else:
                    st.badge("Its occupation is no more", icon=":material/warning:", color="orange")
                st.caption(f"`{code}`", width="content")
        if note := entity.data.get("note"):
            st.text(note)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            who = inline(entity.updated_by_name or "a script", longest=60)
            with st.container(width="content"):
                time_caption(f"{'Removed' if entity.deleted else 'Set'} by {who}", entity.updated_at)
            if may_edit:
                _buttons(entity)


def _buttons(entity: Entity) -> None:
    with st.container(horizontal=True, width="content", gap="small", vertical_alignment="center"):
        if entity.deleted:
            st.button(
                "Bring back",
                key=f"bring_back_{entity.id}",
                icon=":material/restore:",
                on_click=actions.bring_back,
                args=(entity.id,),
            )
            return
        st.page_link(
            PAGE, label="Change", icon=":material/edit:", query_params=same_page(alias=entity.id), width="content"
        )
        st.button(
            "Remove alias",
            key=f"remove_alias_{entity.id}",
            icon=":material/delete:",
            type="tertiary",
            on_click=actions.remove,
            args=(entity.id, entity.label),
        )


def _undo_bar() -> None:
    held = st.session_state.get(actions.REMOVED)
    if held is None:
        return
    entity_id, title = held
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f":material/delete: The alias {inline(title)} was removed.", width="content")
        st.button("Undo", key="undo_alias", icon=":material/undo:", on_click=actions.bring_back, args=(entity_id,))


def _wanted() -> dict[str, Any]:
    wanted: dict[str, Any] = {"search": st.session_state.get("alias_search") or "", "sort": "label"}
    if st.session_state.get("alias_state") == _STATES[1]:
        return {**wanted, "deleted": True, "sort": "-updated_at"}
    return wanted


def _nothing(wanted: dict[str, Any], context: PageContext) -> None:
    if wanted["search"]:
        empty("No alias matches", "Look for other words.", icon=":material/search_off:")
    elif wanted.get("deleted"):
        empty("No alias was removed", "What is removed is kept here, and can be brought back.")
    else:
        empty(
            "No aliases yet",
            "Say which occupation a title of your company's own means: everybody who has it is understood so at once."
            if context.actor.may(Permission.EDIT_ALL)
            else "Administrators say which occupation a title of the company's own means.",
            icon=":material/apartment:",
        )


def _names(backend: Backend, actor: Actor) -> dict[str, str]:
    return JobTitles(backend.knowledge, backend.titles).choices(actor=actor)


def _export(wanted: dict[str, Any]) -> bytes:
    context = page_context()
    context.actor.require(Permission.EXPORT, "export aliases")
    found = context.bridge.find(KIND, actor=context.actor, **wanted, limit=_EXPORT_LIMIT)
    names = _names(context.backend, context.actor)
    return csv_bytes(
        ("Title", "Code", "Occupation", "Note", "Changed", "By", "Version", "Id"),
        [
            (
                each.label,
                each.data.get("code", ""),
                names.get(str(each.data.get("code", "")), ""),
                each.data.get("note", ""),
                each.updated_at,
                each.updated_by_name,
                each.version,
                each.id,
            )
            for each in found.items
        ],
    )
