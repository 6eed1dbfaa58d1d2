"""One alias, written: the title, the occupation that it means, a note; and what became of the save."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

import streamlit as st

from admin_portal import alias_actions as actions
from admin_portal.same_page import same_page
from admin_portal.title_search import PAGE, link
from shared_backend.data_management.title_aliases import alias_id
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.entities import Entity
from shared_backend.portal_ui.context import PageContext, page_context
from shared_backend.portal_ui.editing import RESTORED, EditSession, Head, close_edit, open_edit
from shared_backend.portal_ui.incoming_panel import incoming_panel
from shared_backend.portal_ui.live import Shown
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.relative_time import relative
from shared_backend.portal_ui.save_status import after_save_status
from shared_backend.portal_ui.text_safety import inline
from shared_backend.services.backend import get_backend
from shared_backend.services.job_titles import JobTitles
from shared_backend.services.title_aliases import KIND
from shared_backend.utils.exception_handler import NotFound

NEW: Final = "new"
_FORM: Final = "alias"
_REGION: Final = "alias_editor"
_SAVED: Final = "_alias_saved"
_LABELS: Final = {"title": "Title", "code": "Occupation", "note": "Note"}
_FIELDS: Final = {"title": "", "code": None, "note": ""}
_SUGGESTED = 4


def begin() -> None:
    """Opens the editor on a new alias. Nothing is stored before it is saved."""
    close_edit(_FORM)
    st.session_state.pop(_SAVED, None)
    st.query_params.from_dict({"alias": NEW})


def draw(entity_id: str, context: PageContext) -> None:
    """The editor, for those who may edit; for everybody else what the alias says. The inputs' keys: `alias_title`,
    `alias_code`, `alias_note`."""
    st.page_link(
        PAGE, label="All aliases", icon=":material/arrow_back:", query_params=same_page(view="Aliases"), width="content"
    )
    moved = st.session_state.get(_SAVED, {}).get("moved_to")
    if moved and moved != entity_id:
        # The new alias has its own address from now on.
        st.session_state[_SAVED].pop("moved_to")
        st.query_params.from_dict({"alias": moved})
        entity_id = moved
    draws = _draw_editor if context.actor.may(Permission.EDIT_ALL) else _draw_text
    live_region(KIND, entity_id, draw=partial(draws, entity_id), key=_REGION, also=[("dataset", None)])


def _draw_editor(entity_id: str, context: PageContext) -> Iterable[Shown]:
    if st.session_state.get(_SAVED, {}).get("moved_to") not in (None, entity_id):
        st.rerun()
    entity = _read(context, entity_id)
    if entity is None and entity_id != NEW:
        raise NotFound("There is no such alias. It may have been given another title since.")
    if entity is not None and entity.deleted:
        st.warning(f"The alias {inline(_last_title(context, entity_id))} was removed.", icon=":material/delete:")
        st.button(
            "Bring back",
            key=f"bring_back_{entity.id}",
            icon=":material/restore:",
            on_click=actions.bring_back,
            args=(entity.id,),
        )
        return []
    choices = JobTitles(context.backend.knowledge, context.backend.titles).choices(actor=context.actor)
    head = _head(entity_id, entity)
    edit = open_edit(_FORM, head, region=_REGION)
    incoming_panel(edit, head, _LABELS)
    form, beside = st.columns([3, 2], gap="large")
    with form:
        edit.text_input("title", "Your company's title", max_chars=300, placeholder="Happiness wizard")
        _choose(edit, choices)
        edit.text_input("note", "Note", max_chars=300, placeholder="Why it is this one, for your colleagues")
        st.button(
            "Add alias" if entity is None else "Save changes",
            key="save_alias",
            type="primary",
            icon=":material/save:",
            on_click=_save,
            args=(edit, entity_id),
        )
        st.caption("From the moment that it is saved, everybody who has this title is understood so, on every page.")
        if problem := st.session_state.get(_SAVED, {}).get("problem"):
            st.error(problem, icon=":material/error:")
    with beside:
        _suggestions(str(edit.drafts.get("title") or ""), entity_id, context)
        _status(entity_id, context)
    return [Shown(KIND, entity.id, entity.version)] if entity else []


def _draw_text(entity_id: str, context: PageContext) -> Iterable[Shown]:
    entity = context.bridge.get(KIND, entity_id, actor=context.actor)
    names = JobTitles(context.backend.knowledge, context.backend.titles).choices(actor=context.actor)
    code = str(entity.data.get("code") or "")
    with st.container(border=True):
        st.markdown(f"#### {inline(entity.label or 'Removed alias', longest=120)}")
        if code in names:
            link(code, names[code], icon=":material/work:")
        if note := entity.data.get("note"):
            st.text(note)
    st.caption("Owners and administrators write aliases.")
    return [Shown(KIND, entity.id, entity.version)]


def _choose(edit: EditSession, choices: dict[str, str]) -> None:
    codes = list(choices)
    default = edit.default("code")
    # One that the knowledge in use has no more stays where it is until the person chooses another.
    if default and default not in choices:
        codes = [default, *codes]
    code = st.selectbox(
        "It means the occupation",
        codes,
        index=codes.index(default) if default else None,
        format_func=lambda each: f"{choices.get(each, 'An occupation that is no more')} · {each}",
        key=edit.key("code"),
        placeholder="Type to search the 1,016 occupations" if len(choices) == 1016 else "Type to search",
    )
    edit.heard("code", code)


def _suggestions(title: str, entity_id: str, context: PageContext) -> None:
    """What the title would be understood as without an alias."""
    title = title.strip()
    with st.container(border=True, gap="small", key="alias_suggestions"):
        st.caption("Without an alias it is understood as")
        if not title:
            st.markdown(":gray[Type a title first.]")
            return
        found = JobTitles(context.backend.knowledge, context.backend.titles).read(
            title, actor=context.actor, limit=_SUGGESTED + 1
        )
        taken = found["alias"]
        if taken and taken["id"] == alias_id(title) != entity_id:
            st.warning("This title has an alias already.", icon=":material/apartment:")
            st.page_link(
                PAGE,
                label="Change that one",
                icon=":material/edit:",
                query_params=same_page(alias=taken["id"]),
                width="content",
            )
        told = [each for each in (*found["onet"], *found["nearest"]) if each.get("how") != "alias"][:_SUGGESTED]
        if not found["known"]:
            st.markdown(":material/search_off: Nothing near enough. The nearest:")
        elif found["ambiguous"]:
            st.markdown(":material/help: Several, equally well:")
        for each in told:
            st.markdown(f"{inline(each['title'], longest=60)} :small[:gray[{each['code']} · {each['score']:.2f}]]")
        if not told:
            st.markdown(":gray[Nothing is like it.]")


def _status(entity_id: str, context: PageContext) -> None:
    saved = st.session_state.get(_SAVED, {})
    if saved.get("id") == entity_id and "version" in saved:
        after_save_status(
            KIND,
            entity_id,
            saved["version"],
            acks=partial(context.backend.acknowledgements.for_version, KIND, entity_id, saved["version"]),
            key="alias",
            stored_ms=saved["ms"],
        )
        if saved.get("conflict"):
            st.warning(
                "Somebody else changed the same meanwhile. Your value stands; theirs is kept on the Conflicts page.",
                icon=":material/call_split:",
            )


def _save(edit: EditSession, entity_id: str) -> None:
    context = page_context()
    if entity_id != NEW and edit.is_from_before_restore(_epoch()):
        st.session_state[_SAVED] = {"id": entity_id, "problem": RESTORED}
        return
    changes: dict[str, Any] = edit.changes()
    service = actions.service(context)
    began = time.perf_counter()
    if entity_id == NEW:
        values = {**_FIELDS, **edit.drafts}
        answer = service.add(
            str(values["title"] or ""),
            str(values["code"] or ""),
            str(values["note"] or ""),
            actor=context.actor,
            source=context.source,
        )
    else:
        changes = {path: value or None if path == "note" else value or "" for path, value in changes.items()}
        answer = service.change(
            entity_id, changes, base_version=edit.base_version, actor=context.actor, source=context.source
        )
    if not answer["success"]:
        st.session_state[_SAVED] = {"id": entity_id, "problem": str(answer["error"])}
        return
    stands = _read(context, answer["id"])
    if answer["id"] == entity_id:
        edit.saved(_head(entity_id, stands))
    else:
        close_edit(_FORM)
    st.session_state[_SAVED] = {
        "id": answer["id"],
        "moved_to": answer["id"] if answer["id"] != entity_id else None,
        "version": answer["version"],
        "conflict": bool(answer["conflict"]),
        "ms": (time.perf_counter() - began) * 1000,
    }


def _read(context: PageContext, entity_id: str) -> Entity | None:
    if entity_id == NEW:
        return None
    try:
        return context.bridge.get(KIND, entity_id, actor=context.actor)
    except NotFound:
        return None


def _last_title(context: PageContext, entity_id: str) -> str:
    versions = context.bridge.history(KIND, entity_id, actor=context.actor, limit=5)
    return next((str(each.data.get("title")) for each in versions if not each.deleted), "")


def _head(entity_id: str, entity: Entity | None) -> Head:
    epoch = _epoch()
    if entity is None:
        # A title or an occupation may come with the address: from a search, or from an occupation's page.
        given = {"title": st.query_params.get("for", ""), "code": st.query_params.get("means") or None}
        return Head(KIND, entity_id, 0, {**_FIELDS, **given}, epoch=epoch)
    values = {name: entity.data.get(name) or default for name, default in _FIELDS.items()}
    return Head(KIND, entity_id, entity.version, values, entity.updated_by_name, relative(entity.updated_at), epoch)


def _epoch() -> str:
    return get_backend().watcher.position.epoch
